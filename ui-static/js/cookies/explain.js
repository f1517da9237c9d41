// Would it be sent? Which cookies go with a request, in order, and what holds every other one back.

import { ApiError } from "../api.js";
import { explain } from "../api-cookies.js";
import { h, icon } from "../dom.js";
import { choice, field } from "../editor/ink.js";
import { count, visible } from "../format.js";
import { command } from "../notices.js";
import { reasonOf } from "../reason.js";
import { named } from "./words.js";

/** @import { Child } from "../dom.js" */
/** @import { Explanation } from "./types.js" */

/** Names of a line. */
const FEW = 12;
/** Milliseconds after a key before the daemon is asked. */
const PAUSE = 300;

/**
 * The lines of an explanation: cookies with the same reason share one.
 * @param {Explanation} found
 * @returns {HTMLElement}
 */
export function verdicts({ sent, held_back: held, held_back_count: all }) {
  /** @type {Map<string, string[]>} */
  const reasons = new Map();
  for (const { cookie, why } of held) reasons.set(why, [...(reasons.get(why) ?? []), cookie.name]);
  const line = (/** @type {boolean} */ goes, /** @type {string[]} */ names, /** @type {string} */ why) => h("li", null, h("span", { class: goes ? "ok" : "failed" }, icon(goes ? "s-ok" : "s-failed", "i12"), h("span", { class: "sr" }, goes ? "goes" : "stays")),
    h("span", null, ...names.slice(0, FEW).flatMap((name, at) => /** @type {Child[]} */ ([at > 0 && ", ", h("b", { class: "mono" }, named(name))])), names.length > FEW && ` and ${count(names.length - FEW)} more`, `: ${visible(why)}`));
  return h("ul", { class: "verdict" }, ...sent.map(({ name }, at) => line(true, [name], at ? "goes next" : sent.length > 1 ? "goes first" : "goes")), ...[...reasons].map(([why, names]) => line(false, names, why)), all > held.length && h("li", { class: "dim" }, h("span"), `and ${count(all - held.length)} more of other sites`));
}

export class WouldSend {
  constructor() {
    this.jar = 0;
    this.domain = "";
    this.ask = { url: "", method: "GET", top_level: "" };
    this.said = h("span", { class: "mid", role: "status" });
    this.lines = h("div", { class: "scroll lines-of" });
    const soon = (/** @type {Partial<WouldSend["ask"]>} */ change) => {
      Object.assign(this.ask, change);
      clearTimeout(this.timer);
      this.timer = setTimeout(() => void this.load(), PAUSE);
    };
    this.url = field("To", "", (url) => soon({ url }), { placeholder: "https://example.com/path", inputmode: "url" });
    this.element = h("div", { class: "ruled would" }, h("div", { class: "sub" }, h("h2", null, "Would it be sent?"), h("span", { class: "grow" }), this.said),
      h("div", { class: "form pad" }, h("span", { class: "l" }, "To"), h("div", { class: "held" }, this.url, choice("Method", ["GET", "POST", "PUT", "DELETE"].map((one) => [one, one]), "GET", (method) => soon({ method }))),
        h("span", { class: "l" }, "From page"), field("From page", "", (page) => soon({ top_level: page.trim() }), { placeholder: "the same site, or https://partner.example/embed", inputmode: "url" })),
      this.lines);
    this.asking = new AbortController();
  }

  /** @param {number} jar @param {string} domain or empty */
  show(jar, domain) {
    this.jar = jar;
    if (domain && domain !== this.domain) this.ask.url = this.url.value = `https://${domain}/`;
    this.domain = domain;
    void this.load();
  }

  async load() {
    this.asking.abort();
    const { signal } = (this.asking = new AbortController()), { url, method, top_level: page } = this.ask;
    this.said.textContent = "";
    if (!url.trim()) return this.lines.replaceChildren();
    try {
      const found = await explain(this.jar, { url: url.trim(), method, top_level: page }, signal);
      const { sent: { length }, held_back_count: held } = found;
      this.said.textContent = `${count(length)} of ${count(length + held)} would go`;
      this.lines.replaceChildren(verdicts(found), h("div", { class: "pad" }, command(`waylay cookies explain ${url.trim()}${method === "GET" ? "" : ` --method ${method}`}${page ? ` --from ${page}` : ""}`)));
    } catch (error) {
      if (error instanceof ApiError) this.lines.replaceChildren(h("p", { class: "note" }, reasonOf(error)));
    }
  }
}
