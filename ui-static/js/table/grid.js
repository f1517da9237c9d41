// The table of exchanges: only the rows in sight exist, and each frame writes what changed.

import { h } from "../dom.js";
import { Checked } from "./checked.js";
import { DONE } from "./columns.js";
import { Header } from "./header.js";
import { Row } from "./row.js";
import { axisFor } from "./waterfall.js";

/** @import { Columns } from "./columns.js" */
/** @import { Order, SortKey } from "./order.js" */

/** Rows kept beside the visible ones, so that a small scroll finds them ready. */
const SPARE = 6;
/** Rows from either end at which more are asked for. */
const NEAR = 40;

/**
 * @typedef {object} GridActions
 * @property {(slot: number) => void} onopen
 * @property {(cell: string, slot: number, exclude: boolean) => void} onpick the value of a cell is wanted in the filter, or out of it
 * @property {(key: SortKey, descending: boolean) => void} onsort
 * @property {() => void} onnearstart older rows may be wanted
 * @property {() => void} onnearend rows further down may be wanted
 * @property {(atEnd: boolean) => void} onfollow the end came into sight, or left it
 */

export class Grid {
  /**
   * @param {Columns} columns
   * @param {Order} order
   * @param {GridActions} actions
   */
  constructor(columns, order, actions) {
    this.columns = columns;
    this.order = order;
    this.actions = actions;
    this.checked = new Checked(columns, order, () => this.refresh());
    this.header = new Header(actions.onsort, (all) => this.checked.setAll(all));
    this.rows = h("div", { class: "rows", role: "rowgroup" });
    this.element = h("div", { class: "grid", role: "grid", "aria-label": "Exchanges", "aria-colcount": 10, "aria-multiselectable": "true" }, this.header.element, this.rows);
    /** @type {Map<number, Row>} Rows on screen by slot. */
    this.shown = new Map();
    this.selected = -1;
    /** Rows of the whole list that come before the loaded ones. */
    this.before = 0;
    this.following = true;
    // Sizes are taken when they change, not read while drawing: that would have the page laid out once more each time.
    this.height = 0;
    this.headHeight = 0;
    this.rowHeight = 24;
    /** How far the list is scrolled; only a move up from there, not a smaller window, ends the following. */
    this.top = 0;
    /** Height of all rows as last drawn. */
    this.drawn = 0;
    this.frame = 0;
    this.axisWidth = 118;
    /** Whether the waterfall has its column. */
    this.waterfall = true;
    /** Whether something in sight is under way. */
    this.ticking = false;
    /** When the rows stopped being true, in milliseconds since the epoch; 0 while they are. */
    this.stopped = 0;
    /** The first visible row and how far it is scrolled; what the reader looks at stays there. */
    this.anchor = { slot: -1, offset: 0 };
    this.element.addEventListener("scroll", () => this.#scrolled(), { passive: true });
    this.rows.addEventListener("click", (event) => this.#clicked(event));
    this.sizes = new ResizeObserver(() => {
      this.#measure();
      this.refresh();
    });
    for (const part of [this.element, this.header.element, this.header.axis]) this.sizes.observe(part);
    setInterval(() => this.#tick(), 500);
  }

  /** Something changed: draw once, in the next frame. */
  refresh() {
    this.frame ||= requestAnimationFrame(() => {
      this.frame = 0;
      this.#draw();
    });
  }

  /**
   * Selects a row and brings it into sight.
   * @param {number} slot
   * @param {boolean} focus
   */
  select(slot, focus) {
    this.selected = slot;
    this.#measure();
    const index = slot < 0 ? -1 : this.order.indexOf(slot);
    if (index >= 0) this.#reveal(index);
    this.#draw();
    if (focus) this.shown.get(slot)?.element.focus({ preventScroll: true });
  }

  /**
   * The row some way from the selected one, or an end.
   * @param {number | "first" | "last"} step
   * @returns {number} its slot, or -1 in an empty list
   */
  next(step) {
    const last = this.order.length - 1, at = this.order.indexOf(this.selected);
    if (last < 0) return -1;
    const index = step === "first" ? 0 : step === "last" ? last : at < 0 ? (step > 0 ? this.#firstVisible() : last) : at + step;
    return this.order.slots[Math.min(Math.max(index, 0), last)];
  }

  /** Rows that fit. */
  get page() {
    return Math.max(1, Math.floor(this.#view / this.rowHeight) - 1);
  }

  /** Puts the focus on the selected row, or on the table while none is. */
  focus() {
    (this.shown.get(this.selected)?.element ?? this.element).focus({ preventScroll: true });
  }

  /** Goes to the newest row and stays there. */
  follow() {
    this.following = true;
    this.refresh();
  }

  /** Goes to the first row. */
  toStart() {
    this.following = false;
    this.anchor.slot = -1;
    this.element.scrollTop = this.top = 0;
    this.refresh();
  }

  /** Whether the focus is on a row, or on the table as a whole. */
  get focused() {
    return this.element === document.activeElement || this.rows.contains(document.activeElement);
  }

  /** Height in which rows are seen. */
  get #view() {
    return this.height - this.headHeight;
  }

  #draw() {
    if (this.height === 0) return;
    const { order, rowHeight } = this, now = (this.stopped || Date.now()) * 1000;
    const top = this.#place(), first = Math.max(0, Math.floor(top / rowHeight)), last = Math.min(order.length, Math.ceil((top + this.#view) / rowHeight));
    const visible = Array.from(order.slots.subarray(first, last));
    const axis = this.waterfall ? axisFor(this.columns, visible, this.axisWidth, now) : null;
    if (axis) this.header.showAxis(axis);
    this.header.showChecked(this.checked.all || (this.checked.size > 0 && this.checked.size >= order.length), this.checked.size > 0);
    const from = Math.max(0, first - SPARE / 2), to = Math.min(order.length, last + SPARE / 2);
    const wanted = new Map(Array.from(order.slots.subarray(from, to), (slot, at) => [slot, from + at]));
    const chosen = this.selected < 0 || wanted.has(this.selected) ? -1 : order.indexOf(this.selected);
    if (chosen >= 0) wanted.set(this.selected, chosen);
    const idle = [...this.shown].filter(([slot]) => !wanted.has(slot)).map(([, row]) => row);
    for (const [slot, index] of wanted) {
      const row = this.shown.get(slot) ?? idle.pop() ?? this.#row();
      if (row.slot !== slot && this.shown.get(row.slot) === row) this.shown.delete(row.slot);
      this.shown.set(slot, row);
      row.update(this.columns, slot, { top: index * rowHeight, rowIndex: this.before + index + 2, selected: slot === this.selected, checked: this.checked.has(slot), axis, now });
    }
    for (const row of idle) {
      this.shown.delete(row.slot);
      row.element.remove();
    }
    this.element.setAttribute("tabindex", chosen >= 0 || wanted.has(this.selected) ? "-1" : "0");
    this.#scrollTo(top);
    this.anchor = { slot: visible[0] ?? -1, offset: top - first * rowHeight };
    this.ticking = visible.some((slot) => !(this.columns.flags[slot] & DONE));
    if (first < NEAR) this.actions.onnearstart();
    if (last > order.length - NEAR) this.actions.onnearend();
  }

  #row() {
    const row = new Row();
    this.rows.append(row.element);
    if (!this.shown.size) this.sizes.observe(row.element);
    return row;
  }

  #measure() {
    const sample = this.rows.firstElementChild, axis = this.header.axis.clientWidth;
    this.height = this.element.clientHeight;
    this.headHeight = this.header.element.offsetHeight;
    if (sample instanceof HTMLElement && sample.offsetHeight > 0) this.rowHeight = sample.offsetHeight;
    if (axis > 6) this.axisWidth = axis - 6;
  }

  /** How far the list is to be scrolled. Rows may have come or gone above: the first visible one stays where it is, or the end stays in sight. */
  #place() {
    const { anchor, rowHeight } = this, end = Math.max(0, this.order.length * rowHeight - this.#view);
    if (this.following) return end;
    const index = anchor.slot >= 0 ? this.order.indexOf(anchor.slot) : -1, top = index * rowHeight + anchor.offset;
    return Math.min(end, index >= 0 && Math.abs(this.top - top) >= 1 ? top : this.top);
  }

  /** @param {number} top */
  #scrollTo(top) {
    const { element, drawn } = this;
    this.drawn = this.order.length * this.rowHeight;
    if (this.drawn !== drawn) this.rows.style.height = `${this.drawn}px`;
    else if (Math.abs(this.top - top) < 1) return;
    element.scrollTop = top;
    // As the browser rounds it.
    this.top = element.scrollTop;
  }

  #scrolled() {
    if (this.element.clientHeight === 0) return;
    const { element, rowHeight } = this, top = element.scrollTop, first = Math.floor(top / rowHeight);
    const atEnd = top + this.#view >= this.drawn - rowHeight / 2;
    this.anchor = { slot: first < this.order.length ? this.order.slots[first] : -1, offset: top - first * rowHeight };
    const following = this.order.chronological && (atEnd || (this.following && top >= this.top));
    this.top = top;
    if (following !== this.following) {
      this.following = following;
      this.actions.onfollow(following);
    }
    this.refresh();
  }

  /** @param {number} index */
  #reveal(index) {
    const { element, rowHeight } = this, top = index * rowHeight;
    let to = element.scrollTop;
    if (top < to) to = top;
    else if (top + rowHeight > to + this.#view) to = top + rowHeight - this.#view;
    else return;
    this.drawn = this.order.length * rowHeight;
    this.rows.style.height = `${this.drawn}px`;
    this.following = false;
    element.scrollTop = to;
    this.#scrolled();
  }

  #firstVisible() {
    return Math.floor(this.element.scrollTop / this.rowHeight);
  }

  /** @param {MouseEvent} event */
  #clicked(event) {
    const target = /** @type {Element} */ (event.target), element = target.closest(".row");
    const row = [...this.shown.values()].find((one) => one.element === element);
    if (!row) return;
    const part = target.closest(".why, .row > *");
    if (event.altKey && part) this.actions.onpick(part.classList[0], row.slot, event.shiftKey);
    else if (part?.classList.contains("c-check")) {
      // The row is drawn from what is checked, a click beside the box counts as well.
      this.checked.toggle(row.slot, event.shiftKey);
      row.check(this.checked.has(row.slot));
    } else this.actions.onopen(row.slot);
  }

  /** What is under way counts its seconds. */
  #tick() {
    if (this.ticking && !document.hidden) this.refresh();
  }
}
