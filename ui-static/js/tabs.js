// A row of tabs: arrows move, one is in the tab order.

import { h } from "./dom.js";

/** @typedef {{ id: string, word: string, n?: number | string }} Tab `n` is a quiet count after the word */

export class Tabs {
  /**
   * @param {string} label
   * @param {string} panel id of the element they show their parts in
   * @param {(id: string) => void} onpick
   */
  constructor(label, panel, onpick) {
    this.panel = panel;
    this.onpick = onpick;
    /** @type {Map<string, HTMLButtonElement>} */
    this.buttons = new Map();
    this.element = h("div", { class: "tabs", role: "tablist", "aria-label": label, onkeydown: (/** @type {KeyboardEvent} */ event) => this.#key(event) });
  }

  /** @param {Tab[]} tabs */
  set(tabs) {
    this.buttons = new Map(tabs.map(({ id, word, n }) => [id, h("button", {
      role: "tab", type: "button", id: `tab-${id}`, "aria-controls": this.panel, onclick: () => this.onpick(id),
    }, word, n !== undefined && h("span", { class: "n" }, n))]));
    this.element.replaceChildren(...this.buttons.values());
  }

  /**
   * Changes the count of a tab.
   * @param {string} id
   * @param {string} n
   */
  count(id, n) {
    const quiet = this.buttons.get(id)?.querySelector(".n");
    if (quiet) quiet.textContent = n;
  }

  /** @param {string} id */
  select(id) {
    for (const [name, button] of this.buttons) {
      button.setAttribute("aria-selected", String(name === id));
      button.tabIndex = name === id ? 0 : -1;
    }
    this.buttons.get(id)?.scrollIntoView({ block: "nearest", inline: "nearest" });
  }

  /**
   * The tab beside another one.
   * @param {string} id
   * @param {1 | -1} step
   */
  beside(id, step) {
    const ids = [...this.buttons.keys()];
    return ids[(ids.indexOf(id) + step + ids.length) % ids.length];
  }

  /** @param {KeyboardEvent} event */
  #key(event) {
    const step = event.key === "ArrowRight" ? 1 : event.key === "ArrowLeft" ? -1 : 0;
    const now = [...this.buttons].find(([, button]) => button === document.activeElement)?.[0];
    if (!step || now === undefined) return;
    event.preventDefault();
    const id = this.beside(now, step);
    this.onpick(id);
    this.buttons.get(id)?.focus();
  }
}
