// Keeps the loaded rows true: pages of the list, rows as they happen, and the filter that decides which belong.

import { ApiError, exchanges } from "./api.js";
import { Doubts } from "./doubts.js";
import { problem } from "./filter/text.js";
import { countRejections } from "./rejections.js";
import { belongs, within } from "./scope.js";
import { store } from "./state.js";
import { DONE, FAILED } from "./table/columns.js";

/** @import { Page, Summary } from "./api-types.js" */
/** @import { Scope } from "./scope.js" */
/** @import { Columns } from "./table/columns.js" */
/** @import { Order, SortKey } from "./table/order.js" */

const FIRST = 100, MORE = 1000;
/** Rows kept while the reader follows the end; beyond it the oldest go, and can be loaded again. */
const MOST = 200_000, SPARE = 50_000;
/** Exchanges a catch-up may span before loading anew is cheaper. */
const FAR = 5000;
/** So many rows are sorted before anybody asks. */
const MANY = 10_000;

export class Feed {
  /**
   * @param {Columns} columns
   * @param {Order} order
   */
  constructor(columns, order) {
    this.columns = columns;
    this.order = order;
    /** The reader's filter that the rows pass. */
    this.filter = "";
    /** @type {Scope} */
    this.scope = { session: null, from: 0 };
    /** What the daemon is asked for: filter and scope. */
    this.query = "";
    /** Whether new rows come into sight as they arrive. */
    this.following = true;
    /** @type {Map<number, boolean>} Sequence numbers of rows that arrived out of sight, and whether they failed. */
    this.fresh = new Map();
    this.doubts = new Doubts((passing, not) => {
      this.#grow(() => this.#add(passing));
      this.#drop(not);
      this.#changed();
    });
    this.asking = new AbortController();
    /** @type {Summary[] | null} What the stream brought while a page was on its way. */
    this.waiting = null;
    this.loadingMore = false;
    this.preparing = 0;
  }

  /** The order the daemon is asked for where it is not all loaded; empty for time. */
  get #sort() {
    const { key, descending, chronological } = this.order;
    return chronological ? "" : `${descending ? "-" : ""}${key}`;
  }

  /**
   * Shows what passes `filter` in a scope. If it cannot be read, the rows stay and the state says why.
   * @param {string} filter
   * @param {Scope} [scope]
   * @returns {Promise<boolean>} whether the rows were replaced
   */
  async load(filter, scope = this.scope) {
    this.asking.abort();
    const asking = (this.asking = new AbortController()), other = JSON.stringify(scope) !== JSON.stringify(this.scope);
    this.waiting ??= [];
    try {
      const page = await this.#firstPage(filter, scope, asking.signal, other);
      this.#replace(page);
      return true;
    } catch (error) {
      if (error instanceof ApiError && error.status === 400) store.set({ filterError: problem(error, filter, within(filter, scope).shift) });
      else if (error instanceof ApiError && error.status === 401) store.set({ login: "out" });
      return false;
    } finally {
      if (this.asking === asking) this.#release();
    }
  }

  /**
   * @param {string} filter
   * @param {Scope} scope
   * @param {AbortSignal} signal
   * @param {boolean} anew there is nothing of this scope to keep: show all of it rather than nothing
   */
  async #firstPage(filter, scope, signal, anew) {
    const ask = async (/** @type {string} */ wanted) => {
      const { text } = within(wanted, scope), page = await exchanges({ filter: text, limit: FIRST, sort: this.#sort }, signal);
      Object.assign(this, { filter: wanted, scope, query: text });
      return page;
    };
    try {
      const page = await ask(filter);
      store.set({ filterError: null });
      return page;
    } catch (error) {
      if (!(error instanceof ApiError) || error.status !== 400 || (store.state.loaded && !anew) || filter === "") throw error;
      store.set({ filterError: problem(error, filter, within(filter, scope).shift) });
      return ask("");
    }
  }

  /** @param {Page} page */
  #replace({ items, before, next = null, matched, matched_at_least: atLeast }) {
    const { columns, order } = this;
    columns.clear();
    order.clear();
    this.doubts.clear();
    this.fresh.clear();
    const slots = this.#put(items);
    order.fixed = !order.chronological && next !== null;
    if (order.chronological) order.insert(slots);
    else if (order.fixed) order.append(slots);
    else order.sort(order.key, order.descending);
    countRejections(items);
    store.set({ loaded: true, applied: this.filter, matched, atLeast: atLeast ?? 0, older: order.chronological ? before : null, next: next ?? "", checked: 0 });
    this.#changed();
    this.#prepareSoon();
  }

  /** Many rows are sorted by path before anybody asks, in a moment in which nothing else goes on. */
  #prepareSoon() {
    clearTimeout(this.preparing);
    if (this.columns.length < MANY) return;
    this.preparing = window.setTimeout(() => (window.requestIdleCallback ?? window.setTimeout)(() => this.order.prepare()), 500);
  }

  #release() {
    const { waiting } = this;
    this.waiting = null;
    if (waiting?.length) this.apply(waiting);
  }

  /** Loads the page before the oldest row. */
  older() {
    const { older } = store.state;
    if (older === null || this.order.fixed) return;
    return this.#more({ before: older }, (slots, page) => {
      this.order.insert(slots);
      store.set({ older: page.before });
    });
  }

  /** Where the daemon sorts: loads what follows the last row. */
  further() {
    const { next } = store.state;
    if (next === "" || !this.order.fixed) return;
    return this.#more({ sort: this.#sort, cursor: next }, (slots, page) => {
      this.order.append(slots);
      store.set({ next: page.next ?? "" });
    });
  }

  /**
   * @param {{ before?: number, sort?: string, cursor?: string }} where
   * @param {(slots: number[], page: Page) => void} take
   */
  async #more(where, take) {
    if (this.loadingMore || store.state.revision === 0) return;
    this.loadingMore = true;
    try {
      const page = await exchanges({ filter: this.query, limit: MORE, ...where }, this.asking.signal);
      take(this.#put(page.items), page);
      this.#changed();
      this.#prepareSoon();
    } catch {
      // Whatever is wrong shows in the connection; scrolling asks again.
    } finally {
      this.loadingMore = false;
    }
  }

  /**
   * Takes new and changed rows from the event stream.
   * @param {Summary[]} items
   */
  apply(items) {
    if (this.waiting) return void this.waiting.push(...items);
    const inside = items.filter(belongs(this.scope));
    const from = store.state.older === null ? 0 : this.columns.range.oldest, near = inside.filter(({ seq }) => seq >= from);
    if (this.filter.trim()) return this.doubts.ask(this.query, near.map(({ seq }) => seq), this.asking.signal);
    this.#grow(() => this.#add(near));
    this.#changed();
  }

  /** Exchanges that are deleted, or that the rules kept out after all. @param {string[]} ids */
  remove(ids) {
    const seqs = this.columns.seqsOf(ids);
    if (seqs.length === 0) return;
    this.#grow(() => this.#drop(seqs));
    this.#changed();
  }

  /** After the stream was away: whatever came or changed meanwhile. */
  async catchUp() {
    if (!store.state.loaded) return;
    const { flags, numbers, slots, range: { newest: last } } = this.columns;
    let from = last;
    for (const slot of slots.values()) if (!(flags[slot] & DONE)) from = Math.min(from, numbers.seq[slot] - 1);
    if (last === 0 || last - from > FAR || !this.order.chronological) return void (await this.load(this.filter));
    for (let after = from, round = 0; round < FAR / MORE; round++) {
      const page = await exchanges({ filter: this.query, after, limit: MORE }, this.asking.signal).catch(() => null);
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
   * Sorts here if everything is here, else asks the daemon.
   * @param {SortKey} key
   * @param {boolean} descending
   */
  async sort(key, descending) {
    const { order } = this, here = store.state.older === null && !order.fixed;
    if (!here) {
      Object.assign(order, { key, descending, sorted: false });
      return void (await this.load(this.filter));
    }
    order.sort(key, descending);
    this.#seen();
    this.#changed();
  }

  /** The reader wants to see the new rows. */
  async clearFresh() {
    if (this.fresh.size && this.order.fixed) return void (await this.load(this.filter));
    if (this.fresh.size && !this.order.chronological) this.order.sort(this.order.key, this.order.descending);
    this.#seen();
  }

  #seen() {
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
    }
    return added;
  }

  /** @param {Summary[]} items Rows of now: in sight if the reader follows, else counted as new. */
  #add(items) {
    const { order, columns } = this;
    if (order.fixed) {
      // Where they stand only the daemon knows.
      this.#put(items.filter(({ seq }) => columns.slotOf(seq) >= 0));
      for (const { seq, failure } of items) if (columns.slotOf(seq) < 0) this.fresh.set(seq, failure !== null);
      return;
    }
    const added = this.#put(items);
    if (order.chronological) order.insert([...added]);
    if (this.following && order.chronological) return this.#trim();
    for (const slot of added) this.fresh.set(columns.numbers.seq[slot], (columns.flags[slot] & FAILED) !== 0);
  }

  /** @param {number[]} seqs Rows that no longer pass. */
  #drop(seqs) {
    const gone = new Set(seqs.map((seq) => this.columns.slotOf(seq)).filter((slot) => slot >= 0));
    if (gone.size === 0) return;
    this.order.remove(gone);
    for (const slot of gone) {
      this.fresh.delete(this.columns.numbers.seq[slot]);
      this.columns.drop(slot);
    }
  }

  #trim() {
    const { order, columns } = this;
    if (order.length <= MOST) return;
    const gone = Array.from(order.slots.subarray(0, SPARE)), older = columns.numbers.seq[order.slots[SPARE]];
    this.#drop(gone.map((slot) => columns.numbers.seq[slot]));
    store.set({ older });
  }

  /** @param {() => void} change What it adds to the rows, or takes away, matches more or less. */
  #grow(change) {
    const known = this.columns.length + (this.order.fixed ? this.fresh.size : 0);
    change();
    const by = this.columns.length + (this.order.fixed ? this.fresh.size : 0) - known, { matched } = store.state;
    if (by !== 0 && matched !== null) store.set({ matched: Math.max(0, matched + by) });
  }

  #changed() {
    const failed = [...this.fresh.values()].filter(Boolean).length, { fresh, revision } = store.state;
    const same = fresh.count === this.fresh.size && fresh.failed === failed;
    store.set({ revision: revision + 1, ...(same ? {} : { fresh: { count: this.fresh.size, failed } }) });
  }
}
