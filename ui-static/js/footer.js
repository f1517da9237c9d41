// The line under the table: how much is shown, what failed, what is under way, and the key to the waterfall.

import { consoleButton } from "./console/open.js";
import { h, s } from "./dom.js";
import { count } from "./format.js";
import { listShown } from "./route.js";
import { store } from "./state.js";

/** @import { Columns } from "./table/columns.js" */
/** @import { Order } from "./table/order.js" */

/**
 * @param {Columns} columns
 * @param {Order} order
 */
export function footer(columns, order) {
  const shown = h("span"), failed = h("span", { class: "server" }), open = h("span", { class: "hide-s" }), notice = h("span", { class: "mid trunc", role: "status" });
  const legend = ["dns", "connect", "tls", "wait", "receive"].map((name) =>
    h("span", { class: "legend hide-m" }, s("svg", { "aria-hidden": "true" }, s("rect", { class: `w-${name}`, width: "100%", height: "100%", rx: 1 })), name));
  store.watch(["revision", "older", "next", "matched", "atLeast"], ({ older, next, matched, atLeast }) => {
    const all = older === null && next === "", rows = count(columns.length), of = matched !== null ? count(matched) : atLeast ? `at least ${count(atLeast)}` : "more";
    shown.textContent = all ? `${rows} shown` : `${order.fixed ? "sorted: " : ""}${rows} of ${of} loaded`;
    failed.textContent = columns.failed ? `${count(columns.failed)} failed` : "";
    open.textContent = columns.open ? `${count(columns.open)} in flight` : "";
  });
  store.watch(["notice"], (state) => (notice.textContent = state.notice));
  return h("div", { class: "foot" }, shown, failed, open, notice, h("span", { class: "grow" }), ...legend, consoleButton("hide-s"));
}

/** What just happened, on screens that have no such line. */
export function noticeLine() {
  const text = h("span", { class: "trunc grow", role: "status" }), element = h("div", { class: "foot" }, text, consoleButton());
  store.watch(["notice", "route"], ({ notice, route }) => {
    element.hidden = listShown(route) || (notice === "" && route.screen !== "collections");
    text.textContent = element.hidden ? "" : notice;
  });
  return element;
}
