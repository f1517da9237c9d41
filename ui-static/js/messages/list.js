// The list of messages: only the lines in sight exist. It stays at the end while the reader is there.

import { h } from "../dom.js";
import { MessageRow } from "./row.js";

/** @import { MessagePages } from "./pages.js" */

/** Lines kept beside the visible ones, so that a small scroll finds them ready. */
const SPARE = 4;

/**
 * @typedef {object} ListActions
 * @property {(number: number) => void} onmove the selection moved
 * @property {(number: number) => void} onopen
 * @property {() => boolean} onback whether there was something to go back from
 * @property {(following: boolean) => void} onfollow the end came into sight, or left it
 */

export class MessageList {
  /**
   * @param {MessagePages} pages
   * @param {ListActions} actions
   */
  constructor(pages, actions) {
    this.pages = pages;
    this.actions = actions;
    this.lines = h("div", { class: "lines", role: "presentation" });
    this.element = h("div", { class: "msgs scroll", role: "listbox", "aria-label": "Messages", tabindex: 0 }, this.lines);
    /** @type {MessageRow[]} */
    this.pool = [];
    /** Number of the selected message, or 0. */
    this.selected = 0;
    this.following = false;
    this.height = 24;
    /** The height of a line may have changed: the size of text, or of the window, did. */
    this.unmeasured = true;
    /** Where the list was scrolled to: the browser forgets it while the tab is away. */
    this.top = 0;
    this.hidden = true;
    this.frame = 0;
    this.element.addEventListener("scroll", () => this.#scrolled(), { passive: true });
    this.element.addEventListener("keydown", (event) => this.#key(event));
    this.lines.addEventListener("click", (event) => this.#clicked(event));
    this.resized = new ResizeObserver(() => this.#resized());
    this.resized.observe(this.element);
  }

  /** Something changed: draw once, in the next frame. */
  refresh() {
    this.frame ||= requestAnimationFrame(() => {
      this.frame = 0;
      this.#draw();
    });
  }

  /** Goes to the last line and stays there. */
  follow() {
    this.following = true;
    this.refresh();
  }

  /** Goes to the first line. */
  toStart() {
    this.following = false;
    this.element.scrollTop = this.top = 0;
    this.refresh();
  }

  /**
   * Selects a message and brings it into sight.
   * @param {number} number
   */
  select(number) {
    this.selected = number;
    const row = this.pages.row(number);
    if (row >= 0) this.#reveal(row);
    this.refresh();
  }

  close() {
    this.resized.disconnect();
    cancelAnimationFrame(this.frame);
  }

  #draw() {
    const { element, pages, height } = this, view = element.clientHeight;
    if (view === 0) return;
    const rows = pages.length;
    this.lines.style.height = `${rows * height}px`;
    if (this.following) element.scrollTop = this.top = Math.max(0, rows * height - view);
    const first = Math.max(0, Math.floor(this.top / height) - SPARE), last = Math.min(rows, Math.ceil((this.top + view) / height) + SPARE);
    this.#fill(last - first);
    for (let row = first; row < last; row++) {
      const number = pages.number(row);
      this.pool[row % this.pool.length].update(number, pages.item(row), { row, rows, top: row * height, selected: number === this.selected });
    }
    for (const line of this.pool) {
      line.element.hidden = line.row < first || line.row >= last;
    }
    const chosen = this.pool.find(({ element: line, shown }) => !line.hidden && shown === this.selected);
    if (chosen) element.setAttribute("aria-activedescendant", chosen.element.id);
    else element.removeAttribute("aria-activedescendant");
    if (this.unmeasured) this.#measure();
    pages.want(first, last);
  }

  /** @param {number} count Lines that must exist. */
  #fill(count) {
    while (this.pool.length < count) {
      const line = new MessageRow(`message-line-${this.pool.length}`);
      this.pool.push(line);
      this.lines.append(line.element);
    }
  }

  /** The height of a line is the style sheet's. */
  #measure() {
    const height = this.pool.find(({ element }) => !element.hidden)?.element.offsetHeight ?? 0;
    this.unmeasured = height === 0;
    if (height > 0 && height !== this.height) {
      this.top *= height / this.height;
      this.height = height;
      this.refresh();
    }
  }

  #resized() {
    const away = this.element.clientHeight === 0;
    if (!away && this.hidden) {
      this.lines.style.height = `${this.pages.length * this.height}px`;
      this.element.scrollTop = this.top;
    }
    this.hidden = away;
    this.unmeasured = true;
    this.refresh();
  }

  #scrolled() {
    const { element } = this, { scrollTop: top, clientHeight: view } = element;
    if (view === 0 || this.hidden) return;
    const atEnd = top + view >= this.pages.length * this.height - this.height / 2;
    const following = atEnd || (this.following && top >= this.top);
    this.top = top;
    this.#setFollowing(following);
    this.refresh();
  }

  /** @param {boolean} following */
  #setFollowing(following) {
    if (following === this.following) return;
    this.following = following;
    this.actions.onfollow(following);
  }

  /** @param {number} row */
  #reveal(row) {
    const { element, height } = this, view = element.clientHeight, top = row * height;
    if (view === 0) {
      this.top = Math.max(0, top - 4 * height);
    } else if (top < this.top || top + height > this.top + view) {
      this.lines.style.height = `${this.pages.length * height}px`;
      element.scrollTop = this.top = top < this.top ? top : top + height - view;
    }
    if (row < this.pages.length - 1) this.#setFollowing(false);
  }

  /** @param {KeyboardEvent} event */
  #key(event) {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const { pages, actions } = this, page = Math.max(1, Math.floor(this.element.clientHeight / this.height) - 1), last = pages.length - 1;
    const now = pages.row(this.selected), start = now < 0 ? Math.floor(this.top / this.height) : now;
    const moves = /** @type {Record<string, number>} */ ({
      ArrowDown: now < 0 ? start : start + 1, j: now < 0 ? start : start + 1, ArrowUp: start - 1, k: start - 1, PageDown: start + page, PageUp: start - page, Home: 0, End: last,
    });
    const to = moves[event.key];
    if (to !== undefined) {
      if (last >= 0) this.#moveTo(Math.min(Math.max(to, 0), last));
    } else if (event.key === "Enter") {
      if (last >= 0) this.#moveTo(Math.min(start, last));
      if (this.selected) actions.onopen(this.selected);
    } else if (event.key !== "Escape" || !actions.onback()) return;
    event.preventDefault();
  }

  /** @param {number} row */
  #moveTo(row) {
    const number = this.pages.number(row);
    if (number === this.selected) return;
    this.select(number);
    this.actions.onmove(number);
  }

  /** @param {MouseEvent} event */
  #clicked(event) {
    const target = event.target instanceof Element ? event.target.closest(".msg") : null;
    const line = this.pool.find(({ element }) => element === target);
    if (!line) return;
    this.selected = line.shown;
    this.refresh();
    this.actions.onopen(line.shown);
  }
}
