// The filter: one text field that the daemon reads, and a choice of session that writes into it.

import { h, icon } from "./dom.js";
import { count } from "./format.js";
import { go } from "./route.js";
import { store } from "./state.js";

/** Milliseconds after the last key before the filter is used. */
const PAUSE = 220;
const SESSION = /(?:^|\s)session:(\d+)(?=\s|$)/;

/**
 * @param {() => void} onleave Enter or Escape was pressed in the field
 * @returns {{ element: HTMLElement, focus: () => void }}
 */
export function filterBar(onleave) {
  const ink = h("pre", { "aria-hidden": "true" });
  const input = h("input", {
    id: "filter", type: "search", autocomplete: "off", autocapitalize: "off", spellcheck: "false", enterkeyhint: "search",
    placeholder: "Filter: status:5xx -host:cdn path:/api/ is:failed", "aria-describedby": "filter-count filter-error",
  });
  const shown = h("span", { class: "n", id: "filter-count" });
  const box = h("div", { class: "fbox" }, h("label", { class: "sr", for: "filter" }, "Filter"), icon("filter"), h("span", { class: "ink" }, ink, input), shown);
  const error = h("div", { class: "ferr", id: "filter-error", role: "status", hidden: true });
  const element = h("div", { class: "filter", role: "search" }, box, sessionChip(), error);

  const paint = () => {
    ink.replaceChildren(...colored(input.value, store.state.filterError));
    ink.scrollLeft = input.scrollLeft;
  };
  let timer = 0;
  const use = () => {
    clearTimeout(timer);
    go({ filter: input.value.trim() }, { replace: true });
  };
  input.addEventListener("input", () => {
    paint();
    clearTimeout(timer);
    timer = setTimeout(use, PAUSE);
  });
  input.addEventListener("scroll", () => (ink.scrollLeft = input.scrollLeft));
  input.addEventListener("keydown", (event) => {
    if (event.key === "Enter" || event.key === "Escape") {
      event.preventDefault();
      use();
      onleave();
    }
  });
  store.watch(["route"], ({ route }) => {
    if (input.value.trim() !== route.filter) input.value = route.filter;
    paint();
  });
  store.watch(["filterError"], ({ filterError }) => {
    box.classList.toggle("bad", filterError !== null);
    input.setAttribute("aria-invalid", String(filterError !== null));
    error.hidden = filterError === null;
    const hint = [filterError?.hint, "The list still shows the last filter that could be read."].filter(Boolean).join(" ");
    error.replaceChildren(icon("s-failed", "i12"), h("span", null, `${sentence(filterError?.message ?? "")} ${hint}`));
    paint();
  });
  store.watch(["matched", "total", "filterError", "route", "loaded"], ({ matched, total, filterError, route, loaded }) => {
    const of = !loaded ? "" : route.filter === "" && !filterError ? count(total) : `${matched === null ? "some" : count(matched)} of ${count(total)}`;
    shown.textContent = filterError ? `last good: ${of}` : of;
  });
  return { element, focus: () => input.select() };
}

/** Which session: writes `session:7` into the filter, so that there is one truth and one URL. */
function sessionChip() {
  const select = h("select", { "aria-label": "Session" });
  const arrow = icon("down");
  const clear = h("button", { type: "button", "aria-label": "Show all sessions", title: "Show all sessions", onclick: () => choose("") }, icon("x"));
  const element = h("span", { class: "chip" }, select, arrow, clear);
  const choose = (/** @type {string} */ id) => {
    const rest = store.state.route.filter.replace(SESSION, " ").trim();
    go({ filter: [id && `session:${id}`, rest].filter(Boolean).join(" ") });
  };
  select.addEventListener("change", () => choose(select.value));
  store.watch(["sessions", "route"], ({ sessions, route }) => {
    const chosen = SESSION.exec(route.filter)?.[1] ?? "";
    const options = [...sessions].reverse().map(({ id, name, exchanges }) => h("option", { value: id }, `${id}  ${name} (${count(exchanges)})`));
    if (chosen && !sessions.some(({ id }) => String(id) === chosen)) options.push(h("option", { value: chosen }, `Session ${chosen}`));
    select.replaceChildren(h("option", { value: "" }, "All sessions"), ...options);
    select.value = chosen;
    element.classList.toggle("on", chosen !== "");
    clear.hidden = chosen === "";
    arrow.toggleAttribute("hidden", chosen !== "");
  });
  return element;
}

/** @param {string} text */
const sentence = (text) => (text ? text[0].toUpperCase() + text.slice(1) + (/[.!?]$/.test(text) ? "" : ".") : "");

/**
 * The filter's text with its keys coloured and the word that cannot be read underlined.
 * @param {string} text
 * @param {{ offset: number, length: number } | null} error
 * @returns {Node[]}
 */
function colored(text, error) {
  /** @type {[string, "b" | "i" | null][]} */
  const pieces = [];
  for (const [, space, minus, key, rest] of text.matchAll(/(\s*)(-?)([a-z]+(?::|(?=[<>])))?("[^"]*"?|\S*)/g)) {
    pieces.push([space, null], [minus, "i"], [key ?? "", "b"], [rest, null]);
  }
  const from = error?.offset ?? -1, to = from + Math.max(error?.length ?? 0, 1);
  let at = 0;
  return pieces.filter(([piece]) => piece).flatMap(([piece, name]) => {
    const cuts = [0, from - at, to - at, piece.length].filter((cut) => cut >= 0 && cut <= piece.length).sort((a, b) => a - b);
    const nodes = cuts.slice(1).map((cut, n) => ({ start: cuts[n], part: piece.slice(cuts[n], cut) })).filter(({ part }) => part)
      .map(({ start, part }) => {
        const node = name ? h(name, null, part) : document.createTextNode(part);
        return error && at + start >= from && at + start < to ? h("u", null, node) : node;
      });
    at += piece.length;
    return nodes;
  });
}
