// What could be typed next in the command box.

const MOST = 8;
const WORD = /^[a-z][a-z0-9-]*$/;

/** The plain words of a usage hint: `mtls|metrics <namespace>` offers `mtls` and `metrics`. */
function wordsOf(usageHint) {
  const first = String(usageHint ?? '')
    .trim()
    .split(/\s+(?=[<[{(])/)[0];
  return first
    .replace(/^[[({]|[\])}]$/g, '')
    .split(/[\s|,]+/)
    .filter((word) => WORD.test(word));
}

function forCommand(entry, typed) {
  const { command, description, usageHint } = entry;
  if (command.startsWith(typed)) return [{ text: `${command} `, label: command, usage: usageHint, description }];
  if (!typed.startsWith(`${command} `)) return [];
  const rest = typed.slice(command.length + 1);
  const words = rest.includes(' ') ? [] : wordsOf(usageHint);
  return words
    .filter((word) => word.startsWith(rest) && word !== rest)
    .map((word) => ({ text: `${command} ${word} `, label: `${command} ${word}`, usage: '', description: '' }));
}

/** Completions for what was typed: {text, label, usage, description}. */
export function completions(commands, typed, history = []) {
  if (!typed.startsWith('/')) return [];
  const found = (commands ?? []).flatMap((entry) => forCommand(entry, typed));
  const labels = new Set(found.map((one) => one.label));
  const earlier = [...new Set(history)].filter((text) => text.startsWith(typed) && text !== typed && !labels.has(text));
  const recent = earlier.slice(-3).map((text) => ({ text, label: text, usage: '', description: 'asked before' }));
  return [...found, ...(typed.length > 1 ? recent : [])].slice(0, MOST);
}
