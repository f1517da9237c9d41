// What saving would make, as a tree to look at.

import { h, icon } from "../dom.js";
import { count, plural, visible } from "../format.js";
import { short } from "./tree-line.js";

/** @import { PreviewNode } from "./types.js" */

/** Lines that are shown. */
const MOST = 500;

/** @param {PreviewNode[]} nodes */
export function previewTree(nodes) {
  /** @type {HTMLElement[]} */
  const lines = [];
  let all = 0;
  const walk = (/** @type {PreviewNode[]} */ some, /** @type {number} */ depth) => {
    for (const { kind, name, method, count: times = 0, examples = 0, children = [] } of some) {
      all++;
      if (lines.length < MOST) {
        const line = h("li", { class: `item ${kind}`, "data-depth": depth }, kind === "folder" ? icon("collections") : h("span", { class: "m", "data-method": method }, visible(short(method ?? ""))), h("span", { class: "trunc grow", title: visible(name) }, visible(name)),
          h("span", { class: "r" }, [kind === "request" && times > 1 && `from ${count(times)}`, examples > 0 && plural(examples, "example")].filter(Boolean).join(", ")));
        line.style.setProperty("--depth", String(depth));
        lines.push(line);
      }
      walk(children, depth + 1);
    }
  };
  walk(nodes, 0);
  if (all > lines.length) lines.push(h("li", { class: "note" }, `and ${plural(all - lines.length, "more", "more")}`));
  return h("ul", { class: "coltree" }, ...lines);
}
