// All results of a replay in one line, in their order: a mark for each, or for as many as have room for one.

import { h, s } from "../dom.js";
import { count } from "../format.js";

/** @import { Result, Verdict } from "./types.js" */

/** Marks that have room. */
const MOST = 120;

/** The worst first. @type {Verdict[]} */
const RANK = ["failed", "changed", "skipped", "same", "sent"];
/** @type {Record<string, string>} */
const LOOK = { same: "b-soft", changed: "b-warn", failed: "b-err", skipped: "b-skip", sent: "b-soft" };

/**
 * @param {Result[]} items those that are loaded
 * @param {number} total
 * @param {(position: number) => void} onpick
 */
export function strip(items, total, onpick) {
  const marks = Math.min(total, MOST), width = 1000 / Math.max(1, marks);
  /** @type {Map<number, Result[]>} */
  const groups = new Map();
  for (const item of items) {
    const at = Math.min(marks - 1, Math.floor(((item.position - 1) * marks) / Math.max(1, total)));
    groups.set(at, [...(groups.get(at) ?? []), item]);
  }
  const rects = Array.from({ length: marks }, (_, at) => {
    const worst = RANK.map((verdict) => groups.get(at)?.find((item) => item.verdict === verdict)).find(Boolean);
    return s("rect", { class: LOOK[worst?.verdict ?? ""] ?? "b-track", x: at * width, y: 0, width: Math.max(1, width - 1.5), height: 14, onclick: () => worst && onpick(worst.position) });
  });
  return h("div", { class: "rstrip" }, s("svg", { viewBox: "0 0 1000 14", preserveAspectRatio: "none", role: "img", "aria-label": `${count(total)} results in their order` }, ...rects));
}
