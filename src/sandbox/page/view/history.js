// What each person has sent, for the arrow-up key. It lasts as long as the tab.

const MOST = 50;
const keyOf = (as) => `sandbox-history-${as}`;

export function readHistory(as) {
  try {
    return JSON.parse(sessionStorage.getItem(keyOf(as)) ?? '[]');
  } catch {
    return [];
  }
}

export function remember(as, text) {
  const lines = [...readHistory(as).filter((line) => line !== text), text].slice(-MOST);
  try {
    sessionStorage.setItem(keyOf(as), JSON.stringify(lines));
  } catch {
    // Without storage the box simply has no history.
  }
}
