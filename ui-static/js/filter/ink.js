// How the text of a filter looks: keys coloured, the word that cannot be read underlined.

import { h } from "../dom.js";

/**
 * The filter's text with its keys coloured and the word that cannot be read underlined.
 * @param {string} text
 * @param {{ offset: number, length: number } | null} error
 * @returns {Node[]}
 */
export function colored(text, error) {
  /** @type {[string, "b" | "i" | null][]} */
  const pieces = [];
  for (const [, space, minus, key, rest] of text.matchAll(/(\s*)(-?)([a-z]+(?::|(?=[<>])))?("[^"]*"?|\S*)/g)) {
    pieces.push([space, null], [minus, "i"], [key ?? "", "b"], [rest, null]);
  }
  const from = error?.offset ?? -1, to = from + Math.max(error?.length ?? 0, 1);
  let at = 0;
  return pieces.filter(([piece]) => piece).flatMap(([piece, name]) => {
    const cuts = [0, from - at, to - at, piece.length].filter((cut) => cut >= 0 && cut <= piece.length).sort((a, b) => a - b);
    const nodes = cuts.slice(1).map((cut, n) => ({ start: cuts[n], part: piece.slice(cuts[n], cut) })).filter(({ part }) => part)
      .map(({ start, part }) => {
        const node = name ? h(name, null, part) : document.createTextNode(part);
        return error && at + start >= from && at + start < to ? h("u", null, node) : node;
      });
    at += piece.length;
    return nodes;
  });
}
