// The head of the table: a click sorts, a second one turns round, a third one goes back to time order.

import { h, icon } from "../dom.js";
import { span } from "../format.js";

/** @import { Axis } from "./waterfall.js" */
/** @import { SortKey } from "./order.js" */

/** @type {[SortKey, string, string][]} */
const HEADS = [
  ["time", "Time", "c-time"], ["method", "Method", "c-method"], ["status", "Status", "c-st"], ["host", "Host", "c-host"],
  ["path", "Path", "c-path"], ["type", "Type", "c-type"], ["size", "Size", "c-size num"], ["duration", "Duration", "c-dur num"],
];

export class Header {
  /**
   * @param {(key: SortKey, descending: boolean) => void} onsort
   * @param {(all: boolean) => void} oncheck
   */
  constructor(onsort, oncheck) {
    this.onsort = onsort;
    this.box = h("input", { type: "checkbox", "aria-label": "Select all" });
    this.box.addEventListener("change", () => oncheck(this.box.checked));
    this.cells = new Map(HEADS.map(([key, word, look]) => [key, this.#cell(key, word, look)]));
    this.axisStart = h("span", null, "0");
    this.axisEnd = h("span");
    this.axis = h("div", { role: "columnheader", class: "c-wf" }, this.axisStart, this.axisEnd);
    this.element = h("div", { class: "row hdr", role: "row", "aria-rowindex": 1 }, h("div", { role: "columnheader", class: "c-check" }, this.box), ...this.cells.values(), this.axis);
    this.show("time", false);
  }

  /**
   * Marks the column that is sorted by.
   * @param {SortKey} key
   * @param {boolean} descending
   */
  show(key, descending) {
    this.key = key;
    this.descending = descending;
    for (const [name, cell] of this.cells) {
      const button = /** @type {HTMLButtonElement} */ (cell.firstElementChild);
      cell.setAttribute("aria-sort", name !== key ? "none" : descending ? "descending" : "ascending");
      button.replaceChildren(button.firstChild ?? "", ...(name === key ? [icon("down", "i12")] : []));
    }
  }

  /** @param {boolean} all @param {boolean} some */
  showChecked(all, some) {
    this.box.checked = all;
    this.box.indeterminate = some && !all;
  }

  /** @param {Axis} axis */
  showAxis({ span: us, own }) {
    const start = own ? "each" : "0", end = us < 1e6 ? `${us / 1000} ms` : us < 60e6 ? `${us / 1e6} s` : span(us);
    if (this.axisEnd.textContent === end && this.axisStart.textContent === start) return;
    this.axisStart.textContent = start;
    this.axisEnd.textContent = end;
    this.axis.setAttribute("aria-label", own ? `Waterfall, ${end}, every row from its own start` : `Waterfall, 0 to ${end}`);
    this.axis.title = own ? "The rows are far apart in time: every bar begins at its own start" : "From the start of the first row shown";
  }

  /**
   * @param {SortKey} key
   * @param {string} word
   * @param {string} look
   */
  #cell(key, word, look) {
    return h("div", { role: "columnheader", class: look }, h("button", { type: "button", onclick: () => this.#click(key) }, word));
  }

  /** @param {SortKey} key */
  #click(key) {
    if (this.key !== key) this.onsort(key, false);
    else if (!this.descending) this.onsort(key, true);
    else this.onsort("time", false);
  }
}
