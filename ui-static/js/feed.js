// Keeps the loaded rows true: pages of the list, rows as they happen, and the filter that decides which belong.

import { ApiError, exchanges } from "./api.js";
import { decidable, problem } from "./filter-text.js";
import { countRejections } from "./rejections.js";
import { store } from "./state.js";
import { DONE, FAILED } from "./table/columns.js";

/** @import { Summary } from "./api-types.js" */
/** @import { Columns } from "./table/columns.js" */
/** @import { Order, SortKey } from "./table/order.js" */

const FIRST = 300, MORE = 1000;
/** Rows kept while the reader follows the end; beyond it the oldest go, and can be loaded again. */
const MOST = 200_000, SPARE = 50_000;
/** Exchanges a catch-up may span before loading anew is cheaper. */
const FAR = 5000;

export class Feed {
  /**
   * @param {Columns} columns
   * @param {Order} order
   */
  constructor(columns, order) {
    this.columns = columns;
    this.order = order;
    this.filter = "";
    /** Whether new rows come into sight as they arrive. */
    this.following = true;
    /** @type {Set<number>} Rows that arrived out of sight. */
    this.fresh = new Set();
    /** @type {Set<number>} Changed exchanges whose match only the daemon can tell. */
    this.doubtful = new Set();
    this.asking = new AbortController();
    /** @type {Summary[] | null} What the stream brought while a page was on its way. */
    this.waiting = null;
    this.newest = 0;
    this.loadingOlder = false;
    this.settling = 0;
  }

  /**
   * Shows what passes `filter`. If it cannot be read, the rows stay and the state says why.
   * @param {string} filter
   * @returns {Promise<boolean>} whether the rows were replaced
   */
  async load(filter) {
    this.asking.abort();
    const asking = (this.asking = new AbortController());
    this.waiting ??= [];
    try {
      const page = await this.#firstPage(filter, asking.signal);
      this.columns.clear();
      this.order.clear();
      this.doubtful.clear();
      this.fresh.clear();
      this.order.insert(this.#put(page.items));
      countRejections(page.items);
      if (!this.order.chronological) this.order.sort(this.order.key, this.order.descending);
      store.set({ loaded: true, matched: page.matched, older: page.before });
      this.#changed();
      return true;
    } catch (error) {
      if (error instanceof ApiError && error.status === 400) store.set({ filterError: problem(error, filter) });
      else if (error instanceof ApiError && error.status === 401) store.set({ login: "out" });
      return false;
    } finally {
      if (this.asking === asking) this.#release();
    }
  }

  /**
   * @param {string} filter
   * @param {AbortSignal} signal
   */
  async #firstPage(filter, signal) {
    try {
      const page = await exchanges({ filter, limit: FIRST }, signal);
      this.filter = filter;
      store.set({ filterError: null });
      return page;
    } catch (error) {
      if (!(error instanceof ApiError) || error.status !== 400 || store.state.loaded) throw error;
      store.set({ filterError: problem(error, filter) });
      this.filter = "";
      return exchanges({ limit: FIRST }, signal);
    }
  }

  #release() {
    const { waiting } = this;
    this.waiting = null;
    if (waiting?.length) this.apply(waiting);
  }

  /** Loads the page before the oldest row. */
  async older() {
    const { older, revision } = store.state;
    if (older === null || this.loadingOlder || revision === 0) return;
    this.loadingOlder = true;
    try {
      const page = await exchanges({ filter: this.filter, before: older, limit: MORE }, this.asking.signal);
      const slots = this.#put(page.items);
      if (this.order.key === "time" && !this.order.descending) this.order.insert(slots);
      else this.order.sort(this.order.key, this.order.descending);
      store.set({ older: page.before });
      this.#changed();
    } catch {
      // Whatever is wrong shows in the connection; scrolling asks again.
    } finally {
      this.loadingOlder = false;
    }
  }

  /**
   * Takes new and changed rows from the event stream.
   * @param {Summary[]} items
   */
  apply(items) {
    if (this.waiting) return void this.waiting.push(...items);
    const unseen = items.filter(({ seq }) => seq > this.newest).length;
    this.newest = items.reduce((newest, { seq }) => Math.max(newest, seq), this.newest);
    if (unseen > 0) store.set({ total: store.state.total + unseen });
    const passes = decidable(this.filter), from = store.state.older === null ? 0 : this.columns.range.oldest;
    const near = items.filter(({ seq }) => seq >= from);
    if (passes) {
      const known = this.columns.length;
      this.#add(near.filter(passes));
      this.#matchedMore(this.columns.length - known);
      this.#changed();
    } else {
      for (const { seq } of near) this.doubtful.add(seq);
      this.settling ||= setTimeout(() => this.#settle(), 300);
    }
  }

  /** After the stream was away: whatever came or changed meanwhile. */
  async catchUp() {
    if (!store.state.loaded) return;
    const { flags, numbers, slots, range: { newest: last } } = this.columns;
    let from = last;
    for (const slot of slots.values()) if (!(flags[slot] & DONE)) from = Math.min(from, numbers.seq[slot] - 1);
    if (last === 0 || last - from > FAR) return void (await this.load(this.filter));
    for (let after = from, round = 0; round < FAR / MORE; round++) {
      const page = await exchanges({ filter: this.filter, after, limit: MORE }, this.asking.signal).catch(() => null);
      if (!page) return;
      this.#add(page.items);
      this.#changed();
      const end = page.items.at(-1);
      if (!end || page.items.length < MORE) return;
      after = end.seq;
    }
    await this.load(this.filter);
  }

  /**
   * @param {SortKey} key
   * @param {boolean} descending
   */
  sort(key, descending) {
    this.order.sort(key, descending);
    this.clearFresh();
    this.#changed();
  }

  /** The reader sees the new rows. */
  clearFresh() {
    if (this.fresh.size && !this.order.chronological) this.order.sort(this.order.key, this.order.descending);
    this.fresh.clear();
    store.set({ fresh: { count: 0, failed: 0 } });
  }

  /**
   * Writes rows and returns the slots of those that were not there.
   * @param {Summary[]} items
   */
  #put(items) {
    const added = [];
    this.order.touch();
    for (const item of items) {
      const { slot, added: isNew } = this.columns.put(item);
      if (isNew) added.push(slot);
      this.newest = Math.max(this.newest, item.seq);
    }
    return added;
  }

  /** @param {Summary[]} items Rows of now: in sight if the reader follows, else counted as new. */
  #add(items) {
    const added = this.#put(items), { order } = this;
    if (order.chronological) order.insert([...added]);
    if (this.following && order.chronological) return this.#trim();
    for (const slot of added) this.fresh.add(slot);
  }

  /** Asks the daemon which of the doubtful rows pass. */
  async #settle() {
    const asked = [...this.doubtful].sort((a, b) => a - b), { filter } = this;
    this.doubtful.clear();
    try {
      const known = this.columns.length;
      for (const run of runs(asked)) {
        const page = await this.#pass(filter, run);
        if (this.filter !== filter) return;
        this.#add(page.filter(({ seq }) => run.includes(seq)));
        const passing = new Set(page.map(({ seq }) => seq));
        this.#drop(run.filter((seq) => !passing.has(seq)));
      }
      this.#matchedMore(this.columns.length - known);
      this.#changed();
    } catch {
      for (const seq of asked) this.doubtful.add(seq);
    } finally {
      this.settling = this.doubtful.size ? setTimeout(() => this.#settle(), 2000) : 0;
    }
  }

  /**
   * @param {string} filter
   * @param {number[]} run ascending
   * @returns {Promise<Summary[]>} what passes between the first and the last of `run`
   */
  async #pass(filter, run) {
    const found = [], last = run[run.length - 1];
    for (let after = run[0] - 1; after < last;) {
      const limit = Math.min(MORE, last - after);
      const { items } = await exchanges({ filter, after, limit }, this.asking.signal);
      found.push(...items);
      if (items.length < limit) break;
      after = items[items.length - 1].seq;
    }
    return found;
  }

  /** @param {number[]} seqs Rows that no longer pass. */
  #drop(seqs) {
    const gone = new Set(seqs.map((seq) => this.columns.slotOf(seq)).filter((slot) => slot >= 0));
    if (gone.size === 0) return;
    this.order.remove(gone);
    for (const slot of gone) {
      this.columns.drop(slot);
      this.fresh.delete(slot);
    }
  }

  #trim() {
    const { order, columns } = this;
    if (order.length <= MOST) return;
    const gone = Array.from(order.slots.subarray(0, SPARE)), older = columns.numbers.seq[order.slots[SPARE]];
    this.#drop(gone.map((slot) => columns.numbers.seq[slot]));
    store.set({ older });
  }

  /** @param {number} by */
  #matchedMore(by) {
    const { matched } = store.state;
    if (by !== 0 && matched !== null) store.set({ matched: matched + by });
  }

  #changed() {
    const failed = [...this.fresh].filter((slot) => this.columns.flags[slot] & FAILED).length;
    const { fresh, revision } = store.state;
    const same = fresh.count === this.fresh.size && fresh.failed === failed;
    store.set({ revision: revision + 1, ...(same ? {} : { fresh: { count: this.fresh.size, failed } }) });
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
