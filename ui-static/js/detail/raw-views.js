// Bodies as plain text and as bytes, a piece at a time so that a large one does not stop the page.

import { button, h } from "../dom.js";
import { bytes as size } from "../format.js";

/** Characters of text, and bytes of a dump, shown before asking. */
const TEXT_PIECE = 200_000, HEX_PIECE = 16_384;

/** @param {string} text */
export function textView(text) {
  return pieces(text.length, TEXT_PIECE, (from, to) => h("pre", { class: "code" }, text.slice(from, to)), (rest) => `${rest} more characters`);
}

/**
 * @param {Uint8Array} bytes
 * @param {8 | 16} width bytes per line
 */
export function hexView(bytes, width) {
  return pieces(bytes.length, HEX_PIECE, (from, to) => {
    const lines = [];
    for (let at = from; at < to; at += width) lines.push(hexLine(bytes.subarray(at, Math.min(at + width, to)), at, width));
    return h("pre", { class: "code hex" }, lines.join("\n"));
  }, (rest) => `${size(rest)} more`);
}

/**
 * @param {Uint8Array} row
 * @param {number} at
 * @param {8 | 16} width
 */
function hexLine(row, at, width) {
  const hex = Array.from(row, (byte) => byte.toString(16).padStart(2, "0"));
  const ascii = Array.from(row, (byte) => (byte >= 0x20 && byte < 0x7f ? String.fromCharCode(byte) : ".")).join("");
  const groups = [hex.slice(0, 8), ...(width === 16 ? [hex.slice(8)] : [])].map((group) => group.join(" ").padEnd(23));
  return `${at.toString(16).padStart(6, "0")}  ${groups.join("  ")}  ${ascii}`;
}

/**
 * @param {number} length
 * @param {number} piece
 * @param {(from: number, to: number) => Node} show
 * @param {(rest: number) => string} word
 */
function pieces(length, piece, show, word) {
  const box = h("div");
  const add = (/** @type {number} */ from) => {
    const to = Math.min(from + piece, length);
    box.append(show(from, to));
    if (to === length) return;
    const more = button({ label: word(length - to), word: word(length - to), class: "tiny", onclick: () => {
      line.remove();
      add(to);
    } });
    const line = h("div", { class: "sub" }, more);
    box.append(line);
  };
  add(0);
  return box;
}
