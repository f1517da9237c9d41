// Cookies: jars, the domains in one, the cookies of a domain, one of them to edit; what would be sent, and what is synced from traffic.

import { domains, jars } from "../api-cookies.js";
import { button, h } from "../dom.js";
import { count, plural } from "../format.js";
import { store } from "../state.js";
import { CookiePane } from "./cookie.js";
import { DomainList } from "./domains.js";
import { WouldSend } from "./explain.js";
import { askCookie, askCookies, importFiles, showCookieExport } from "./files.js";
import { jarChoice, jarName } from "./jars.js";
import { CookieList } from "./list.js";
import { syncSection } from "./sync.js";

/** @import { Jar } from "./types.js" */
/** @import { Route } from "../route.js" */

export class CookiesScreen {
  constructor() {
    /** @type {Jar[]} */
    this.jars = [];
    /** What was asked for last: jar, domain, what is looked for, and of which state. */
    this.asked = "";
    this.at = -1;
    this.domains = new DomainList(() => void this.#show(store.state.route));
    this.list = new CookieList();
    this.cookie = new CookiePane();
    this.would = new WouldSend();
    this.choice = jarChoice(() => this.jar);
    this.number = h("span", { class: "dim" });
    const act = (/** @type {string} */ icon, /** @type {string} */ word, /** @type {(jar: Jar) => void} */ act, look = "") => button({ icon, word, class: look, onclick: () => this.jar && act(this.jar) });
    this.element = h("div", { class: "main grow cookies" },
      h("div", { class: "head" }, h("h1", null, "Cookies"), this.choice.select, this.choice.more, this.number, h("span", { class: "grow" }),
        act("import", "Import", (jar) => askCookies(jar)), act("export", "Export", (jar) => showCookieExport(jar, store.state.route.filter)), act("plus", "New cookie", (jar) => askCookie(jar, store.state.route.filter), "line")),
      h("div", { class: "split" },
        h("section", { class: "pane", "aria-label": "Domains" }, this.domains.head, this.domains.nav, syncSection(({ jar }) => this.jars.length > 1 ? `Into jar ${this.jars.filter(({ id }) => id === jar).map(jarName).join()}.` : "")),
        h("section", { class: "pane", "aria-label": "Cookies" }, this.list.head, this.list.table, this.would.element), this.cookie.element));
    store.watch(["route", "jarsAt"], ({ route }) => void this.#show(route));
  }

  /** The jar that is shown. */
  get jar() {
    const { at } = store.state.route;
    return this.jars.find(({ id }) => String(id) === at) ?? this.jars.find((one) => one.default);
  }

  /** @param {File[]} files that were dropped @param {string} text that was pasted */
  take(files, text) {
    if (!this.jar) return;
    if (files.length) void importFiles(this.jar, files);
    else askCookies(this.jar, text);
  }

  /** @param {Route} route */
  async #show(route) {
    if (route.screen !== "cookies") return;
    const { jarsAt } = store.state, fresh = this.at !== jarsAt;
    if (fresh) {
      this.at = jarsAt;
      this.jars = await jars().then(({ items }) => items, () => this.jars);
      if (this.at !== jarsAt) return;
    }
    const { jar } = this, { filter: domain, tab } = store.state.route;
    if (!jar) return;
    this.choice.show(this.jars, jar.id);
    this.number.textContent = `${count(jar.cookies)} in ${plural(jar.domains, "domain")}`;
    if (fresh || this.domains.jar !== jar.id) void domains(jar.id).then(({ items }) => this.domains.show(jar.id, items), () => {});
    else this.domains.draw();
    const key = JSON.stringify([jar.id, domain, this.domains.text, jarsAt]);
    if (key === this.asked) this.list.mark();
    else {
      this.list.show(jar.id, domain, this.domains.text);
      this.would.show(jar.id, domain);
    }
    if (key !== this.asked || String(this.cookie.id) !== (tab || "0")) void this.cookie.show(jar.id, /^\d{1,15}$/.test(tab) ? Number(tab) : 0);
    this.asked = key;
  }
}
