// Rules & hosts: which hosts are not intercepted, why, and since when.

import { ApiError } from "../api.js";
import { button, h, icon } from "../dom.js";
import { clock, count, day, visible } from "../format.js";
import { command } from "../notices.js";
import { intercept, letThrough, refreshPassthrough, whyPassed } from "../passthrough.js";
import { store } from "../state.js";

/** @import { PassOrigin, PassedHost } from "../api-types.js" */

/** @type {Record<PassOrigin, { shape: string, color: string, word: string }>} */
const ORIGINS = {
  flag: { shape: "s-ok", color: "mid", word: "Setting" },
  user: { shape: "s-pass", color: "pass", word: "You" },
  automatic: { shape: "s-client", color: "client", word: "Automatic" },
};

/** The screen. */
export const rulesScreen = () => new RulesScreen().element;

class RulesScreen {
  constructor() {
    this.number = h("span", { class: "dim" });
    this.list = h("div");
    this.automatic = h("p", { class: "note" });
    this.field = h("input", { class: "field mono", type: "text", id: "pattern", autocomplete: "off", autocapitalize: "off", spellcheck: "false", placeholder: "bank.test, *.bank.test or bank.test:8443", "aria-describedby": "pattern-error" });
    this.error = h("p", { class: "ferr", id: "pattern-error", role: "alert", hidden: true });
    this.add = h("button", { class: "btn line", type: "submit" }, icon("plus"), "Add");
    const form = h("form", { class: "addhost" }, h("label", { for: "pattern" }, "Host"), this.field, this.add, this.error);
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      void this.#add();
    });
    this.element = h("div", { class: "main grow" },
      h("div", { class: "head" }, h("h1", null, "Rules & hosts")),
      h("div", { class: "scroll grow rules", tabindex: 0, "aria-label": "Rules and hosts" },
        h("div", { class: "sub" }, h("h2", null, "Passed through"), this.number),
        h("p", { class: "note" }, icon("pass"), h("span", { class: "grow" }, "Connections to these hosts are relayed byte for byte and not read: the client sees the host's own certificate. Connections that are open already stay as they are.")),
        form, this.list, this.automatic));
    this.unwatch = store.watch(["passthrough"], () => this.#show());
    void refreshPassthrough();
  }

  focus() {
    this.field.focus();
  }

  async #add() {
    const pattern = this.field.value.trim();
    if (!pattern) return this.#trouble("Write a host, such as bank.test.");
    this.add.disabled = true;
    try {
      await letThrough(pattern);
      this.field.value = "";
      this.#trouble("");
    } catch (error) {
      this.#trouble(error instanceof ApiError ? [error.message, error.hint].filter(Boolean).join(": ") : "Not added.");
    } finally {
      this.add.disabled = false;
      this.field.focus();
    }
  }

  /** @param {string} text */
  #trouble(text) {
    this.error.hidden = text === "";
    this.field.setAttribute("aria-invalid", String(text !== ""));
    this.error.replaceChildren(icon("s-failed", "i12"), h("span", null, `${text.slice(0, 1).toUpperCase()}${text.slice(1)}`));
  }

  #show() {
    const { passthrough } = store.state, items = passthrough?.items ?? [];
    this.number.textContent = passthrough ? count(items.length) : "";
    this.automatic.hidden = !passthrough;
    this.automatic.replaceChildren(icon("info"), h("span", { class: "grow" }, passthrough?.automatic
      ? "A host gets here by itself when a client rejects Waylay's certificate for it again and again. You are told, and can take it off again."
      : "No host gets here by itself: automatic passthrough is switched off."));
    if (items.length > 0) this.list.replaceChildren(table(items));
    else this.list.replaceChildren(...(passthrough ? [h("p", { class: "note" }, icon("info"), h("span", { class: "grow" }, "No host is passed through: everything is intercepted. On the command line:")), h("div", { class: "pad" }, command("waylay passthrough add bank.test"))] : []));
  }
}

/** @param {PassedHost[]} items */
function table(items) {
  const head = ["Host", "From", "Why", "Since", ""].map((word) => h("th", { scope: "col" }, word || h("span", { class: "sr" }, "Action")));
  return h("table", { class: "tbl hosts" }, h("thead", null, h("tr", null, ...head)), h("tbody", null, ...items.map(row)));
}

/** @param {PassedHost} item */
function row(item) {
  const { pattern, origin, added_us: added } = item, { shape, color, word } = ORIGINS[origin] ?? ORIGINS.user, label = `Intercept ${pattern} again`;
  return h("tr", null,
    h("td", { class: "mono" }, visible(pattern)),
    h("td", null, h("span", { class: `st ${color}` }, icon(shape, "i12"), word)),
    h("td", { class: "mid" }, whyPassed(item), item.client && h("span", { class: "dim" }, ` For ${visible(item.client)} only.`)),
    h("td", { class: "dim", title: day(added) }, since(added)),
    h("td", null, button({ icon: "x", label, class: "tiny", onclick: () => void intercept(pattern) })));
}

/** @param {number} us The time of today, or else the day. */
const since = (us) => (new Date(us / 1000).toDateString() === new Date().toDateString() ? clock(us).slice(0, 5) : day(us));
