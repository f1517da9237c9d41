// JSON as a tree of lines: built as far as it is unfolded, moved through by keyboard, with the path of the chosen line.

import { copyButton } from "../copy.js";
import { h, icon } from "../dom.js";
import { visible } from "../format.js";
import { step } from "./json-path.js";
import { jsonText } from "./json.js";

/** @import { Child } from "../dom.js" */
/** @import { JsonNode } from "./json.js" */

/** Folded from this depth on, and sooner once this many lines are there. */
const DEPTH = 3, LINES = 600;
/** Members of one value shown at a time, and characters of one text before it is cut. */
const MEMBERS = 200, LONGEST = 2000;

/** @typedef {{ node: JsonNode, key: string | number | null, path: string, depth: number, comma: boolean, close: HTMLElement | null }} Line */

export class JsonTree {
  /**
   * @param {JsonNode} root
   * @param {string} label
   */
  constructor(root, label) {
    /** @type {WeakMap<Element, Line>} */
    this.lines = new WeakMap();
    this.element = h("div", { class: "tree", role: "tree", "aria-label": label });
    this.path = h("code", { class: "trunc grow" });
    this.pathbar = h("div", { class: "pathbar" }, this.path,
      copyButton({ label: "Copy the path", word: "Path", what: "the path", text: () => this.#chosen()?.path ?? "$" }),
      copyButton({ label: "Copy the value", word: "Value", what: "the value", text: () => this.#value() }));
    this.budget = LINES;
    this.element.append(this.#build({ node: root, key: null, path: "$", depth: 0, comma: false, close: null }));
    this.#choose(/** @type {HTMLElement} */ (this.element.firstElementChild), false);
    this.element.addEventListener("click", (event) => this.#click(event));
    this.element.addEventListener("dblclick", (event) => this.#lineAt(event.target)?.classList.toggle("whole"));
    this.element.addEventListener("keydown", (event) => this.#key(event));
  }

  /**
   * The lines of a value: one, or its opening, what is in it, and its closing.
   * @param {Line} line
   * @returns {DocumentFragment}
   */
  #build(line) {
    const made = document.createDocumentFragment(), { node, depth } = line;
    this.budget--;
    const element = this.#line(line);
    made.append(element);
    if (size(node) > 0 && depth < DEPTH && this.budget > 0) made.append(this.#open(element, line));
    return made;
  }

  /**
   * Unfolds a line; the result goes behind it.
   * @param {HTMLElement} element
   * @param {Line} line
   */
  #open(element, line) {
    const made = document.createDocumentFragment(), { node, depth, comma } = line;
    element.setAttribute("aria-expanded", "true");
    this.#content(element, line);
    made.append(...this.#members(line, 0));
    line.close = h("div", { class: "tl", "aria-hidden": "true" }, ...margin(depth), h("span", { class: "tw" }),
      h("span", { class: "v j-p" }, (node.kind === "array" ? "]" : "}") + (comma ? "," : "")));
    made.append(line.close);
    return made;
  }

  /**
   * @param {Line} parent
   * @param {number} from
   * @returns {Node[]}
   */
  #members({ node, path, depth }, from) {
    /** @type {[string | number, JsonNode][]} */
    const all = node.kind === "object" ? node.entries : node.kind === "array" ? node.items.map((item, at) => [at, item]) : [];
    const some = all.slice(from, from + MEMBERS), rest = all.length - from - some.length;
    /** @type {Node[]} */
    const made = some.map(([key, value], at) => this.#build({
      node: value, key, path: step(path, key), depth: depth + 1, comma: from + at < all.length - 1, close: null,
    }));
    if (rest > 0) {
      const more = h("button", { type: "button", class: "btn tiny" }, `${Math.min(rest, MEMBERS)} more of ${rest}`);
      const line = h("div", { class: "tl" }, ...margin(depth + 1), h("span", { class: "tw" }), more);
      more.addEventListener("click", () => {
        this.budget = LINES;
        line.replaceWith(...this.#members({ node, path, depth, key: null, comma: false, close: null }, from + MEMBERS));
      });
      made.push(line);
    }
    return made;
  }

  /** @param {Line} line */
  #line(line) {
    const element = h("div", { class: "tl", role: "treeitem", "aria-level": line.depth + 1, "aria-selected": "false", tabindex: -1, "aria-expanded": size(line.node) > 0 ? "false" : null });
    this.lines.set(element, line);
    this.#content(element, line);
    return element;
  }

  /**
   * @param {HTMLElement} element
   * @param {Line} line
   */
  #content(element, line) {
    const expanded = element.getAttribute("aria-expanded");
    element.replaceChildren(...margin(line.depth), h("span", { class: "tw" }, expanded !== null && icon(expanded === "true" ? "down" : "right")),
      h("span", { class: "v" }, ...label(line.key), ...summary(line.node, expanded === "true"), line.comma && expanded !== "true" && h("span", { class: "j-p" }, ","), line.node.aside && h("span", { class: "j-c" }, `  ${line.node.aside}`)));
  }

  /** @param {HTMLElement} element */
  #toggle(element) {
    const line = this.lines.get(element), expanded = element.getAttribute("aria-expanded");
    if (!line || expanded === null) return void element.classList.toggle("whole");
    if (expanded === "false") {
      this.budget = LINES;
      return element.after(this.#open(element, line));
    }
    while (element.nextElementSibling && element.nextElementSibling !== line.close) element.nextElementSibling.remove();
    line.close?.remove();
    element.setAttribute("aria-expanded", "false");
    this.#content(element, line);
  }

  /**
   * @param {HTMLElement} element
   * @param {boolean} focus
   */
  #choose(element, focus) {
    this.chosen?.setAttribute("aria-selected", "false");
    if (this.chosen) this.chosen.tabIndex = -1;
    this.chosen = element;
    element.setAttribute("aria-selected", "true");
    element.tabIndex = 0;
    this.path.textContent = visible(this.#chosen()?.path ?? "");
    if (focus) element.focus();
  }

  /** @returns {Line | undefined} */
  #chosen() {
    return this.chosen && this.lines.get(this.chosen);
  }

  #value() {
    const node = this.#chosen()?.node;
    return !node ? "" : node.kind === "string" ? node.value : jsonText(node);
  }

  /** @param {EventTarget | null} target */
  #lineAt(target) {
    const element = target instanceof Element ? target.closest(".tl") : null;
    return element instanceof HTMLElement && this.lines.has(element) ? element : null;
  }

  /** @param {MouseEvent} event */
  #click(event) {
    const element = this.#lineAt(event.target);
    if (!element) return;
    this.#choose(element, true);
    if (event.target instanceof Element && event.target.closest(".tw")) this.#toggle(element);
  }

  /** @param {KeyboardEvent} event */
  #key(event) {
    const element = this.#lineAt(event.target);
    if (!element || event.ctrlKey || event.metaKey || event.altKey) return;
    const items = () => /** @type {HTMLElement[]} */ ([...this.element.querySelectorAll('[role="treeitem"]')]);
    const expanded = element.getAttribute("aria-expanded");
    const beside = (/** @type {"nextElementSibling" | "previousElementSibling"} */ way) => {
      let next = element[way];
      while (next && !this.lines.has(next)) next = next[way];
      return /** @type {HTMLElement | null} */ (next);
    };
    /** @type {HTMLElement | null | undefined} */
    let to = null;
    switch (event.key) {
      case "ArrowDown": to = beside("nextElementSibling"); break;
      case "ArrowUp": to = beside("previousElementSibling"); break;
      case "Home": [to] = items(); break;
      case "End": to = items().at(-1); break;
      case "ArrowRight": expanded === "false" ? this.#toggle(element) : expanded === "true" && (to = beside("nextElementSibling")); break;
      case "ArrowLeft": expanded === "true" ? this.#toggle(element) : (to = this.#parent(element)); break;
      case "Enter": case " ": this.#toggle(element); break;
      default: return;
    }
    event.preventDefault();
    if (to) this.#choose(to, true);
  }

  /** @param {HTMLElement} element */
  #parent(element) {
    const depth = this.lines.get(element)?.depth ?? 0;
    let above = element.previousElementSibling;
    while (above && (this.lines.get(above)?.depth ?? Infinity) >= depth) above = above.previousElementSibling;
    return /** @type {HTMLElement | null} */ (above);
  }
}

/** @param {JsonNode} node Members of an object or array; 0 for everything else. */
const size = (node) => (node.kind === "object" ? node.entries.length : node.kind === "array" ? node.items.length : 0);

/** @param {number} depth The line number and the guides. */
const margin = (depth) => [h("span", { class: "ln", "aria-hidden": "true" }), ...Array.from({ length: depth }, () => h("span", { class: "gd" }))];

/**
 * @param {string | number | null} key
 * @returns {Child[]}
 */
function label(key) {
  if (key === null) return [];
  if (typeof key === "number") return [h("span", { class: "j-c" }, `${key} `)];
  const plain = /^[\w$-]+$/.test(key) ? key : JSON.stringify(visible(key));
  return [h("span", null, plain), h("span", { class: "j-p" }, ": ")];
}

/**
 * @param {JsonNode} node
 * @param {boolean} expanded
 * @returns {Child[]}
 */
function summary(node, expanded) {
  const punctuation = (/** @type {string} */ text) => h("span", { class: "j-p" }, text);
  if (node.kind === "string") {
    const shown = node.value.length > LONGEST ? `${node.value.slice(0, LONGEST)}…` : node.value;
    return [h("span", { class: "j-s" }, visible(JSON.stringify(shown))), node.value.length > LONGEST && h("span", { class: "j-c" }, ` ${node.value.length} characters`)];
  }
  if (node.kind === "number") return [h("span", { class: "j-n" }, node.text)];
  if (node.kind === "literal") return [h("span", { class: "j-b" }, node.text)];
  const [open, close] = node.kind === "array" ? "[]" : "{}";
  if (expanded) return [punctuation(open)];
  if (size(node) === 0) return [punctuation(open + close)];
  const inside = node.kind === "array" ? `${node.items.length} item${node.items.length === 1 ? "" : "s"}` : names(node.entries);
  return [punctuation(`${open} `), h("span", { class: "j-c" }, inside), punctuation(` ${close}`)];
}

/** @param {[string, JsonNode][]} entries */
function names(entries) {
  const some = entries.slice(0, 8).map(([key]) => visible(key)).join(", ");
  return entries.length > 8 ? `${some}, …` : some;
}
