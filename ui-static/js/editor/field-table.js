// The header fields of a request as a table that can be edited: on and off, moved, removed, added.

import { isSecret } from "../detail/secrets.js";
import { button, h, icon } from "../dom.js";

/** @import { Field } from "../api-types.js" */

/** @typedef {{ name: string, value: string, on: boolean, captured?: Field }} Entry `captured`: what it was, with its bytes */

/** Fields that follow from the body and the connection (RFC 9110, 7.6.1): they are written when the request is sent. */
const WRITTEN = /^(:.*|content-length|transfer-encoding|connection|keep-alive|proxy-authenticate|proxy-authorization|proxy-connection|te|trailer|upgrade)$/i;

export class FieldTable {
  /**
   * @param {Field[]} fields
   * @param {() => void} onchange
   */
  constructor(fields, onchange) {
    this.onchange = onchange;
    this.revealed = false;
    /** @type {Entry[]} */
    this.entries = fields.filter(({ name }) => name && !WRITTEN.test(name)).map((captured) => ({ name: captured.name, value: captured.value, on: true, captured }));
    this.captured = JSON.stringify(this.entries);
    this.list = h("ol", { class: "fields" });
    const left = fields.length - this.entries.length;
    this.element = h("div", { class: "scroll body" }, this.list,
      h("div", { class: "sub" }, button({ icon: "plus", label: "Add a header", word: "Add a header", class: "tiny", onclick: () => this.#add() }), h("span", { class: "grow" }), (this.reveal = button({ icon: "eye", label: "Reveal", word: "Reveal secrets", class: "tiny", onclick: () => this.#toggleReveal() }))),
      left > 0 && h("p", { class: "note" }, icon("info"), `${left === 1 ? "1 field is" : `${left} fields are`} left out: the length of the body and the connection are Waylay's to say.`));
    this.#show();
  }

  /** The fields to send, or `null` if they are the captured ones. */
  get changed() {
    if (JSON.stringify(this.entries) === this.captured) return null;
    return this.entries.filter(({ on, name }) => on && name).map(({ name, value, captured }) => {
      const same = captured?.name === name && captured.value === value;
      return same ? captured : /** @type {[string, string]} */ ([name, value]);
    });
  }

  get count() {
    return this.entries.filter(({ on }) => on).length;
  }

  /**
   * Switches a field off, as if by its check box.
   * @param {string} name lower case
   */
  switchOff(name) {
    for (const entry of this.entries) if (entry.name.toLowerCase() === name) entry.on = false;
    this.#show();
  }

  /**
   * The URL leads to another host: `Host` goes along if it named the one before.
   * @param {string} before
   * @param {string} now
   */
  hostChanged(before, now) {
    const entry = this.entries.find(({ name, value }) => name.toLowerCase() === "host" && value === before);
    if (!entry) return;
    entry.value = now;
    this.#show();
  }

  #add() {
    this.entries.push({ name: "", value: "", on: true });
    this.#show();
    this.#focus(this.entries.length - 1, 0);
  }

  #toggleReveal() {
    this.revealed = !this.revealed;
    this.#show();
  }

  #show() {
    this.list.replaceChildren(...this.entries.map((entry, at) => this.#row(entry, at)));
    this.reveal.hidden = !this.entries.some(({ name }) => isSecret(name));
    this.reveal.lastChild?.replaceWith(this.revealed ? "Hide secrets" : "Reveal secrets");
    this.onchange();
  }

  /**
   * @param {Entry} entry
   * @param {number} at
   */
  #row(entry, at) {
    const named = entry.name || "new header";
    const on = h("input", { type: "checkbox", "aria-label": `Send ${named}`, onchange: () => {
      entry.on = on.checked;
      row.classList.toggle("off", !entry.on);
      this.onchange();
    } });
    on.checked = entry.on;
    const name = h("input", { class: "field mono", value: entry.name, "aria-label": "Name", spellcheck: "false", autocomplete: "off", oninput: () => {
      entry.name = name.value;
      value.classList.toggle("secret", isSecret(entry.name) && !this.revealed);
      this.onchange();
    } });
    const value = h("input", { class: `field mono${isSecret(entry.name) && !this.revealed ? " secret" : ""}`, value: entry.value, "aria-label": `Value of ${named}`, spellcheck: "false", autocomplete: "off", oninput: () => {
      entry.value = value.value;
      this.onchange();
    } });
    const grip = h("button", { type: "button", class: "grip", "aria-label": `Move ${named}, with the arrow keys`, title: "Drag, or move with Alt+↑ and Alt+↓" }, icon("grip"));
    grip.addEventListener("pointerdown", (event) => this.#drag(event, entry));
    const row = h("li", { class: entry.on ? null : "off", onkeydown: (/** @type {KeyboardEvent} */ event) => this.#key(event, entry) }, grip, on, name, value,
      button({ icon: "x", label: `Remove ${named}`, class: "tiny", onclick: () => {
        this.entries.splice(this.entries.indexOf(entry), 1);
        this.#show();
        this.#focus(Math.min(at, this.entries.length - 1), 0);
      } }));
    return row;
  }

  /**
   * @param {KeyboardEvent} event
   * @param {Entry} entry
   */
  #key(event, entry) {
    const step = event.key === "ArrowUp" ? -1 : event.key === "ArrowDown" ? 1 : 0, target = /** @type {Element} */ (event.target);
    if (!step || !(event.altKey || target.classList.contains("grip"))) return;
    event.preventDefault();
    const control = [...(target.closest("li")?.children ?? [])].indexOf(target);
    this.#move(entry, this.entries.indexOf(entry) + step);
    this.#focus(this.entries.indexOf(entry), control, true);
  }

  /**
   * @param {Entry} entry
   * @param {number} to
   */
  #move(entry, to) {
    if (to < 0 || to >= this.entries.length || this.entries[to] === entry) return;
    this.entries.splice(this.entries.indexOf(entry), 1);
    this.entries.splice(to, 0, entry);
    this.#show();
  }

  /**
   * @param {PointerEvent} start
   * @param {Entry} entry
   */
  #drag(start, entry) {
    start.preventDefault();
    const moved = (/** @type {PointerEvent} */ event) => {
      const over = [...this.list.children].findIndex((row) => event.clientY < row.getBoundingClientRect().bottom);
      this.#move(entry, over < 0 ? this.entries.length - 1 : over);
    };
    addEventListener("pointermove", moved);
    addEventListener("pointerup", () => removeEventListener("pointermove", moved), { once: true });
    addEventListener("pointercancel", () => removeEventListener("pointermove", moved), { once: true });
  }

  /**
   * @param {number} at
   * @param {number} control which control of the row; 0 stands for the name unless it is `exact`
   * @param {boolean} [exact]
   */
  #focus(at, control, exact = false) {
    const element = this.list.children[at]?.children[exact ? control : 2];
    if (element instanceof HTMLElement) element.focus();
  }
}
