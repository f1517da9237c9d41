// The console: for every send what was resolved, where it went and how, and what was odd about it.

import { clearConsole, consoleEntries } from "../api-desk.js";
import { button, h, icon } from "../dom.js";
import { clock, visible } from "../format.js";
import { reasonOf, saying } from "../reason.js";
import { linkTo } from "../route.js";
import { store } from "../state.js";

/** @import { ConsoleEntry, ConsoleHop } from "../api-types.js" */

/** Entries of a page, and how many are shown. */
const PAGE = 200, MOST = 1000;
/** @type {Record<ConsoleEntry["level"], [string, string]>} */
const LEVELS = { log: ["mid", "s-ok"], warn: ["client", "s-client"], error: ["server", "s-failed"] };

/** @type {Drawer | null} */
let drawer = null;

/** Opens the console at the foot of the page, or closes it. */
export function toggleConsole() {
  drawer ??= new Drawer();
  drawer.toggle(/** @type {Element} */ (document.getElementById("main")));
}

class Drawer {
  constructor() {
    this.level = "";
    this.last = 0;
    this.field = h("input", { class: "field mono find", type: "search", "aria-label": "Filter the console", placeholder: "Filter", oninput: () => this.#again() });
    this.list = h("div", { class: "scroll body conlist", role: "log", "aria-label": "Console", tabindex: 0 });
    const levels = h("span", { class: "seg", role: "group", "aria-label": "Least level" }, ...[["", "All"], ["warn", "Warnings"], ["error", "Errors"]].map(([level, word]) => h("button", { type: "button", "aria-pressed": String(level === ""), onclick: (/** @type {MouseEvent} */ { currentTarget }) => {
      this.level = level;
      for (const one of levels.children) one.setAttribute("aria-pressed", String(one === currentTarget));
      this.#again();
    } }, word)));
    this.element = h("section", { class: "drawer", "aria-label": "Console", onkeydown: (/** @type {KeyboardEvent} */ event) => {
      if (event.key !== "Escape") return;
      event.stopPropagation();
      this.close();
    } }, h("div", { class: "sub wrap" }, h("h2", null, "Console"), levels, this.field, h("span", { class: "grow" }),
      button({ icon: "trash", label: "Clear the console", word: "Clear", class: "tiny", onclick: async () => {
        await saying(clearConsole(), "", "Not cleared");
        this.#again();
      } }), button({ icon: "x", label: "Close the console", key: "`", class: "tiny", onclick: () => this.close() })), this.list);
    store.watch(["consoleAt"], ({ consoleAt }) => this.element.isConnected && (consoleAt ? void this.#more() : this.#again()));
  }

  /** @param {Element} main */
  toggle(main) {
    if (this.element.isConnected) return this.close();
    this.before = document.activeElement;
    main.append(this.element);
    this.#again();
    this.field.focus();
  }

  close() {
    this.element.remove();
    if (this.before instanceof HTMLElement) this.before.focus();
  }

  #again() {
    this.last = 0;
    this.list.replaceChildren();
    void this.#more();
  }

  async #more() {
    if (this.loading) return void (this.due = true);
    this.loading = true;
    const bottom = this.list.scrollHeight - this.list.scrollTop - this.list.clientHeight < 40, first = this.last === 0;
    try {
      const query = { level: this.level, filter: this.field.value.trim(), limit: PAGE };
      let { items } = await consoleEntries({ ...query, after: this.last || undefined });
      // From the beginning on, page by page.
      for (let page = items; page.length === PAGE && items.length < MOST * 5; items = [...items, ...page]) page = (await consoleEntries({ ...query, after: page[page.length - 1].id })).items;
      const fresh = items.filter(({ id }) => id > this.last);
      this.last = Math.max(this.last, ...fresh.map(({ id }) => id));
      if (this.last) this.list.querySelector(".note")?.remove();
      this.list.append(...fresh.slice(-MOST).map(entryView));
      while (this.list.children.length > MOST) this.list.firstElementChild?.remove();
      if (!this.list.children.length) this.list.append(h("p", { class: "note" }, "Nothing here. Every send is told of, with what became of its variables, its addresses, its cipher and its errors."));
      if (bottom || first) this.list.scrollTop = this.list.scrollHeight;
    } catch (error) {
      this.list.replaceChildren(h("p", { class: "note" }, reasonOf(error)));
    }
    this.loading = false;
    if (this.due) {
      this.due = false;
      void this.#more();
    }
  }
}

/** @param {ConsoleEntry} entry */
function entryView(entry) {
  const { at_us: at, level, title, variables = [], hops = [], warnings = [], error, send } = entry, [color, shape] = LEVELS[level] ?? LEVELS.log;
  const element = h("details", { class: "con" }, h("summary", null, h("span", { class: "dim" }, clock(at).slice(0, 11)), h("span", { class: `st ${color}` }, icon(shape, "i12"), h("span", { class: "sr" }, level)), h("span", { class: "mono trunc" }, visible(title)), h("span", { class: "client trunc" }, visible(warnings[0] ?? ""))));
  const rows = (/** @type {[string, unknown][]} */ pairs) => h("dl", { class: "kv wire" }, ...pairs.flatMap(([name, value]) => (value === null || value === undefined || value === "" ? [] : [h("dt", null, name), h("dd", null, value instanceof Node ? value : visible(String(value)))])));
  const open = () => element.append(...(error ? [h("p", { class: "note server" }, visible(`${error.stage}: ${error.message} ${error.hint ?? ""}`))] : []), ...warnings.map((text) => h("p", { class: "note client" }, visible(text))),
    ...(variables.length ? [h("h3", { class: "gh" }, "Variables"), rows(variables.map(({ name, value, scope, secret }) => [visible(name), `${secret ? "••••••••" : value ?? "not set"}  (${scope})`]))] : []),
    ...hops.flatMap((hop) => [h("h3", { class: "gh" }, `${visible(hop.method)} ${visible(hop.url)}`), rows(hopFacts(hop))]),
    ...(send ? [h("p", { class: "note" }, link(`Open send ${send}`, { screen: "collections", at: `send/${send}` }))] : []));
  element.addEventListener("toggle", open, { once: true });
  return element;
}

/** @param {ConsoleHop} hop @returns {[string, unknown][]} */
function hopFacts({ id, status, local, remote, proxy, tls }) {
  const certificate = tls?.certificate;
  return [
    ["exchange", id && link(id, { screen: "exchange", id })], ["status", status], ["address", remote && `${local ? `${local} → ` : ""}${remote}`], ["proxy", proxy],
    ["tls", tls && [tls.version, tls.cipher, tls.alpn].filter(Boolean).join(", ")], ["verified", tls && (tls.verified === null || tls.verified === undefined ? null : tls.verified ? "yes" : "no")],
    ["certificate", certificate && [certificate.subject, certificate.issuer && `by ${certificate.issuer}`, certificate.not_after && `until ${certificate.not_after}`].filter(Boolean).join(", ")],
  ];
}

/** @param {string} word @param {Partial<import("../route.js").Route>} to */
const link = (word, to) => linkTo({ session: null, id: "", at: "", tab: "", against: "", ...to }, null, word);
