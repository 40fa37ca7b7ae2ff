const secrets: readonly RegExp[] = [
  // Slack's tokens and configuration tokens.
  /\bxox[a-z](?:\.xox[a-z])?-[\w-]{6,}/g,
  /\bxapp-[\w-]{6,}/g,
  // A hook or a response_url lets whoever holds it post.
  /https:\/\/hooks\.slack(?:-gov)?\.com\/[^\s"'<>\\]+/g,
  // JSON web tokens, among them those of service accounts.
  /\beyJ[\w-]{5,}\.[\w-]{5,}\.[\w-]*/g,
  /\b(?:AKIA|ASIA)[A-Z0-9]{16}\b/g,
  /\bsha256~[\w-]{20,}/g,
  /-----BEGIN [A-Z ]*PRIVATE KEY-----[^"]*?(?:-----END [A-Z ]*PRIVATE KEY-----|(?=")|$)/g,
];
const bearer = /\b(Bearer|Basic|Token)(\s+)[\w.~+/=-]{12,}/gi;
const urlPassword = /\b([a-z][a-z0-9+.-]*:\/\/[^\s:/@"']*):[^\s@/"']+@/gi;

/** Takes out whatever looks like a credential. The last step before a text leaves the process. */
export function redact(text: string): string {
  let clean = text;
  for (const secret of secrets) clean = clean.replaceAll(secret, '[redacted]');
  return clean.replaceAll(bearer, '$1$2[redacted]').replaceAll(urlPassword, '$1:[redacted]@');
}

/** The same for every text in a plain value. */
export function redactAll<T>(value: T): T {
  if (typeof value === 'string') return redact(value) as T;
  if (Array.isArray(value)) return value.map((item) => redactAll(item)) as T;
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, part]) => [key, redactAll(part)])) as T;
}
