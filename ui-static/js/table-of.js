// Small tables.

import { h } from "./dom.js";

/** @import { Child } from "./dom.js" */

/**
 * @param {string} look classes besides `tbl`
 * @param {string[]} heads words over the columns; an empty one is that of buttons
 * @param {Child[] | HTMLTableSectionElement} rows
 */
export function tableOf(look, heads, rows) {
  return h("table", { class: `tbl ${look}`.trim() }, h("thead", null, h("tr", null, ...heads.map((word) => h("th", { scope: "col" }, word || h("span", { class: "sr" }, "Actions"))))), Array.isArray(rows) ? h("tbody", null, ...rows) : rows);
}
