// Building DOM. Text goes in as text nodes, never as markup: what is shown was captured from strangers.

/** @typedef {Node | string | number | null | undefined | false} Child */
/** @typedef {Record<string, unknown>} Attributes Names starting with `on` take an event listener. */

const SVG = "http://www.w3.org/2000/svg";

/**
 * An HTML element.
 * @template {keyof HTMLElementTagNameMap} K
 * @param {K} name
 * @param {Attributes | null} [attributes] `null`, `undefined` and `false` leave the attribute out, `true` sets it empty
 * @param {...Child} children
 * @returns {HTMLElementTagNameMap[K]}
 */
export function h(name, attributes, ...children) {
  return build(document.createElement(name), attributes, children);
}

/**
 * An SVG element.
 * @template {keyof SVGElementTagNameMap} K
 * @param {K} name
 * @param {Attributes | null} [attributes]
 * @param {...Child} children
 * @returns {SVGElementTagNameMap[K]}
 */
export function s(name, attributes, ...children) {
  return build(document.createElementNS(SVG, name), attributes, children);
}

/**
 * A symbol of the sprite.
 * @param {string} id
 * @param {"i" | "i12"} [size] 16 px, or 12 px for the shapes of states
 */
export function icon(id, size = "i") {
  return s("svg", { class: size, "aria-hidden": "true" }, s("use", { href: sprite(id) }));
}

/**
 * Where a symbol of the sprite (in index.html) is.
 * @param {string} id
 */
export function sprite(id) {
  return `#icon-${id}`;
}

/**
 * A quiet button with an icon, a word, or both.
 * @param {{ icon?: string, label?: string, word?: string, key?: string, class?: string, disabled?: boolean, onclick: (event: MouseEvent) => void }} of
 *   `label` names an icon without a word, and says more than the word does; `key` is shown in the title
 */
export function button(of) {
  const title = of.key ? `${of.label ?? of.word} (${of.key})` : of.label || null;
  return h("button", {
    type: "button",
    class: `btn ${of.word ? "" : "icon "}${of.class ?? ""}`.trim(),
    "aria-label": of.word ? null : of.label,
    title,
    disabled: of.disabled,
    onclick: of.onclick,
  }, of.icon && icon(of.icon), of.word);
}

/**
 * Writes `text` into a text node unless it is there already.
 * @param {Text} node
 * @param {string} text
 */
export function setText(node, text) {
  if (node.data !== text) node.data = text;
}

/**
 * @template {Element} E
 * @param {E} element
 * @param {Attributes | null | undefined} attributes
 * @param {Child[]} children
 * @returns {E}
 */
function build(element, attributes, children) {
  for (const [name, value] of Object.entries(attributes ?? {})) {
    if (value === null || value === undefined || value === false) continue;
    if (typeof value === "function") element.addEventListener(name.slice(2), /** @type {EventListener} */ (value));
    else if (name === "value" && "value" in element) element.value = String(value);
    else element.setAttribute(name, value === true ? "" : String(value));
  }
  for (const child of children) {
    if (child !== null && child !== undefined && child !== false) element.append(typeof child === "number" ? String(child) : child);
  }
  return element;
}
