// The cookies of a domain, with those it receives from above; or all of a jar, or those that match.

import { ApiError } from "../api.js";
import { cookies } from "../api-cookies.js";
import { button, h } from "../dom.js";
import { count, plural, visible } from "../format.js";
import { reasonOf } from "../reason.js";
import { go } from "../route.js";
import { store } from "../state.js";
import { tableOf } from "../table-of.js";
import { removing } from "./known.js";
import { redraw } from "./redraw.js";
import { ends, flags, named, sameSite, shown } from "./words.js";

/** @import { Cookie } from "./types.js" */

/** Cookies of a page, and the most of one question. */
const PAGE = 200, MOST = 1000;
const COLUMNS = ["Name", "Value", "Domain", "Expires", "Flags", "SameSite"];

export class CookieList {
  constructor() {
    this.jar = 0;
    this.domain = "";
    this.text = "";
    this.revealed = false;
    /** @type {Cookie[]} */
    this.items = [];
    this.next = "";
    this.title = h("h2", { class: "trunc" });
    this.said = h("span", { class: "dim" });
    this.body = h("tbody");
    this.reveal = button({ icon: "eye", word: "Reveal values", class: "tiny", onclick: () => {
      this.revealed = !this.revealed;
      this.load();
    } });
    this.clear = button({ icon: "trash", label: "Delete all of these", class: "tiny danger", onclick: () => void this.#clear() });
    this.more = button({ word: "More", class: "line", onclick: () => void this.#page() });
    this.head = h("div", { class: "sub" }, this.title, this.said, h("span", { class: "grow" }), this.reveal, this.clear);
    this.table = h("div", { class: "scroll body", tabindex: 0, "aria-label": "Cookie list", onkeydown: (/** @type {KeyboardEvent} */ event) => this.#key(event) },
      tableOf("t-cookies", COLUMNS, this.body), h("div", { class: "pad" }, this.more));
    this.asking = new AbortController();
  }

  /** @param {number} jar @param {string} domain or empty @param {string} text that is looked for, or empty */
  show(jar, domain, text) {
    const moved = jar !== this.jar || domain !== this.domain || text !== this.text;
    if (domain && domain !== this.domain) this.head.scrollIntoView({ block: "nearest" });
    Object.assign(this, { jar, domain, text });
    if (moved) this.items = [];
    this.load();
  }

  /** From the beginning, as many as there were. */
  load() {
    this.next = "";
    void this.#page();
  }

  async #page() {
    this.asking.abort();
    const { signal } = (this.asking = new AbortController()), { jar, domain, text, next, revealed } = this;
    try {
      const page = await cookies(jar, { limit: next ? PAGE : Math.min(MOST, Math.max(PAGE, this.items.length)), cursor: next, ...(domain ? { domain, reach: "true" } : { q: text }), ...(revealed && { reveal: "true" }) }, signal);
      this.items = next ? [...this.items, ...page.items] : page.items;
      this.next = page.next ?? "";
      this.#draw();
    } catch (error) {
      if (error instanceof ApiError) this.body.replaceChildren(h("tr", null, h("td", { colspan: 6 }, reasonOf(error))));
    }
  }

  #draw() {
    const { items, domain, text, next, revealed } = this, own = items.filter((one) => one.domain === domain).length, above = [...new Set(items.map((one) => one.domain))].filter((one) => one !== domain);
    this.title.textContent = domain ? visible(domain) : text ? `Cookies that match ${visible(text)}` : "All cookies";
    this.said.textContent = next ? `the first ${count(items.length)}` : domain ? `${count(own)} of its own${above.length ? `, ${count(items.length - own)} it also receives from ${above.map(visible).join(", ")}` : ""}` : plural(items.length, "cookie");
    this.more.hidden = !next;
    this.clear.hidden = !items.length || Boolean(text && !domain);
    this.clear.ariaLabel = this.clear.title = domain ? `Delete the cookies of ${visible(domain)}` : "Delete all cookies of this jar";
    this.reveal.lastChild?.replaceWith(revealed ? "Hide values" : "Reveal values");
    this.reveal.setAttribute("aria-pressed", String(revealed));
    redraw(this.body, items.length ? items.map((cookie) => this.#row(cookie)) : [h("tr", null, h("td", { colspan: 6, class: "dim" }, text ? "No cookie matches." : "No cookies here."))]);
    this.mark();
  }

  /** @param {Cookie} cookie */
  #row(cookie) {
    const { id, name, value, domain, host_only: alone, expires_us: us, same_site: same, guessed } = cookie, over = us !== null && us <= Date.now() * 1000, said = flags(cookie);
    const open = () => go({ tab: String(id) }, { replace: true });
    return h("tr", { "data-id": id, onclick: open },
      h("td", { class: "mono" }, h("button", { type: "button", class: "plain trunc", onclick: open }, named(name)), guessed && h("span", { class: "tag warn", title: "Only ever seen in a field Cookie: its scope is a guess" }, "guessed")),
      h("td", { class: "mono trunc" }, shown(value)),
      h("td", { class: "trunc" }, alone ? (domain === this.domain ? "this host only" : visible(domain)) : `.${visible(domain)}`),
      h("td", { class: over ? "client" : "", title: us === null ? null : new Date(us / 1000).toLocaleString() }, ends(cookie)),
      h("td", { class: said ? "" : "dim" }, said || "none"), h("td", { class: same ? "" : "dim" }, sameSite(same)));
  }

  /** Shows which one is open. */
  mark() {
    for (const row of this.body.children) row.ariaSelected = String(row.getAttribute("data-id") === store.state.route.tab);
  }

  /** @param {KeyboardEvent} event */
  #key(event) {
    const rows = [...this.body.querySelectorAll("button")], step = event.key === "ArrowDown" ? 1 : event.key === "ArrowUp" ? -1 : 0, now = rows.findIndex((one) => one === document.activeElement);
    const cookie = this.items.find(({ id }) => String(id) === store.state.route.tab);
    if (event.key === "Delete" && cookie) void removing({ cookies: [cookie.id] }, visible(cookie.name));
    else if (step) {
      rows[now + step]?.focus();
      rows[now + step]?.click();
    } else return;
    event.preventDefault();
    event.stopPropagation();
  }

  async #clear() {
    const { jar, domain } = this;
    if (domain) await removing({ jar, domain }, `the cookies of ${visible(domain)}`);
    else await removing({ jar, all: true }, "all cookies of the jar");
  }
}
