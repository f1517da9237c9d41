// One cookie: every attribute of it to edit, where it is from, and its values over time.

import { changeCookie, cookie as cookieOf, restore, values } from "../api-cookies.js";
import { copyButton } from "../copy.js";
import { button, h, icon } from "../dom.js";
import { choice, field } from "../editor/ink.js";
import { exchangeLink } from "../exchange-link.js";
import { faultLine } from "../fault.js";
import { bytes, clock, count, day, visible } from "../format.js";
import { reasonOf } from "../reason.js";
import { go } from "../route.js";
import { moment } from "../sessions/words.js";
import { changing, removing } from "./known.js";
import { named, setCookie, shown } from "./words.js";

/** @import { Cookie, CookieChange, PastValue, SameSite } from "./types.js" */

/** @type {Record<Cookie["source"], string>} */
const SOURCES = { response: "Set by a response", request: "Seen in a request", user: "Made by hand", import: "Imported", sync: "Synced from traffic" };

export class CookiePane {
  constructor() {
    this.element = h("section", { class: "pane", "aria-label": "Cookie" });
    this.jar = 0;
    this.id = 0;
    this.edited = false;
    this.revealed = false;
    this.drawn = "";
  }

  /** @param {number} jar @param {number} id 0 for none */
  async show(jar, id) {
    // What is being written is not taken away by a change from elsewhere.
    if (this.edited && this.id === id && this.jar === jar) return void this.#history();
    const moved = this.id !== id;
    if (moved) this.revealed = false;
    Object.assign(this, { jar, id, edited: false });
    this.drawn = id && !moved ? this.drawn : "";
    if (!id) return this.element.replaceChildren(h("p", { class: "note" }, "Choose a cookie: its attributes can be edited here."));
    try {
      const found = await cookieOf(jar, id, this.revealed);
      if (this.id !== id) return;
      // Drawn anew, it would lose the focus.
      if (this.drawn === JSON.stringify(found)) void this.#history();
      else this.#fill(found);
      this.drawn = JSON.stringify(found);
      // In a narrow window it stands below the list.
      if (moved) this.element.scrollIntoView({ block: "nearest" });
    } catch (error) {
      this.drawn = "";
      if (this.id === id) this.element.replaceChildren(h("p", { class: "note" }, reasonOf(error)));
    }
  }

  /** @param {Cookie} was */
  #fill(was) {
    const { jar, id } = this, to = pick(was);
    const state = h("span", { class: "dim" }, "no changes"), fault = faultLine();
    const save = h("button", { class: "btn primary", type: "submit", disabled: true }, "Save");
    const set = (/** @type {Partial<CookieChange>} */ change) => {
      Object.assign(to, change);
      this.edited = true;
      save.disabled = false;
      state.textContent = "unsaved";
    };
    const check = (/** @type {"host_only" | "secure" | "http_only"} */ name, /** @type {string} */ word) => {
      const box = h("input", { type: "checkbox", checked: was[name], onchange: () => set({ [name]: box.checked }) });
      return h("label", { class: "check" }, box, word);
    };
    const ending = h("input", { class: "field", type: "datetime-local", step: 1, "aria-label": "Expires", value: was.expires_us === null ? "" : local(was.expires_us), oninput: () => set({ expires_us: ending.value ? new Date(ending.value).getTime() * 1000 : null }) });
    const value = field("Value", was.value ?? "", (text) => set({ value: text }), { placeholder: "•••••••• hidden" });
    const line = (/** @type {string} */ word, /** @type {Node} */ control) => [h("span", { class: "l" }, word), control];
    const form = h("form", { class: "form pad" },
      ...line("Name", field("Name", was.name, (name) => set({ name }))), ...line("Value", value), ...line("Domain", field("Domain", was.domain, (domain) => set({ domain }))),
      ...line("Reach", check("host_only", "This host only, no subdomains")), ...line("Path", field("Path", was.path, (path) => set({ path }))), ...line("Expires", h("span", null, ending, h("span", { class: "dim" }, "empty: with the session"))),
      ...line("SameSite", choice("SameSite", [["", "Not set"], ["strict", "Strict"], ["lax", "Lax"], ["none", "None"]], was.same_site ?? "", (now) => set({ same_site: /** @type {SameSite} */ (now) || null }))),
      ...line("Flags", h("div", { class: "two" }, check("secure", "Secure"), check("http_only", "HttpOnly"))),
      ...line("Partition", field("Partition", was.partition ?? "", (text) => set({ partition: text.trim() || null }), { placeholder: "none, or the site of a page" })),
      h("span"), h("div", { class: "two" }, save, state), fault.element);
    form.addEventListener("submit", async (event) => {
      event.preventDefault();
      save.disabled = true;
      try {
        const now = await changeCookie(jar, id, to);
        this.edited = false;
        this.drawn = "";
        await changing(Promise.resolve(now), "Saved");
        if (now.id !== id) go({ tab: String(now.id) }, { replace: true });
      } catch (error) {
        save.disabled = false;
        fault.say(error);
      }
    });
    this.past = h("div");
    const reveal = button({ icon: "eye", label: "Reveal values", class: "tiny", onclick: async () => {
      this.revealed = !this.revealed;
      const known = this.revealed ? await cookieOf(jar, id, true).catch(() => null) : null;
      // What was written stays.
      if (to.value === undefined) value.value = known?.value ?? "";
      press();
      void this.#history();
    } });
    const press = () => {
      reveal.setAttribute("aria-pressed", String(this.revealed));
      value.placeholder = this.revealed ? "empty" : "•••••••• hidden";
    };
    press();
    this.element.replaceChildren(h("div", { class: "sub" }, h("h2", { class: "mono trunc" }, named(was.name)), h("span", { class: "dim" }, bytes(was.size)), h("span", { class: "grow" }), reveal,
      copyButton({ label: "Copy as Set-Cookie", what: "the cookie, its value included", text: () => cookieOf(jar, id, true).then(setCookie) }),
      button({ icon: "trash", label: "Delete this cookie", class: "tiny danger", onclick: () => void removing({ cookies: [id] }, visible(was.name)) })),
    h("div", { class: "scroll body", tabindex: 0, "aria-label": "Cookie editor" }, form,
      h("p", { class: "note" }, icon("info"), h("span", null, `${SOURCES[was.source] ?? was.source} ${moment(was.changed_us)}${was.exchange ? ", " : "."}`, was.exchange && exchangeLink(was.exchange), was.guessed && " Only ever seen in a field Cookie: its scope is a guess.")), this.past));
    void this.#history();
  }

  async #history() {
    const { jar, id, past } = this, found = await values(jar, id, this.revealed).catch(() => null);
    if (!found || this.id !== id || !past) return;
    const { items, next } = found;
    past.replaceChildren(h("div", { class: "sub ruled" }, h("h2", null, "Values over time"), h("span", { class: "dim" }, next === null ? count(items.length) : `the last ${count(items.length)}`)), h("ol", { class: "hist" }, ...items.map((one, at) => this.#value(one, at === 0))));
  }

  /** @param {PastValue} value @param {boolean} now it is the one in the jar */
  #value({ id: history, at_us: us, what, value, exchange }, now) {
    const gone = what === "deleted" || what === "evicted", today = new Date(us / 1000).toDateString() === new Date().toDateString();
    return h("li", { class: now ? "now" : "" }, h("span", { class: "dim", title: moment(us) }, today ? clock(us).slice(0, 8) : day(us)),
      gone ? h("span", { class: "client trunc" }, what) : h("span", { class: "bar" }, h("span", { class: "trunc mono" }, shown(value)), what === "stored" || what === "replaced" ? "" : h("span", { class: "dim" }, what)),
      exchange ? exchangeLink(exchange) : h("span"),
      now || gone ? h("span") : button({ icon: "back", label: `Restore the value of ${moment(us)}`, class: "tiny", onclick: () => void changing(restore(this.jar, this.id, history), "Restored") }));
  }
}

/** What of a cookie can be edited. @param {Cookie} cookie @returns {CookieChange} */
const pick = ({ name, domain, host_only, path, secure, http_only, same_site, partition, expires_us }) => ({ name, domain, host_only, path, secure, http_only, same_site, partition, expires_us });

/** For a field of date and time. @param {number} us */
function local(us) {
  const at = new Date(us / 1000);
  return new Date(at.getTime() - at.getTimezoneOffset() * 60_000).toISOString().slice(0, 19);
}
