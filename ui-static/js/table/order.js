// Which row stands where: slots of the columns, in time order or sorted by a column.

import { sortByText } from "./texts.js";

/** @import { Columns } from "./columns.js" */

/** @typedef {"time" | "method" | "status" | "host" | "path" | "type" | "size" | "duration"} SortKey */

export class Order {
  /** @param {Columns} columns */
  constructor(columns) {
    this.columns = columns;
    this.slots = new Int32Array(1024);
    this.length = 0;
    /** @type {SortKey} */
    this.key = "time";
    this.descending = false;
    /** The daemon sorts: rows stand as they came. */
    this.fixed = false;
    /** Nothing changed since the last sorting. */
    this.sorted = false;
    /** All rows by path, as they were after so many writes. @type {{ slots: Int32Array, writes: number } | null} */
    this.paths = null;
  }

  /** Sorts by path, which takes longest, for when it is asked for. */
  prepare() {
    const { columns } = this, { seq } = columns.numbers;
    if (this.paths?.writes === columns.writes) return this.paths.slots;
    const slots = Int32Array.from(columns.slots.values()).sort((a, b) => seq[a] - seq[b]);
    sortByText(slots, columns.texts.path);
    this.paths = { slots, writes: columns.writes };
    return slots;
  }

  /** Whether new rows belong at the end. */
  get chronological() { return this.key === "time" && !this.descending; }

  /**
   * Merges rows into time order. Starts at the end, where live rows belong, and stops as soon as all have their place.
   * @param {number[]} added
   */
  insert(added) {
    this.sorted = false;
    const seq = this.columns.numbers.seq;
    added.sort((a, b) => seq[a] - seq[b]);
    let old = this.length - 1, from = added.length - 1;
    this.length += added.length;
    this.#reserve();
    for (let to = this.length - 1; from >= 0; to--) {
      this.slots[to] = old >= 0 && seq[this.slots[old]] > seq[added[from]] ? this.slots[old--] : added[from--];
    }
  }

  /**
   * Puts rows behind the others.
   * @param {number[]} added
   */
  append(added) {
    const from = this.length;
    this.length += added.length;
    this.#reserve();
    this.slots.set(added, from);
  }

  /**
   * Takes rows out, keeping the order of the rest.
   * @param {Set<number>} gone
   */
  remove(gone) {
    this.sorted = false;
    let to = 0;
    for (let from = 0; from < this.length; from++) {
      if (!gone.has(this.slots[from])) this.slots[to++] = this.slots[from];
    }
    this.length = to;
  }

  /**
   * Sorts everything the columns hold.
   * @param {SortKey} key
   * @param {boolean} descending
   */
  sort(key, descending) {
    const turned = this.length === this.columns.length && key === this.key && descending !== this.descending;
    this.key = key;
    this.descending = descending;
    if (turned && this.sorted) return void this.slots.subarray(0, this.length).reverse();
    this.sorted = true;
    this.length = this.columns.length;
    this.#reserve();
    const slots = this.slots.subarray(0, this.length), { columns } = this, { seq } = columns.numbers;
    if (key === "path") slots.set(this.prepare());
    else {
      let at = 0;
      for (const slot of columns.slots.values()) slots[at++] = slot;
      const keys = this.#keys(key);
      slots.sort((a, b) => keys[a] - keys[b] || seq[a] - seq[b]);
    }
    if (descending) slots.reverse();
  }

  /** Values changed: what is sorted may not be any more. */
  touch() {
    this.sorted = false;
  }

  clear() {
    this.sorted = false;
    this.length = 0;
  }

  /**
   * Where a row stands, or -1.
   * @param {number} slot
   */
  indexOf(slot) {
    const at = this.slots.indexOf(slot);
    return at < this.length ? at : -1;
  }

  /**
   * A number per slot that sorts as the column does; of texts that repeat each is ranked once, so that comparing stays cheap.
   * @param {Exclude<SortKey, "path">} key
   */
  #keys(key) {
    const { numbers, texts, status } = this.columns;
    switch (key) {
      case "time": return numbers.seq;
      case "status": return status;
      case "size": return numbers.responseSize;
      case "duration": return numbers.end.map((end) => (Number.isNaN(end) ? Number.MAX_SAFE_INTEGER : end));
      default: return ranks(texts[key]);
    }
  }

  #reserve() {
    if (this.length <= this.slots.length) return;
    const slots = new Int32Array(Math.max(this.length, this.slots.length * 2));
    slots.set(this.slots);
    this.slots = slots;
  }
}

/** @param {string[]} texts */
function ranks(texts) {
  const rank = new Map([...new Set(texts)].sort().map((text, at) => [text, at]));
  return Float64Array.from(texts, (text) => rank.get(text) ?? 0);
}
