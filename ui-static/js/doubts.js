// Changed exchanges of which only the daemon can tell whether they pass a filter: gathered, then asked for together.

import { exchanges } from "./api.js";

/** @import { Summary } from "./api-types.js" */

/** Exchanges of one answer. */
const MOST = 1000;
/** Milliseconds they gather, and until another try after a failure. */
const GATHER = 300, AGAIN = 2000;

export class Doubts {
  /** @param {(passing: Summary[], not: number[]) => void} onanswer `not`: sequence numbers of what does not pass */
  constructor(onanswer) {
    this.onanswer = onanswer;
    /** @type {Set<number>} */
    this.seqs = new Set();
    this.filter = "";
    this.timer = 0;
    this.signal = new AbortController().signal;
  }

  /**
   * @param {string} filter
   * @param {number[]} seqs
   * @param {AbortSignal} signal
   */
  ask(filter, seqs, signal) {
    if (filter !== this.filter) this.clear();
    Object.assign(this, { filter, signal });
    for (const seq of seqs) this.seqs.add(seq);
    if (this.seqs.size) this.timer ||= setTimeout(() => void this.#settle(), GATHER);
  }

  /** The filter is another one: nothing is in doubt. */
  clear() {
    this.seqs.clear();
  }

  async #settle() {
    const asked = [...this.seqs].sort((a, b) => a - b), { filter } = this;
    this.seqs.clear();
    try {
      for (const run of runs(asked)) {
        const page = await this.#pass(run);
        if (this.filter !== filter) return;
        const passing = new Set(page.map(({ seq }) => seq));
        this.onanswer(page.filter(({ seq }) => run.includes(seq)), run.filter((seq) => !passing.has(seq)));
      }
    } catch {
      if (this.filter === filter) for (const seq of asked) this.seqs.add(seq);
    } finally {
      this.timer = this.seqs.size ? setTimeout(() => void this.#settle(), AGAIN) : 0;
    }
  }

  /**
   * @param {number[]} run ascending
   * @returns {Promise<Summary[]>} what passes between the first and the last of `run`
   */
  async #pass(run) {
    const found = [], last = run[run.length - 1];
    for (let after = run[0] - 1; after < last;) {
      const limit = Math.min(MOST, last - after);
      const { items } = await exchanges({ filter: this.filter, after, limit }, this.signal);
      found.push(...items);
      if (items.length < limit) break;
      after = items[items.length - 1].seq;
    }
    return found;
  }
}

/**
 * Splits ascending numbers where a gap would make one question span too much.
 * @param {number[]} seqs
 */
function runs(seqs) {
  /** @type {number[][]} */
  const found = [];
  for (const seq of seqs) {
    const run = found.at(-1);
    if (run && seq - run[run.length - 1] <= 200) run.push(seq);
    else found.push([seq]);
  }
  return found;
}
