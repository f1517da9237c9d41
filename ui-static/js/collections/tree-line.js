// One line of the tree.

import { h, icon } from "../dom.js";
import { count, plural, visible } from "../format.js";
import { href } from "../route.js";
import { store } from "../state.js";
import { outcome } from "../table/outcome.js";

/** @import { Line } from "./lines.js" */

/** What a screen reader says of a kind. */
const KINDS = { collection: "collection", folder: "folder", request: "request", example: "example" };

/** @param {Line} line */
export function treeLine(line) {
  const { key, kind, name, status, depth, branch, open, live } = line;
  const element = h("li", {
    class: `item ${kind}`, role: "treeitem", "data-at": key, "aria-level": depth + 1, "aria-expanded": branch ? String(open) : null, title: visible(name), "aria-label": said(line),
  },
  h("span", { class: "tw", "data-part": branch ? "fold" : null }, branch && icon(open ? "down" : "right", "i12")), mark(line),
  h("a", { class: "name trunc grow", tabindex: -1, draggable: "false", href: href({ ...store.state.route, screen: "collections", at: key, tab: "", against: "", filter: "", session: null, id: "" }) }, kind === "example" && status ? h("span", { class: outcome({ kind: "http", status, done: true, failed: false }).color }, `${status} `) : "", visible(name)),
  live !== null && h("span", { class: "st stream" }, icon("s-stream", "i12"), "live"),
  h("span", { class: "r" }, (kind === "collection" || (kind === "folder" && !open)) && count(line.count)),
  h("button", { type: "button", class: "btn tiny icon", "data-part": "more", tabindex: -1, "aria-label": `More about ${visible(name)}` }, icon("more")));
  element.style.setProperty("--depth", String(depth));
  return element;
}

/** @param {Line} line */
function mark({ kind, method, status }) {
  if (kind === "folder") return icon("collections");
  if (kind === "request") return h("span", { class: "m", "data-method": method }, visible(short(method)));
  if (kind !== "example") return "";
  const { color, shape } = status ? outcome({ kind: "http", status, done: true, failed: false }) : { color: "", shape: "s-pending" };
  return h("span", { class: `st ${color}` }, icon(shape, "i12"));
}

/** @param {string} method */
export const short = (method) => (method === "DELETE" ? "DEL" : method === "OPTIONS" ? "OPT" : method.length > 5 ? method.slice(0, 4) : method);

/** @param {Line} line */
const said = ({ kind, name, method, count: n, scripts, live }) => [KINDS[kind], visible(method), visible(name), kind === "collection" ? plural(n, "request") : "", scripts ? "with scripts that are not run" : "", live === null ? "" : "being filled"].filter(Boolean).join(" ");
