// What of a changed line is not in the line it stands against.

import { h } from "./dom.js";
import { visible } from "./format.js";

/** @import { Child } from "./dom.js" */

/**
 * A line with what is not in its partner marked.
 * @param {string} text
 * @param {string | null} other
 * @returns {Child[]}
 */
export function marked(text, other) {
  if (other === null) return [visible(text)];
  let head = 0;
  while (head < text.length && text[head] === other[head]) head++;
  let tail = 0;
  while (tail < Math.min(text.length, other.length) - head && text[text.length - 1 - tail] === other[other.length - 1 - tail]) tail++;
  const middle = text.slice(head, text.length - tail);
  return [visible(text.slice(0, head)), middle && h("mark", null, visible(middle)), visible(text.slice(text.length - tail))];
}
