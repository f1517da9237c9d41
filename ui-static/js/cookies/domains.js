// The domains of a jar, each under the one it belongs to.

import { addDomain } from "../api-cookies.js";
import { button, h, icon } from "../dom.js";
import { count, visible } from "../format.js";
import { go, linkTo } from "../route.js";
import { askName } from "../sessions/ask.js";
import { store } from "../state.js";
import { changing } from "./known.js";
import { redraw } from "./redraw.js";

/** @import { JarDomain } from "./types.js" */

/** Lines that are drawn. */
const MOST = 300;

/**
 * Domains, each behind the one above it, with how many of those above it there are.
 * @param {JarDomain[]} items
 */
export function nested(items) {
  const known = new Set(items.map(({ domain }) => domain));
  const lines = items.map((item) => {
    const above = item.domain.split(".").map((_, at, labels) => labels.slice(at).join(".")).slice(1).filter((domain) => known.has(domain));
    return { ...item, depth: above.length, key: [...above.reverse(), item.domain].join(" ") };
  });
  return lines.sort((a, b) => (a.key < b.key ? -1 : 1));
}

export class DomainList {
  /** @param {() => void} onfind other cookies are looked for */
  constructor(onfind) {
    this.jar = 0;
    /** @type {ReturnType<typeof nested>} */
    this.items = [];
    const label = "Find a domain or cookie";
    this.find = h("input", { class: "field grow", type: "search", "aria-label": label, placeholder: label, maxlength: 200, spellcheck: "false", autocomplete: "off", oninput: () => {
      go({ filter: "", tab: "" }, { replace: true });
      this.draw();
      onfind();
    } });
    this.nav = h("nav", { class: "scroll body", "aria-label": "Jar by domain" });
    this.head = h("div", { class: "sub" }, this.find, button({ icon: "plus", label: "Add a domain", class: "tiny", onclick: () => void this.#add() }));
  }

  /** What is looked for. */
  get text() {
    return this.find.value.trim();
  }

  /** @param {number} jar @param {JarDomain[]} items */
  show(jar, items) {
    this.jar = jar;
    this.items = nested(items);
    this.draw();
  }

  draw() {
    const { text, items } = this, { route } = store.state, found = items.filter(({ domain }) => domain.includes(text.toLowerCase()));
    const line = (/** @type {string} */ domain, /** @type {Node | string} */ word, /** @type {number} */ depth, synced = false, /** @type {number | null} */ n = null) => {
      return linkTo({ filter: domain, tab: "" }, { class: `item lv${Math.min(depth, 2)}`, "data-id": domain, "aria-current": route.filter === domain ? "true" : null }, h("span", { class: "trunc grow" }, word), synced && h("span", { class: "ok", title: "Synced from traffic" }, icon("sync"), h("span", { class: "sr" }, "synced")), h("span", { class: "r" }, n !== null && count(n)));
    };
    redraw(this.nav, [line("", h("b", null, text ? "Cookies that match" : "All cookies"), 0), ...found.slice(0, MOST).map(({ domain, depth, synced, cookies }) => line(domain, visible(domain), text ? 0 : depth, synced, cookies)),
      found.length > MOST ? h("p", { class: "note" }, `${count(found.length - MOST)} more domains: find them by name`) : items.length ? "" : h("p", { class: "note" }, "No cookies yet. They come from answers to what is sent, from syncing, from a file, or by hand.")]);
  }

  async #add() {
    const domain = await askName("Add a domain", "", { label: "Domain" }), made = domain && (await changing(addDomain(this.jar, domain), `${visible(domain)} is there`));
    if (made) go({ filter: made.domain, tab: "" });
  }
}
