// The results of a replay as a table: those that differ first, then those that are the same.

import { h } from "../dom.js";
import { count, visible } from "../format.js";
import { tableOf } from "../table-of.js";
import { verdictMark } from "./verdict.js";

/** @import { Result } from "./types.js" */

/** Rows that are shown. */
const MOST = 2000;

export class ResultTable {
  /** @param {(position: number) => void} onpick */
  constructor(onpick) {
    this.onpick = onpick;
    this.all = true;
    this.marked = -1;
    /** @type {Result[]} */
    this.items = [];
    this.choice = h("span", { class: "seg", role: "group", "aria-label": "Which results" }, ...[true, false].map((all) => h("button", { type: "button", onclick: () => {
      this.all = all;
      this.#draw();
    } })));
    this.body = h("tbody");
    const table = tableOf("results", ["Result", "Method", "Path", "Status", "Differences"], this.body);
    table.addEventListener("click", ({ target }) => {
      const row = target instanceof Element ? target.closest("[data-position]") : null;
      if (row) this.onpick(Number(row.getAttribute("data-position")));
    });
    table.addEventListener("keydown", (event) => {
      const step = event.key === "ArrowDown" || event.key === "j" ? 1 : event.key === "ArrowUp" || event.key === "k" ? -1 : 0;
      if (!step || event.ctrlKey || event.metaKey || event.altKey) return;
      event.preventDefault();
      this.move(step);
    });
    this.element = h("section", { class: "pane", "aria-label": "Results" }, h("div", { class: "sub" }, this.choice, h("span", { class: "grow" }), h("kbd", { class: "hide-s" }, "j"), h("kbd", { class: "hide-s" }, "k")), h("div", { class: "scroll body" }, table));
    this.total = 0;
  }

  /** @param {Result[]} items @param {number} total */
  show(items, total) {
    this.items = items;
    this.total = total;
    this.#draw();
  }

  /** Marks the result that is open. @param {number} position */
  mark(position) {
    this.marked = position;
    for (const row of this.body.querySelectorAll("tr[data-position]")) this.#select(/** @type {HTMLElement} */ (row));
    this.body.querySelector("[aria-selected=true]")?.scrollIntoView({ block: "nearest" });
  }

  /** @param {1 | -1} step */
  move(step) {
    const rows = /** @type {HTMLElement[]} */ ([...this.body.querySelectorAll("tr[data-position]")]), at = rows.findIndex((row) => row.ariaSelected === "true"), next = rows[Math.max(0, Math.min(rows.length - 1, at + step))];
    if (!next) return;
    next.focus();
    this.onpick(Number(next.dataset.position));
  }

  /** @param {HTMLElement} row */
  #select(row) {
    const on = Number(row.dataset.position) === this.marked;
    row.setAttribute("aria-selected", String(on));
    row.tabIndex = on ? 0 : -1;
  }

  #draw() {
    const { items, all } = this, quiet = items.filter(({ verdict }) => verdict === "same"), loud = items.filter(({ verdict }) => verdict !== "same");
    [`All ${count(this.total)}`, `Different ${count(loud.length)}`].forEach((word, at) => {
      const one = this.choice.children[at];
      one.textContent = word;
      one.setAttribute("aria-pressed", String((at === 0) === all));
    });
    const focused = this.body.contains(document.activeElement), same = all ? quiet : [];
    this.body.replaceChildren(...loud.slice(0, MOST).map((item) => this.#row(item)), ...(same.length ? [h("tr", { class: "gh" }, h("th", { colspan: 5, scope: "rowgroup" }, `${count(same.length)} the same`)), ...same.slice(0, MOST).map((item) => this.#row(item))] : []));
    if (focused) /** @type {HTMLElement | null} */ (this.body.querySelector("[aria-selected=true]"))?.focus();
  }

  /** @param {Result} item */
  #row({ position, original, result, verdict, summary, error }) {
    const path = visible(original.url.replace(/^[a-z]+:\/\/[^/?#]*/i, "") || "/"), before = original.status ?? "–", after = result ? (result.status ?? "–") : before;
    const row = h("tr", { "data-position": position }, h("td", null, verdictMark(verdict)), h("td", null, visible(original.method)), h("td", { class: "trunc", title: visible(original.url) }, path), h("td", { class: before === after ? "" : "client" }, before === after ? before : `${before} to ${after}`),
      h("td", { class: "trunc dim", title: visible(error?.message ?? summary.join("\n")) }, visible(error?.message ?? summary.join(", "))));
    this.#select(row);
    return row;
  }
}
