// What went wrong, said beside what was filled in.

import { ApiError } from "./api.js";
import { h, icon } from "./dom.js";
import { visible } from "./format.js";

/** What went wrong, and what to do, as sentences. @param {{ message: string, hint?: string }} error */
export const sentences = ({ message, hint }) => [message, hint].flatMap((text) => (text ? [text[0].toUpperCase() + text.slice(1) + (/[.!?:]$/.test(text) ? "" : ".")] : [])).join(" ");

/**
 * A line for it, which is away while nothing is wrong.
 * @param {HTMLElement} [field] the one that is marked unless another one is named; it gets the focus
 */
export function faultLine(field) {
  const element = h("p", { class: "ferr", role: "alert", hidden: true });
  /** @type {HTMLElement | undefined} */
  let marked;
  /**
   * @param {unknown} error a text, or what a call threw; empty: nothing is wrong any more
   * @param {HTMLElement} [at]
   */
  const say = (error, at = field) => {
    const text = typeof error === "string" ? error : error instanceof ApiError ? sentences(error) : "It was not done.";
    element.hidden = !text;
    element.replaceChildren(icon("s-failed", "i12"), h("span", null, visible(text)));
    marked?.removeAttribute("aria-invalid");
    marked = text ? at : undefined;
    marked?.setAttribute("aria-invalid", "true");
    marked?.focus();
  };
  return { element, say };
}
