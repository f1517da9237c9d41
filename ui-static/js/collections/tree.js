// All collections as one tree: opened and closed, moved by drag and by keys, renamed where they stand, searched.

import { findItems } from "../api-collections.js";
import { button, h, icon } from "../dom.js";
import { visible } from "../format.js";
import { go, href, inCollections } from "../route.js";
import { store } from "../state.js";
import { chooseImport } from "../transfer/drop.js";
import { dragLine } from "./drag.js";
import { known, move, outline, refreshCollections, removeSaying } from "./known.js";
import { linesOf, stepped, wayTo } from "./lines.js";
import { newCollection, openNodeMenu, rename } from "./menu.js";
import { treeLine } from "./tree-line.js";

/** @import { Found } from "./types.js" */
/** @import { Line } from "./lines.js" */

const PAUSE = 200;
const OPEN = "waylay.open-collections";

export class CollectionTree {
  constructor() {
    /** Keys of what is open. @type {Set<string>} */
    this.open = new Set(JSON.parse(localStorage.getItem(OPEN) ?? "[]"));
    /** @type {Line[]} */
    this.lines = [];
    /** What is shown of them. @type {Map<string, { text: string, element: HTMLElement }>} */
    this.drawn = new Map();
    /** The one that Tab reaches. */
    this.current = "";
    this.field = h("input", { class: "field", type: "search", "aria-label": "Find in collections", placeholder: "Find a request", autocomplete: "off", spellcheck: "false", oninput: () => this.#soon() });
    this.list = h("ul", { class: "scroll body coltree", role: "tree", "aria-label": "Collections", onkeydown: (/** @type {KeyboardEvent} */ event) => this.#key(event) });
    this.found = h("ul", { class: "scroll body", "aria-label": "Found", hidden: true });
    this.hint = h("div", { class: "note", hidden: true }, h("span", null, "No collection yet. Save captured requests into one (", h("kbd", null, "s"), "), import one, or begin with ", button({ word: "New collection", class: "tiny line", onclick: () => void newCollection() })));
    this.element = h("div", { class: "pane body" },
      h("div", { class: "bar pad" }, this.field, button({ icon: "import", label: "Import a collection, curl, HAR …", class: "tiny", onclick: () => chooseImport() }), button({ icon: "plus", label: "New collection", class: "tiny", onclick: () => void newCollection() })), this.hint, this.list, this.found);
    this.list.addEventListener("click", (event) => this.#click(event));
    this.list.addEventListener("focusin", ({ target }) => {
      const line = this.#at(target);
      if (line && target === this.#line(line.key)) this.#current(line.key);
    });
    this.list.addEventListener("contextmenu", (event) => {
      const line = this.#at(event.target);
      if (!line) return;
      event.preventDefault();
      this.#menu(line);
    });
    this.list.addEventListener("pointerdown", (event) => {
      const line = this.#at(event.target);
      if (line && event.button === 0 && line.kind !== "collection") dragLine(event, line, this.list, () => this.lines, (place) => void move(line.id, place));
    });
    known.watch(["items", "outlines"], () => this.show());
    store.watch(["collectionsAt", "stale"], () => void refreshCollections());
    store.watch(["route"], ({ route }) => {
      if (route.screen === "collections") void this.#reveal(route.at);
    });
    for (const key of this.open) if (key.startsWith("collection/")) void outline(Number(key.slice(11)));
  }

  /** Draws what is known. */
  show() {
    const { items, outlines } = known.state, { at } = store.state.route;
    this.lines = linesOf(items ?? [], outlines, this.open);
    if (!this.lines.some(({ key }) => key === this.current)) this.current = this.lines.find(({ key }) => key === at)?.key ?? this.lines[0]?.key ?? "";
    const focused = document.activeElement === this.#line(this.current);
    this.#draw(at);
    this.hint.hidden = items === null || items.length > 0;
    if (focused) this.#focus(this.current);
  }

  /** Lines that are as they were stay: one of them may be written into. @param {string} at */
  #draw(at) {
    const before = this.drawn;
    this.drawn = new Map(this.lines.map((line) => {
      const text = JSON.stringify(line), known = before.get(line.key);
      return [line.key, known?.text === text ? known : { text, element: treeLine(line) }];
    }));
    for (const [key, { element }] of before) if (this.drawn.get(key)?.element !== element) element.remove();
    [...this.drawn].forEach(([key, { element }], n) => {
      element.tabIndex = key === this.current ? 0 : -1;
      element.setAttribute("aria-selected", String(key === at));
      if (this.list.children[n] !== element) this.list.insertBefore(element, this.list.children[n] ?? null);
    });
  }

  /** Shows where something is, all around it open. @param {string} at */
  async #reveal(at) {
    const [kind, id] = at.split("/");
    if (kind === "collection") {
      this.open.add(at);
      await outline(Number(id));
    }
    const way = kind === "item" ? wayTo(known.state.outlines, Number(id)) : null;
    for (const key of way ?? []) this.open.add(key);
    if (kind === "collection" || way) this.current = at;
    this.show();
    this.#line(at)?.scrollIntoView({ block: "nearest" });
  }

  /** What is open elsewhere stands in the tree, too. @param {number} collection @param {string} at */
  async reveal(collection, at) {
    await outline(collection);
    await this.#reveal(at);
  }

  /** @param {string} key */
  #line(key) {
    return /** @type {HTMLElement | null} */ (this.list.querySelector(`[data-at="${key}"]`));
  }

  /** @param {EventTarget | null} target */
  #at(target) {
    const key = target instanceof Element ? target.closest("[data-at]")?.getAttribute("data-at") : null;
    return this.lines.find((line) => line.key === key);
  }

  /** @param {MouseEvent} event */
  #click(event) {
    const line = this.#at(event.target), part = event.target instanceof Element ? event.target.closest("[data-part]")?.getAttribute("data-part") : null;
    if (!line || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    this.current = line.key;
    if (part === "more") this.#menu(line);
    else if (part === "fold") void this.#fold(line, !line.open);
    else this.#go(line);
  }

  /** @param {Line} line */
  #go(line) {
    go(inCollections(line.key));
    document.querySelector(".coll")?.classList.remove("listing");
    if (line.kind === "collection" || line.kind === "folder") void this.#fold(line, true);
  }

  /** @param {Line} line @param {boolean} open */
  async #fold(line, open) {
    if (open) this.open.add(line.key);
    else this.open.delete(line.key);
    if (open && line.kind === "collection") await outline(line.id);
    localStorage.setItem(OPEN, JSON.stringify([...this.open].slice(-500)));
    this.show();
  }

  /** @param {Line} line */
  #menu(line) {
    const element = this.#line(line.key);
    if (element) openNodeMenu(element, line, () => this.#rename(line));
  }

  /** @param {Line} line */
  #rename(line) {
    const name = this.#line(line.key)?.querySelector(".name");
    if (name instanceof HTMLElement) rename(name, line);
  }

  /** @param {KeyboardEvent} event */
  #key(event) {
    if (event.target instanceof HTMLInputElement) return;
    const line = this.#at(event.target), { key } = event;
    if (!line || event.ctrlKey || event.metaKey) return;
    const at = this.lines.indexOf(line), to = (/** @type {Line | undefined} */ other) => other && this.#focus(other.key);
    if (event.altKey && (key === "ArrowUp" || key === "ArrowDown" || key === "ArrowLeft" || key === "ArrowRight")) {
      const place = stepped(line, key, this.lines);
      if (place?.parent && key === "ArrowRight") this.open.add(`item/${place.parent}`);
      if (place) void move(line.id, place);
    } else if (event.altKey) return;
    else if (key === "ArrowDown" || key === "j") to(this.lines[at + 1]);
    else if (key === "ArrowUp" || key === "k") to(this.lines[at - 1]);
    else if (key === "Home") to(this.lines[0]);
    else if (key === "End") to(this.lines.at(-1));
    else if (key === "ArrowRight") {
      if (line.branch && !line.open) void this.#fold(line, true);
      else if (line.branch) to(this.lines[at + 1]);
    } else if (key === "ArrowLeft") {
      if (line.open) void this.#fold(line, false);
      else to(this.lines.find((one) => one.key === (line.parent === null ? `collection/${line.collection}` : `item/${line.parent}`)));
    } else if (key === "Enter") this.#go(line);
    else if (key === "F2") this.#rename(line);
    else if (key === "ContextMenu" || (key === "F10" && event.shiftKey)) this.#menu(line);
    else if (key === "Delete") {
      const next = this.lines.slice(at + 1).find(({ depth }) => depth <= line.depth) ?? this.lines[at - 1];
      if (next) this.current = next.key;
      void removeSaying(line.kind === "collection" ? { collection: line.id } : { items: [line.id] }, line.name);
    } else return;
    event.preventDefault();
    event.stopPropagation();
  }

  /** Tab leads to it from now on. @param {string} key */
  #current(key) {
    this.current = key;
    for (const one of this.list.children) /** @type {HTMLElement} */ (one).tabIndex = one.getAttribute("data-at") === key ? 0 : -1;
  }

  /** @param {string} key */
  #focus(key) {
    this.#current(key);
    this.#line(key)?.focus();
  }

  #soon() {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => void this.#search(), PAUSE);
  }

  async #search() {
    const q = this.field.value.trim();
    this.asking?.abort();
    this.list.hidden = q !== "";
    this.found.hidden = !q;
    if (!q) return;
    const { signal } = (this.asking = new AbortController()), { items } = await findItems(q, signal).catch(() => ({ items: [] }));
    if (signal.aborted) return;
    this.found.replaceChildren(...items.map((one) => this.#hit(one)), items.length ? "" : h("li", { class: "note" }, "Nothing has this in its name or URL."));
  }

  /** @param {Found} found */
  #hit({ id, collection, kind, name, method = "", path }) {
    const at = `item/${id}`, route = { ...store.state.route, screen: /** @type {const} */ ("collections"), at, tab: "", against: "", filter: "" };
    const mark = kind === "folder" ? icon("collections") : h("span", { class: "m", "data-method": method }, visible(method));
    return h("li", null, h("a", { class: "item", href: href(route), onclick: (/** @type {MouseEvent} */ event) => {
      event.preventDefault();
      go(route);
      void this.reveal(collection.id, at);
    } }, mark, h("span", { class: "trunc grow" }, visible(name), h("span", { class: "dim" }, ` ${visible([collection, ...path].map((one) => one.name).join(" / "))}`))));
  }
}
