// Fields in which variables, `{{name}}`, are coloured: a text of the same look lies behind the one that is written.

import { h } from "../dom.js";
import { pieces } from "./draft.js";

/**
 * @param {HTMLInputElement} input
 * @returns {HTMLElement} with the field in it
 */
export function inked(input) {
  const ink = h("pre", { "aria-hidden": "true" }), box = h("span", { class: "ink" }, ink, input);
  const paint = () => {
    const on = input.value.includes("{{") && !input.classList.contains("secret");
    box.classList.toggle("on", on);
    ink.replaceChildren(...(on ? pieces(input.value).map((piece, at) => (at % 2 ? h("span", { class: "var" }, piece) : piece)) : []));
    ink.scrollLeft = input.scrollLeft;
  };
  for (const event of ["input", "paint", "scroll", "blur", "keyup"]) input.addEventListener(event, paint);
  paint();
  return box;
}

/**
 * Writes into such a field.
 * @param {HTMLInputElement} input
 * @param {string} text
 */
export function fill(input, text) {
  if (input.value !== text) input.value = text;
  input.dispatchEvent(new Event("paint"));
}

/**
 * A field of one line.
 * @param {string} label
 * @param {string} value
 * @param {(value: string) => void} onchange
 * @param {Record<string, unknown>} [more]
 */
export function field(label, value, onchange, more) {
  const input = h("input", { class: "field mono", value, "aria-label": label, spellcheck: "false", autocomplete: "off", autocapitalize: "off", oninput: () => onchange(input.value), ...more });
  return input;
}

/**
 * A choice.
 * @param {string} label
 * @param {[string, string][]} options value and word
 * @param {string} value
 * @param {(value: string) => void} onchange
 */
export function choice(label, options, value, onchange) {
  const select = h("select", { class: "field", "aria-label": label, onchange: () => onchange(select.value) }, ...options.map(([key, word]) => h("option", { value: key }, word)));
  select.value = value;
  return select;
}
