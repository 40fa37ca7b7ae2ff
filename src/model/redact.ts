const secrets: readonly RegExp[] = [
  // Slack's tokens and configuration tokens.
  /\bxox[a-z](?:\.xox[a-z])?-[\w-]{6,}/g,
  /\bxapp-[\w-]{6,}/g,
  // A hook or a response_url lets whoever holds it post.
  /https:\/\/hooks\.slack(?:-gov)?\.com\/[^\s"'<>\\]+/g,
  // JSON web tokens, among them those of service accounts.
  /\beyJ[\w-]{5,}\.[\w-]{5,}\.[\w-]*/g,
  /\b(?:AKIA|ASIA)[A-Z0-9]{16}\b/g,
  /\bAIza[\w-]{30,}/g,
  /\b(?:gh[oprsu]_|github_pat_)\w{20,}/g,
  /\bsha256~[\w-]{20,}/g,
  // The same, and PEM, packed once more: base64 of `xoxb-`, `eyJ`, `AKIA`, `AIza`, `ghp_`, `github_pat_`, `Bearer `, …
  /\b(?:eG94[YcZ]|eGFwc|ZXlK|QUtJQ|QVNJQ|QUl6Y|Z2h[vwyzd1]X|Z2l0aHViX3BhdF|c2hhMjU2f|QmVhcmVyI)[\w+/-]{12,}={0,2}/g,
  /\bLS0tLS1CRUdJTi[\w+/-]{12,}={0,2}/g,
  /-----BEGIN [A-Z ]*PRIVATE KEY-----[^"]*?(?:-----END [A-Z ]*PRIVATE KEY-----|(?=")|$)/g,
];
/** What follows is one or the other, unless it is a word: "bearer authentication", "the token bookinfo-gateway". */
const bearer = /\b(bearer)(\s+)(?![a-z]{12,19}(?![\w.~+/=-]))[\w.~+/=-]{12,}/gi;
const scheme = /\b([Bb]asic|[Tt]oken|BASIC|TOKEN)(\s+)(?![A-Za-z]?[a-z]+(?:-[a-z]+)*(?![\w~+/=-]))[\w.~+/=-]{12,}/g;
const urlPassword = /\b([a-z][a-z0-9+.-]{0,20}:\/\/[^\s:/@"']*):[^\s@/"']+@/gi;

/** Names whose value is secret, by how they end: `clientSecret`, not `secretName`; `bearerToken`, not `tokenReview`. */
const weak = 'token|secret';
const strong = 'password|passwd|api[-_.]?key|secret[-_.]?access[-_.]?key|authorization|cookie';
const ending = String.raw`[\w./-]*(?:${strong}|${weak})`;
const name = String.raw`(?<![\w./-])${ending}`;
const inJson = new RegExp(String.raw`("${name}"\s*:\s*")((?:[^"\\]|\\.)+)"`, 'gi');
/** JSON in JSON: more backslashes than before the first quote belong to a text deeper inside. */
const inPackedJson = new RegExp(
  String.raw`((?<!\\)(\\+)"${name}\2"\s*:\s*\2")((?:[^"\\]|\\+[^"\\]|\2\\+")+)(?=\2")`,
  'gi',
);
/** A line of YAML, of a diff of it, of headers or of an environment: up to its end. */
const inLine = new RegExp(
  String.raw`^([-+>#\t ]*(?:export )?["']?)(${ending})(["']?[ \t]*(?::[ \t]+|=[ \t]*))(\S.*)$`,
  'gim',
);
const inPassing = new RegExp(String.raw`(${name})(["']?:[ \t]+["']?)([^\s,;}\]"'\`<>\\]+)`, 'gi');
const assigned = new RegExp(String.raw`(${name})(=["']?)([^\s&;,"'\`<>)\]}\\]+)`, 'gi');
const cookies = /\b((?:set-)?cookie["']?\s*:\s*["']?)([^\s=;,"']+=[^\s;,"'<>\\]+(?:;\s*[^\s;=]+=[^\s;,"'<>\\]+)*)/gi;
/** What begins a text of several lines, each of them deeper than this one. */
const blockOfLines = new RegExp(String.raw`^[-+\s]*["']?${ending}["']?[ \t]*:[ \t]*[|>][-+\d]*[ \t]*$`, 'i');

const isWeak = new RegExp(`(?:${weak})$`, 'i');
/** Nothing, a reference, another mapping, or taken out already. */
const harmless = /^(?:["']?(?:true|false|null|none|~|\[redacted\])?["']?,?|\{.*|\[.*|[|>][-+\d]*|\$[({][\w.]+[)}])$/i;

/** Takes out whatever looks like a credential. The last step before a text leaves the process. */
export function redact(text: string): string {
  let clean = withoutBlocks(text);
  for (const secret of secrets) clean = clean.replaceAll(secret, '[redacted]');
  return clean
    .replaceAll(bearer, '$1$2[redacted]')
    .replaceAll(scheme, '$1$2[redacted]')
    .replaceAll(urlPassword, '$1:[redacted]@')
    .replaceAll(inJson, (all, before: string, value: string) => (harmless.test(value) ? all : `${before}[redacted]"`))
    .replaceAll(inPackedJson, (all, before: string, _: string, value: string) =>
      harmless.test(value) ? all : `${before}[redacted]`,
    )
    .replaceAll(inLine, ofLine)
    .replaceAll(cookies, '$1[redacted]')
    .replaceAll(inPassing, ofPassing)
    .replaceAll(assigned, (all, key: string, sign: string, value: string) =>
      isHarmless(value) ? all : `${key}${sign}[redacted]`,
    );
}

/** The same for every text in a plain value. */
export function redactAll<T>(value: T): T {
  if (typeof value === 'string') return redact(value) as T;
  if (Array.isArray(value)) return value.map((item) => redactAll(item)) as T;
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, part]) => [key, redactAll(part)])) as T;
}

function ofLine(all: string, before: string, key: string, sign: string, value: string): string {
  if (harmless.test(value)) return all;
  const isProse = isWeak.test(key) && /^[^"'].*\s/.test(value);
  return isProse ? all : `${before}${key}${sign}[redacted]`;
}

function ofPassing(all: string, key: string, sign: string, value: string): string {
  const isSaid = isWeak.test(key) || /authorization$/i.test(key);
  return isHarmless(value) || (isSaid && !looksMade(value)) ? all : `${key}${sign}[redacted]`;
}

function isHarmless(value: string): boolean {
  return harmless.test(value) || /^\$[({]/.test(value);
}

/** Not a word, nor a name that somebody chose. */
function looksMade(value: string): boolean {
  if (!/\d/.test(value)) return false;
  return value.length >= 16 || (value.length >= 8 && /[a-z]/.test(value) && /[A-Z]/.test(value));
}

/** YAML's texts of several lines under the name of a secret. */
function withoutBlocks(text: string): string {
  if (!text.includes('\n')) return text;
  const kept: string[] = [];
  let hidden: number | undefined;
  for (const one of text.split('\n')) {
    const depth = /^[-+]?\s*/.exec(one)?.[0].length ?? 0;
    if (hidden !== undefined && (depth > hidden || /^[-+]?\s*$/.test(one))) continue;
    hidden = blockOfLines.test(one) ? depth : undefined;
    kept.push(hidden === undefined ? one : `${one.replace(/[|>][-+\d]*[ \t]*$/, '')}[redacted]`);
  }
  return kept.join('\n');
}
