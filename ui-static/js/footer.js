// The line under the table: how much is shown, what failed, what is under way, and the key to the waterfall.

import { button, h, s } from "./dom.js";
import { count } from "./format.js";
import { store } from "./state.js";

/** @import { Columns } from "./table/columns.js" */
/** @import { Order } from "./table/order.js" */

/**
 * @param {Columns} columns
 * @param {Order} order
 * @param {() => void} onolder
 */
export function footer(columns, order, onolder) {
  const shown = h("span"), failed = h("span", { class: "server" }), open = h("span", { class: "hide-s" }), notice = h("span", { class: "mid trunc", role: "status" });
  const older = button({ label: "Load older", word: "Load older", class: "tiny", onclick: onolder });
  const legend = ["dns", "connect", "tls", "wait", "receive"].map((name) =>
    h("span", { class: "legend hide-m" }, s("svg", { "aria-hidden": "true" }, s("rect", { class: `w-${name}`, width: "100%", height: "100%", rx: 1 })), name));
  store.watch(["revision", "older", "matched"], ({ older: cursor, matched }) => {
    const all = cursor === null, sorted = !order.chronological, rows = count(columns.length);
    shown.textContent = all ? `${rows} shown` : `${sorted ? "sorted: " : ""}${rows} of ${matched === null ? "more" : count(matched)} loaded`;
    failed.textContent = columns.failed ? `${count(columns.failed)} failed` : "";
    open.textContent = columns.open ? `${count(columns.open)} in flight` : "";
    older.hidden = all || !sorted;
  });
  store.watch(["notice"], (state) => (notice.textContent = state.notice));
  return h("div", { class: "foot" }, shown, older, failed, open, notice, h("span", { class: "grow" }), ...legend);
}
