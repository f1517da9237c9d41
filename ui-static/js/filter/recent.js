// Filters that were used before, for Up and Down in the field and for the palette. Kept in this browser alone.

const KEY = "waylay.filters", MOST = 50;

/** The newest first. @returns {string[]} */
export function recent() {
  try {
    const kept = JSON.parse(localStorage.getItem(KEY) ?? "[]");
    return Array.isArray(kept) ? kept.filter((one) => typeof one === "string") : [];
  } catch {
    return [];
  }
}

/** @param {string} filter */
export function remember(filter) {
  if (!filter) return;
  const kept = [filter, ...recent().filter((one) => one !== filter)].slice(0, MOST);
  try {
    localStorage.setItem(KEY, JSON.stringify(kept));
  } catch {
    // The browser keeps nothing: then there is nothing to recall.
  }
}

/** A place among them that Up and Down move; 0 is what is being written. */
export class Recall {
  constructor() {
    this.at = 0;
    this.draft = "";
  }

  /**
   * @param {1 | -1} step 1 is earlier
   * @param {string} now what stands in the field
   * @returns {string | null} what is to stand there; `null` for no change
   */
  move(step, now) {
    const all = recent().filter((one) => one !== (this.at === 0 ? now : this.draft)), to = this.at + step;
    if (to < 0 || to > all.length) return null;
    if (this.at === 0) this.draft = now;
    this.at = to;
    return to === 0 ? this.draft : all[to - 1];
  }

  /** Something was written. */
  reset() {
    this.at = 0;
  }
}
