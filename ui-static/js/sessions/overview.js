// Graphs of a session: how its exchanges divide by status, method, domain and content type. A click filters.

import { ApiError } from "../api.js";
import { overview } from "../api-control.js";
import { h, icon, s } from "../dom.js";
import { bytes, count, plural, visible } from "../format.js";
import { reasonOf } from "../reason.js";
import { linkTo } from "../route.js";
import { classes } from "../filter/groups.js";
import { quoted } from "../filter/terms.js";
import { store } from "../state.js";

/** @import { Group, Overview, Property } from "../api-types.js" */
/** @import { Route } from "../route.js" */

/** @type {[Property, string][]} */
const GRAPHS = [["status", "Status"], ["method", "Method"], ["host", "Domain"], ["type", "Content type"]];
/** @typedef {"exchanges" | "bytes" | "failures"} Measure */
/** @type {Record<Measure, { word: string, say: (n: number) => string, of: (n: number) => string }>} */
const MEASURES = {
  exchanges: { word: "Exchanges", say: count, of: (n) => plural(n, "exchange") },
  bytes: { word: "Bytes", say: bytes, of: bytes },
  failures: { word: "Failures", say: count, of: (n) => plural(n, "failure") },
};
/** Bars of a graph beside others, and of one alone. */
const FEW = 8, MANY = 100;
/** Milliseconds between two counts of a session that grows. */
const PACE = 2000;

export class OverviewPanel {
  constructor() {
    this.id = -1;
    /** @type {Property | ""} */
    this.by = "";
    /** @type {Measure} */
    this.measure = "exchanges";
    this.graphs = h("div", { class: "graphs" });
    const by = h("select", { class: "field", id: "graph-by", onchange: () => {
      this.by = /** @type {Property | ""} */ (by.value);
      void this.#load();
    } }, h("option", { value: "" }, "Everything"), ...GRAPHS.map(([value, word]) => h("option", { value }, word)));
    const measure = h("select", { class: "field", id: "graph-measure", onchange: () => {
      this.measure = /** @type {Measure} */ (measure.value);
      this.#draw();
    } }, ...Object.entries(MEASURES).map(([value, { word }]) => h("option", { value }, word)));
    this.total = h("span", { class: "dim" });
    this.element = h("div", { class: "scroll grow", tabindex: 0, "aria-label": "Overview" },
      h("div", { class: "sub graphbar" }, h("label", { for: "graph-by" }, "Show"), by, h("label", { for: "graph-measure" }, "by"), measure, this.total), this.graphs);
    /** @type {Overview[]} */
    this.found = [];
    this.asking = new AbortController();
    this.timer = 0;
    this.counted = "";
    store.watch(["sessions"], () => this.#soon());
  }

  /** @param {number} id of the session */
  show(id) {
    if (this.id === id) return this.#soon();
    this.id = id;
    this.graphs.replaceChildren();
    void this.#load();
  }

  /** A session that grows is counted again, now and then. */
  #soon() {
    const session = store.state.sessions.find(({ id }) => id === this.id);
    if (!session || !this.element.isConnected || this.counted === `${session.exchanges} ${session.failures}`) return;
    this.timer ||= setTimeout(() => {
      this.timer = 0;
      void this.#load();
    }, PACE);
  }

  async #load() {
    this.asking.abort();
    const { signal } = (this.asking = new AbortController()), { id } = this, wanted = GRAPHS.filter(([by]) => !this.by || by === this.by);
    const session = store.state.sessions.find((one) => one.id === id);
    try {
      const found = await Promise.all(wanted.map(([by]) => overview(id, by, signal)));
      if (this.id !== id) return;
      this.found = found;
      this.counted = session ? `${session.exchanges} ${session.failures}` : "";
      this.#draw();
    } catch (error) {
      if (error instanceof ApiError) this.graphs.replaceChildren(h("p", { class: "note" }, icon("info"), reasonOf(error)));
    }
  }

  #draw() {
    const { measure, by, found } = this, [first] = found;
    this.graphs.classList.toggle("alone", by !== "");
    if (!first) return;
    this.total.textContent = `${MEASURES[measure].of(first[measure])}, without what is in flight`;
    if (first.exchanges === 0) return this.graphs.replaceChildren(h("p", { class: "note" }, icon("info"), "Nothing has been recorded in this session."));
    this.graphs.replaceChildren(...found.map((one) => graph(by ? one : inClasses(one), this.id, measure, by ? MANY : FEW)));
  }
}

/**
 * @param {Overview} overview
 * @param {number} session
 * @param {Measure} measure
 * @param {number} most bars
 */
function graph({ by, items, ...whole }, session, measure, most) {
  const given = items.filter((item) => item[measure] > 0), sorted = by === "status" && most === FEW ? given : given.sort((a, b) => b[measure] - a[measure]), shown = sorted.slice(0, most), rest = sorted.slice(most);
  const title = GRAPHS.find(([one]) => one === by)?.[1] ?? by, sum = (/** @type {Group[]} */ of) => of.reduce((all, item) => all + item[measure], 0);
  const total = whole[measure], longest = Math.max(1, ...shown.map((item) => item[measure]), 0);
  const lines = shown.flatMap((item) => bar(label(by, item.value, session), item[measure], longest, total, measure, colorOf(by, item.value)));
  if (rest.length) lines.push(...bar(h("span", { class: "dim" }, plural(rest.length, "other")), sum(rest), longest, total, measure, "b-soft"));
  const note = rest.length ? `${count(sorted.length)} in all` : by === "status" ? "click a bar to filter" : "";
  return h("figure", { class: "graph" }, h("figcaption", null, h("h2", null, title), h("span", { class: "dim" }, sorted.length ? note : `no ${MEASURES[measure].word.toLowerCase()}`)), h("div", { class: "bars" }, ...lines));
}

/**
 * Name, bar, number and share: four cells of a grid.
 * @param {HTMLElement} name
 * @param {number} value
 * @param {number} longest
 * @param {number} total
 * @param {Measure} measure
 * @param {string} color
 */
function bar(name, value, longest, total, measure, color) {
  const share = total ? (100 * value) / total : 0, percent = `${share > 0 && share < 0.95 ? share.toFixed(1) : Math.round(share)} %`;
  const drawn = s("svg", { role: "img", "aria-label": `${MEASURES[measure].of(value)}, ${percent}` },
    s("rect", { class: "b-track", width: "100%", height: "100%", rx: 1 }), s("rect", { class: color, width: `${Math.max(0.5, (100 * value) / longest)}%`, height: "100%", rx: 1 }));
  if (name instanceof HTMLAnchorElement) drawn.addEventListener("click", () => name.click());
  return [name, drawn, h("span", { class: "num" }, MEASURES[measure].say(value)), h("span", { class: "num dim" }, percent)];
}

/**
 * Statuses by their class: 2xx, 3xx.
 * @param {Overview} overview
 * @returns {Overview}
 */
function inClasses({ items, ...rest }) {
  return { ...rest, items: rest.by === "status" ? classes(items) : items };
}

const SHAPES = /** @type {Record<string, [string, string]>} */ ({ 2: ["ok", "s-ok"], 3: ["redirect", "s-redirect"], 4: ["client", "s-client"], 5: ["server", "s-server"] });
const BARS = /** @type {Record<string, string>} */ ({ 2: "b-2xx", 3: "b-redirect", 4: "b-warn", 5: "b-err" });

/** @param {Property} by @param {string} value */
const colorOf = (by, value) => (value === "" ? "b-soft" : by === "status" ? (BARS[value[0]] ?? "b-ok") : "b-ok");

/**
 * @param {Property} by
 * @param {string} value
 * @param {number} session
 */
function label(by, value, session) {
  if (value === "") return h("span", { class: "dim" }, NONE[by]);
  const [color, shape] = by === "status" ? (SHAPES[value[0]] ?? ["pending", "s-pending"]) : ["", ""];
  const filter = `${by}:${quoted(value)}`;
  /** @type {Partial<Route>} */
  return linkTo({ screen: "session", session, id: "", tab: "", filter }, { class: color ? `st ${color}` : "trunc", title: `Show only ${visible(value)}` }, shape && icon(shape, "i12"), visible(value));
}

/** @type {Record<Property, string>} */
const NONE = { status: "no answer", method: "no method", host: "no host", type: "no body" };
