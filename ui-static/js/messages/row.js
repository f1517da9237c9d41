// One line of the list of messages. A few dozen exist; each shows whichever message scrolls into its place.

import { h, icon, setText, sprite } from "../dom.js";
import { bytes, visible } from "../format.js";
import { SENDERS, badges, kindWord, when } from "./words.js";

/** @import { MessageItem } from "../api-types.js" */

/**
 * @typedef {object} Place
 * @property {number} row
 * @property {number} rows in all
 * @property {number} top pixels
 * @property {boolean} selected
 */

export class MessageRow {
  /** @param {string} id of the element: the list tells by it which line is selected */
  constructor(id) {
    const text = () => document.createTextNode("");
    this.number = text();
    this.sender = text();
    this.time = text();
    this.kind = text();
    this.preview = text();
    this.size = text();
    this.arrow = icon("m-up", "i12");
    this.direction = h("span", { class: "m-d" }, this.arrow, h("span", { class: "sr" }, this.sender));
    this.kindBox = h("span", { class: "m-k" }, this.kind);
    this.previewBox = h("span", { class: "m-p" }, this.preview);
    this.badges = h("span", { class: "m-b" });
    this.element = h("div", { role: "option", class: "msg", id },
      h("span", { class: "m-n" }, this.number), this.direction, h("span", { class: "m-t" }, this.time), this.kindBox, this.previewBox, this.badges, h("span", { class: "m-s" }, this.size));
    /** What is shown. @type {MessageItem | null | undefined} */
    this.item = undefined;
    this.shown = 0;
    this.row = -1;
    this.top = -1;
  }

  /**
   * @param {number} number
   * @param {MessageItem | null | undefined} item `null`: on its way, `undefined`: not kept
   * @param {Place} place
   */
  update(number, item, { row, rows, top, selected }) {
    const { element } = this;
    this.row = row;
    if (this.top !== top) element.style.transform = `translateY(${(this.top = top)}px)`;
    attribute(element, "aria-posinset", String(row + 1));
    attribute(element, "aria-setsize", String(rows));
    attribute(element, "aria-selected", String(selected));
    if (this.shown === number && this.item === item) return;
    this.shown = number;
    this.item = item;
    setText(this.number, String(number));
    if (item) this.#write(item);
    else this.#blank(item === null ? "…" : "This message was not kept");
  }

  /** @param {MessageItem} item */
  #write(item) {
    const fromClient = item.sender === "client", kind = visible(kindWord(item));
    this.direction.hidden = false;
    this.direction.className = `m-d ${fromClient ? "up" : "down"}`;
    this.direction.title = SENDERS[item.sender];
    this.arrow.firstElementChild?.setAttribute("href", sprite(fromClient ? "m-up" : "m-down"));
    setText(this.sender, SENDERS[item.sender]);
    setText(this.time, when(item.at_us));
    setText(this.kind, kind);
    this.kindBox.title = kind;
    setText(this.preview, visible(item.preview));
    this.previewBox.classList.remove("dim");
    this.badges.replaceChildren(...badges(item).map(({ word, short, look, title }) =>
      h("span", { class: `tag ${look}`, title: short ? `${word}: ${title}` : title }, ...(short ? [h("span", { "aria-hidden": "true" }, short), h("span", { class: "sr" }, word)] : [word]))));
    setText(this.size, bytes(item.length));
  }

  /** @param {string} word */
  #blank(word) {
    this.direction.hidden = true;
    for (const node of [this.sender, this.time, this.kind, this.size]) setText(node, "");
    this.kindBox.title = "";
    setText(this.preview, word);
    this.previewBox.classList.add("dim");
    this.badges.replaceChildren();
  }
}

/**
 * @param {Element} element
 * @param {string} name
 * @param {string} value
 */
function attribute(element, name, value) {
  if (element.getAttribute(name) !== value) element.setAttribute(name, value);
}
