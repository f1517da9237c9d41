// Lines that differ, as they look.

import { isSecret, masked } from "../detail/secrets.js";
import { h } from "../dom.js";
import { visible } from "../format.js";
import { marked } from "../marked.js";

/** @import { DiffLine } from "./diff-lines.js" */

/**
 * @param {DiffLine[]} lines
 * @param {boolean} [fields] they are header fields: secrets stay hidden
 */
export function linesView(lines, fields = false) {
  const partners = fields ? sameName(lines) : sameRun(lines);
  return h("div", { class: "dl" }, ...lines.flatMap((line) => {
    const { kind, text } = line, other = partners.get(line) ?? null;
    if (kind === "skip") return [h("span", { class: "g" }), h("span", { class: "dim" }, `@@ ${text}`)];
    if (kind === "same") return [h("span", { class: "g" }), h("span", null, visible(text))];
    return [h("span", { class: `g ${kind}` }, kind === "del" ? "−" : "+"), h("span", { class: kind }, ...(fields ? fieldWords(text, other) : marked(text, other)))];
  }));
}

/**
 * What each changed line stands against: the lines of a run that takes as many out as it puts in.
 * @param {DiffLine[]} lines
 */
function sameRun(lines) {
  /** @type {Map<DiffLine, string>} */
  const partners = new Map();
  for (let at = 0; at < lines.length; at++) {
    const run = (/** @type {string} */ kind) => {
      const from = at;
      while (lines[at]?.kind === kind) at++;
      return lines.slice(from, at);
    };
    const gone = run("del"), come = run("add");
    if (gone.length + come.length > 0) at--;
    if (gone.length === come.length) gone.forEach((line, n) => partners.set(line, come[n].text).set(come[n], line.text));
  }
  return partners;
}

/**
 * The same for header fields: one of a name against one of that name.
 * @param {DiffLine[]} lines
 */
function sameName(lines) {
  const of = (/** @type {string} */ text) => lines.filter((line) => line.text.startsWith(text.slice(0, text.indexOf(":") + 1)));
  return new Map(lines.flatMap((line) => {
    const both = of(line.text), other = both.find(({ kind }) => kind !== line.kind);
    return both.length === 2 && other ? [/** @type {[DiffLine, string]} */ ([line, other.text])] : [];
  }));
}

/**
 * @param {string} line `name: value`
 * @param {string | null} other
 */
function fieldWords(line, other) {
  const colon = line.indexOf(":"), name = line.slice(0, colon);
  return isSecret(name) ? [`${visible(name)}: `, ...masked(name, visible(line.slice(colon + 2)))] : marked(line, other);
}
