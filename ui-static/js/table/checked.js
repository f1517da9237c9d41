// Which rows are ticked: some of them, or everything that passes the filter, loaded or not.

import { store } from "../state.js";

/** @import { Columns } from "./columns.js" */
/** @import { Order } from "./order.js" */

export class Checked {
  /**
   * @param {Columns} columns
   * @param {Order} order
   * @param {() => void} onchange
   */
  constructor(columns, order, onchange) {
    this.columns = columns;
    this.order = order;
    this.onchange = onchange;
    /** @type {Set<number>} Sequence numbers: slots are used again. */
    this.seqs = new Set();
    /** Everything that passes the filter. */
    this.all = false;
    /** Where Shift extends from: a sequence number, or 0. */
    this.anchor = 0;
    // Other rows: nothing of them is ticked.
    store.watch(["checked"], ({ checked }) => checked === 0 && this.size > 0 && this.clear());
    store.watch(["revision"], () => this.#forget());
  }

  get size() { return this.all ? Math.max(store.state.matched ?? store.state.atLeast, this.seqs.size) : this.seqs.size; }

  /** @param {number} slot */
  has(slot) { return this.all || this.seqs.has(this.columns.numbers.seq[slot]); }

  /** What people call them. */
  get ids() {
    return [...this.seqs].map((seq) => this.columns.slotOf(seq)).filter((slot) => slot >= 0).map((slot) => this.columns.id(slot));
  }

  /**
   * @param {number} slot
   * @param {boolean} extend everything from the last ticked one to here
   */
  toggle(slot, extend) {
    const seq = this.columns.numbers.seq[slot];
    if (this.all) this.#some();
    if (extend && this.anchor) {
      const [from, to] = [this.order.indexOf(this.columns.slotOf(this.anchor)), this.order.indexOf(slot)].sort((a, b) => a - b);
      if (from >= 0) for (const one of this.order.slots.subarray(from, to + 1)) this.seqs.add(this.columns.numbers.seq[one]);
    } else if (!this.seqs.delete(seq)) this.seqs.add(seq);
    if (!extend) this.anchor = seq;
    this.#changed();
  }

  /** @param {boolean} all every loaded row, or none */
  setAll(all) {
    this.all = false;
    this.seqs = new Set(all ? this.columns.slots.keys() : []);
    this.#changed();
  }

  /** Everything that passes the filter, loaded or not. */
  setMatching() {
    this.all = true;
    this.#changed();
  }

  clear() {
    this.all = false;
    this.seqs.clear();
    this.anchor = 0;
    this.#changed();
  }

  /** Unticking one of everything leaves the loaded others. */
  #some() {
    this.all = false;
    this.seqs = new Set(this.columns.slots.keys());
  }

  /** Rows that are gone are not ticked any more. */
  #forget() {
    if (this.seqs.size === 0) return;
    for (const seq of this.seqs) if (this.columns.slotOf(seq) < 0) this.seqs.delete(seq);
    this.#changed();
  }

  #changed() {
    store.set({ checked: this.size });
    this.onchange();
  }
}
