// The bar of a row: its phases on the axis that all visible rows share. Attributes only, no style.

import { s } from "../dom.js";
import { DONE, FAILED } from "./columns.js";
import { phases } from "./phases.js";

/** @import { Columns } from "./columns.js" */

/**
 * @typedef {object} Axis
 * @property {number} from microseconds since the epoch, where the axis begins
 * @property {number} span microseconds
 * @property {number} width pixels
 * @property {boolean} own every row begins at its own start: the rows are too far apart for one axis
 */

const MOST = 8;

export class Waterfall {
  constructor() {
    this.bars = Array.from({ length: MOST }, () => s("rect", { y: "30%", height: "40%", width: 0 }));
    /** What each bar shows now, so that only changes are written. */
    this.shown = this.bars.map(() => "");
    const lines = [20, 40, 60, 80].map((at) => s("line", { class: "wf-grid", x1: `${at}%`, x2: `${at}%`, y1: 0, y2: "100%" }));
    this.element = s("svg", { "aria-hidden": "true" }, ...lines, ...this.bars);
  }

  /**
   * @param {Columns} columns
   * @param {number} slot
   * @param {Axis} axis
   * @param {number} now microseconds since the epoch
   */
  update(columns, slot, axis, now) {
    const { numbers, flags } = columns, started = numbers.started[slot], scale = axis.width / axis.span;
    const offset = axis.own ? 0 : (started - axis.from) * scale;
    let used = 0;
    const bar = (/** @type {string} */ name, /** @type {number} */ from, /** @type {number} */ width) => {
      if (used < MOST) this.#draw(used++, `w-${name}`, offset + from * scale, width);
    };
    const until = timingsOf(columns, slot), open = !(flags[slot] & DONE);
    for (const { name, from, to } of phases(until, now - started)) {
      if (name !== "queue" && !(open && name === "wait")) bar(name, from, Math.max((to - from) * scale, 1.5));
    }
    const reached = [until.head, until.ready].find((at) => !Number.isNaN(at)) ?? 0;
    if (open) bar("open", reached, Math.max((now - started - reached) * scale, 2));
    if (flags[slot] & FAILED) bar("fail", Number.isNaN(until.end) ? reached : until.end, 2);
    while (used < MOST) this.#draw(used++, "", 0, 0);
  }

  /**
   * @param {number} at
   * @param {string} name
   * @param {number} x
   * @param {number} width
   */
  #draw(at, name, x, width) {
    const shown = name && `${name} ${x.toFixed(1)} ${width.toFixed(1)}`;
    if (this.shown[at] === shown) return;
    this.shown[at] = shown;
    const bar = this.bars[at];
    if (name) {
      bar.setAttribute("class", name);
      bar.setAttribute("x", x.toFixed(1));
    }
    bar.setAttribute("width", width.toFixed(1));
  }
}

/**
 * @param {Columns} columns
 * @param {number} slot
 */
function timingsOf({ numbers }, slot) {
  return {
    ready: numbers.ready[slot], head: numbers.head[slot], end: numbers.end[slot],
    dns: numbers.dns[slot], connect: numbers.connect[slot], tls: numbers.tls[slot],
  };
}

/**
 * The axis on which the given rows are best seen: one for all, unless that would leave nothing but slivers. What is
 * still under way does not stretch it.
 * @param {Columns} columns
 * @param {number[]} slots
 * @param {number} width
 * @param {number} now microseconds since the epoch
 * @returns {Axis}
 */
export function axisFor({ numbers, flags }, slots, width, now) {
  let from = Infinity, to = -Infinity, longest = 0;
  for (const slot of slots) {
    const start = numbers.started[slot], took = flags[slot] & DONE ? numbers.end[slot] || 0 : 0;
    from = Math.min(from, start);
    to = Math.max(to, start + took);
    longest = Math.max(longest, took);
  }
  if (longest === 0 && from < Infinity) to = Math.max(to, now);
  const whole = to - from;
  if (!(whole > 0)) return { from: now, span: 1e6, width, own: false };
  const own = whole > 60e6 && longest > 0 && longest * 30 < whole;
  if (own) return { from, span: round(longest), width, own };
  // Begins at a round time, so that the bars do not shift with every row that is scrolled.
  const span = round(whole * 1.05), part = span / 20;
  return { from: Math.floor(from / part) * part, span, width, own };
}

/** @param {number} us The next of 1, 2 and 5 times a power of ten. */
function round(us) {
  const power = 10 ** Math.floor(Math.log10(Math.max(us, 1000)));
  return [1, 2, 5, 10].map((n) => n * power).find((n) => n >= us) ?? us;
}
