// What is being written outlives a reload. It stays in this window alone, secrets and all, and goes with it.

const KEY = "waylay.draft.";
/** Characters of a draft that is kept, and how many are. */
const LONGEST = 1_000_000, MOST = 20;

/** @param {string} at @returns {import("../api-types.js").Draft | null} */
export function keptDraft(at) {
  try {
    return JSON.parse(sessionStorage.getItem(KEY + at) ?? "null");
  } catch {
    return null;
  }
}

/** @param {string} at @param {string | null} text `null`: there is nothing to keep */
export function keepDraft(at, text) {
  try {
    if (text === null || text.length > LONGEST) return sessionStorage.removeItem(KEY + at);
    const known = Object.keys(sessionStorage).filter((key) => key.startsWith(KEY) && key !== KEY + at);
    for (const key of known.slice(0, Math.max(0, known.length + 1 - MOST))) sessionStorage.removeItem(key);
    sessionStorage.setItem(KEY + at, text);
  } catch {
    // The browser keeps nothing, or is full: a reload forgets.
  }
}

/** @param {string} at */
export const forgetDraft = (at) => keepDraft(at, null);
