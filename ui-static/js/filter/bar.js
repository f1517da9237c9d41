// The filter: one text field that the daemon reads, and chips that write into it.

import { button, h, icon } from "../dom.js";
import { count } from "../format.js";
import { lazy } from "../lazy.js";
import { go } from "../route.js";
import { store } from "../state.js";
import { colored } from "./ink.js";
import { Recall, remember } from "./recent.js";
import { chosen, withChosen } from "./terms.js";

/** @import { Property } from "../api-types.js" */
/** @import { State } from "../state.js" */

/** Milliseconds after the last key before the filter is used. */
const PAUSE = 220;

/** @type {[Property, string][]} */
const CHIPS = [["method", "Method"], ["status", "Status"], ["type", "Type"], ["host", "Host"]];

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
  const off = h("button", { type: "button", class: "tag warn", title: "Switch the filter on again (\\)", onclick: () => toggleFilter() }, "off");
  const help = button({ icon: "help", label: "Filter language", class: "tiny", onclick: () => void lazy(() => import("./help.js")).then((part) => part?.showHelp()) });
  const box = h("div", { class: "fbox" }, h("label", { class: "sr", for: "filter" }, "Filter"), icon("filter"), h("span", { class: "ink" }, ink, input), off, shown, help);
  const error = h("div", { class: "ferr", id: "filter-error", role: "status", hidden: true });
  const element = h("div", { class: "filter", role: "search" }, box, h("div", { class: "chips", role: "group", "aria-label": "Quick filters" }, ...CHIPS.map(([key, word]) => chip(key, word))), error);

  const recall = new Recall();
  /** What is painted. @type {unknown[]} */
  let painted = [];
  const paint = () => {
    const now = [input.value, store.state.filterError];
    if (now.every((one, at) => one === painted[at])) return;
    painted = now;
    ink.replaceChildren(...colored(input.value, store.state.filterError));
    // Once the page is laid out with it.
    requestAnimationFrame(() => (ink.scrollLeft = input.scrollLeft));
  };
  let timer = 0;
  const use = () => {
    clearTimeout(timer);
    store.set({ filterOff: false });
    go({ filter: input.value.trim() }, { replace: true });
  };
  const soon = () => {
    paint();
    clearTimeout(timer);
    timer = setTimeout(use, PAUSE);
  };
  input.addEventListener("input", () => {
    recall.reset();
    soon();
  });
  input.addEventListener("scroll", () => (ink.scrollLeft = input.scrollLeft));
  input.addEventListener("keydown", (event) => {
    if (event.key === "Enter" || event.key === "Escape") {
      event.preventDefault();
      // First, while nothing of the page has changed and has to be laid out for it.
      onleave();
      use();
    } else if (event.key === "ArrowUp" || event.key === "ArrowDown") {
      event.preventDefault();
      const text = recall.move(event.key === "ArrowUp" ? 1 : -1, input.value.trim());
      if (text === null) return;
      input.value = text;
      soon();
    }
  });
  // What was left standing is recalled later, once it is known to be a filter.
  store.watch(["applied", "route"], ({ applied, route }) => applied === route.filter && document.activeElement !== input && remember(applied));
  input.addEventListener("blur", () => store.state.applied === store.state.route.filter && remember(store.state.applied));
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
  store.watch(["filterOff", "route"], ({ filterOff, route }) => {
    off.hidden = !filterOff || route.filter === "";
    box.classList.toggle("off", !off.hidden);
  });
  store.watch(["matched", "atLeast", "total", "filterError", "filterOff", "route", "loaded", "status"], (state) => (shown.textContent = counted(state)));
  return { element, focus: () => input.select() };
}

/** Shows everything for a moment, or what passes the filter again. */
export function toggleFilter() {
  if (store.state.route.filter) store.set({ filterOff: !store.state.filterOff });
}

/** "1,204 of 18,330", and what the full text of bodies cannot tell yet. @param {Readonly<State>} state */
function counted({ matched, atLeast, total, route, filterError, filterOff, loaded, status }) {
  if (!loaded) return "";
  const all = count(Math.max(total, matched ?? atLeast)), whole = route.filter === "" || filterOff;
  const some = matched !== null ? count(matched) : atLeast ? `at least ${count(atLeast)}` : "some";
  const of = whole && !filterError ? all : `${some} of ${all}`, behind = /\b(?:body|text):|~b/.test(route.filter) && !filterOff ? (status?.index?.text_behind ?? 0) : 0;
  return `${filterError ? "last good: " : ""}${of}${behind ? `, ${count(behind)} not searched yet` : ""}`;
}

/**
 * Choices for one property, written into the filter.
 * @param {Property} key
 * @param {string} word
 */
function chip(key, word) {
  const values = h("b", { class: "trunc" }), arrow = icon("down");
  const open = h("button", { type: "button", "aria-haspopup": "dialog", onclick: () => void lazy(() => import("./menu.js")).then((part) => part?.openMenu(key, word, element)) }, word, values, arrow);
  const clear = h("button", { type: "button", class: "clear", "aria-label": `Any ${word.toLowerCase()}`, title: `Any ${word.toLowerCase()}`, onclick: () => go({ filter: withChosen(store.state.route.filter, key, []) }) }, icon("x"));
  const element = h("span", { class: "chip" }, open, clear);
  store.watch(["route"], ({ route }) => {
    const now = chosen(route.filter, key);
    element.classList.toggle("on", now.length > 0);
    values.textContent = now.join(" ");
    clear.hidden = now.length === 0;
    arrow.toggleAttribute("hidden", now.length > 0);
  });
  return element;
}

/** @param {string} text */
const sentence = (text) => (text ? text[0].toUpperCase() + text.slice(1) + (/[.!?]$/.test(text) ? "" : ".") : "");
