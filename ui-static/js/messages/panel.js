// The Messages tab: what both sides sent each other, one line each, as it happens; and the message that is open.

import { messages } from "../api-exchange.js";
import { h, icon } from "../dom.js";
import { count } from "../format.js";
import { go } from "../route.js";
import { MessageList } from "./list.js";
import { MessagePages } from "./pages.js";
import { MessageView } from "./view.js";

/** @import { Detail } from "../api-types.js" */

/** Milliseconds after the last key before the text is looked for; a selection that is moved by a held key waits likewise. */
const PAUSE = 220, REST = 90;

const SIDES = /** @type {const} */ ([["", "All", "Both sides"], ["client", "Client", "From the client"], ["origin", "Origin", "From the origin"]]);

export class MessagesPanel {
  /**
   * @param {Pick<Detail, "id" | "kind" | "messages" | "done">} exchange
   * @param {(number: number) => void} onopen a message is to be shown, or none: 0
   */
  constructor(exchange, onopen = (message) => go({ tab: "messages", message }, { replace: true })) {
    const { id } = exchange;
    this.onopen = onopen;
    this.pages = new MessagePages((query, signal) => messages(id, query, signal), () => this.#changed());
    this.list = new MessageList(this.pages, {
      onmove: (number) => this.view.number && this.#later(number),
      onopen: (number) => this.#open(number),
      onback: () => this.#back(),
      onfollow: (following) => following && this.#seen(),
    });
    this.view = new MessageView(id, () => this.#back());
    this.element = h("div", { class: `pane body messages of-${exchange.kind}` });
    this.element.addEventListener("keydown", (event) => {
      if (event.key === "Escape" && !event.defaultPrevented && this.#back()) event.preventDefault();
    });
    /** Rows there were when the end was last in sight. */
    this.known = 0;
    /** What was there when the filter was chosen is listed: whatever comes is new. */
    this.settled = false;
    this.opening = 0;
    this.done = exchange.done;
    this.says = h("span", { class: "dim num", role: "status" });
    this.newer = h("span");
    this.pill = h("button", { type: "button", class: "pill", hidden: true, onclick: () => this.list.follow() }, icon("down", "i12"), this.newer);
    this.note = h("p", { class: "note", hidden: true });
    const wrap = h("div", { class: "msgwrap" }, this.note, this.list.element, this.pill);
    this.element.append(this.#bar(), h("div", { class: "msgsplit" }, wrap, this.view.element));
    this.pages.grew(exchange.messages);
    if (!exchange.done) this.list.follow();
    this.#changed();
  }

  /**
   * The exchange was loaded again.
   * @param {Pick<Detail, "messages" | "done">} exchange
   */
  update({ messages: total, done }) {
    this.done = done;
    this.grew(total);
    this.#changed();
  }

  /** @param {number} total Messages there are now. */
  grew(total) {
    this.pages.grew(total);
  }

  /**
   * Opens a message, as the address says.
   * @param {number} number 0: none
   */
  show(number) {
    if (number === this.view.number) return;
    void this.view.show(number);
    this.element.classList.toggle("opened", number > 0);
    // The list has another height now.
    if (number) requestAnimationFrame(() => this.list.select(number));
  }

  close() {
    clearTimeout(this.opening);
    this.pages.close();
    this.list.close();
    this.view.hide();
  }

  #bar() {
    const sides = SIDES.map(([sender, word, title]) => h("button", { type: "button", title, "aria-pressed": String(sender === ""), onclick: () => use(sender) }, word));
    const field = h("input", { class: "field", type: "search", autocomplete: "off", spellcheck: "false", maxlength: 250, placeholder: "Text in the message", "aria-label": "Messages with this text" });
    let timer = 0, side = "";
    const use = (/** @type {string} */ sender) => {
      clearTimeout(timer);
      side = sender;
      SIDES.forEach(([name], at) => sides[at].setAttribute("aria-pressed", String(name === sender)));
      this.#filter(sender, field.value);
    };
    field.addEventListener("input", () => {
      clearTimeout(timer);
      timer = setTimeout(() => use(side), PAUSE);
    });
    field.addEventListener("keydown", (event) => {
      if (event.key !== "Enter" && event.key !== "Escape") return;
      event.preventDefault();
      if (event.key === "Escape") field.value = "";
      use(side);
      this.list.element.focus();
    });
    return h("div", { class: "sub msgbar" }, h("span", { class: "seg", role: "group", "aria-label": "Whose messages" }, ...sides), field, this.says);
  }

  /**
   * @param {string} sender
   * @param {string} text
   */
  #filter(sender, text) {
    const { following } = this.list;
    this.settled = false;
    this.pages.filter(sender, text);
    if (following) this.list.follow();
    else this.list.toStart();
  }

  #changed() {
    const { pages, list } = this, { length, total } = pages;
    if (list.following || !this.settled) this.#seen();
    if (!pages.scanning) this.settled = true;
    const fresh = length - this.known;
    this.pill.hidden = fresh <= 0;
    this.newer.textContent = `${count(fresh)} new`;
    this.says.textContent = pages.filtered ? `${count(length)}${pages.cut ? "+" : ""} of ${count(total)}${pages.scanning ? "…" : ""}` : "";
    this.#say();
    list.refresh();
  }

  /** What stands in for the list, or above it. */
  #say() {
    const { pages, note } = this;
    const text = pages.error ? `${pages.error} What is missing here is asked for again.`
      : pages.length > 0 || pages.scanning ? (pages.cut ? `Only the first ${count(pages.length)} are listed: narrow the filter to see others.` : "")
      : pages.filtered ? `No match among ${count(pages.total)}.`
      : this.done ? "No message was sent." : "No message yet.";
    note.hidden = text === "";
    if (note.textContent !== text) note.replaceChildren(icon("info"), h("span", { class: "grow" }, text));
  }

  /** The reader has the end in sight. */
  #seen() {
    this.known = this.pages.length;
    this.pill.hidden = true;
  }

  /** @param {number} number */
  #later(number) {
    clearTimeout(this.opening);
    this.opening = setTimeout(() => this.#open(number), REST);
  }

  /** @param {number} number */
  #open(number) {
    clearTimeout(this.opening);
    this.onopen(number);
  }

  #back() {
    if (!this.view.number) return false;
    clearTimeout(this.opening);
    this.onopen(0);
    this.list.element.focus({ preventScroll: true });
    return true;
  }
}
