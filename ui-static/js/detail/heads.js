// The head of a request on both sides of Waylay: as it was received, as it was sent on, and where the two differ.

import { button, h } from "../dom.js";
import { plural, visible } from "../format.js";
import { marked } from "../marked.js";
import { headDifferences } from "./head-diff.js";
import { headers } from "./headers.js";
import { isSecret, masked } from "./secrets.js";

/** @import { Child } from "../dom.js" */
/** @import { Head, HeadLine } from "./head-diff.js" */

/** @type {Record<HeadLine["kind"], { sign: string, look: string, word: string }>} */
const KINDS = {
  same: { sign: "", look: "", word: "" },
  removed: { sign: "−", look: "del", word: "removed" },
  added: { sign: "+", look: "add", word: "added" },
  changed: { sign: "±", look: "chg", word: "changed" },
  case: { sign: "Aa", look: "chg", word: "in other letters" },
  moved: { sign: "↕", look: "chg", word: "moved" },
};

/**
 * @param {Head} received
 * @param {Head} sent
 * @param {() => Node[]} asReceived
 * @returns {HTMLElement}
 */
export function bothHeads(received, sent, asReceived) {
  const lines = headDifferences(received, sent), content = h("div");
  /** @type {[string, () => Node[]][]} */
  const views = [
    ["As received", asReceived],
    ["As sent", () => headers({ title: "Headers", fields: sent.headers, line: sent.line, what: "the headers that were sent" })],
    ["Differences", () => differences(lines)],
  ];
  const buttons = views.map(([word], at) => h("button", { type: "button", onclick: () => pick(at) }, word));
  const pick = (/** @type {number} */ chosen) => {
    content.replaceChildren(...views[chosen][1]());
    buttons.forEach((button, at) => button.setAttribute("aria-pressed", String(at === chosen)));
  };
  pick(0);
  const differing = lines.filter(({ kind }) => kind !== "same").length;
  return h("div", null, h("div", { class: "sub" }, h("span", { class: "seg", role: "group", "aria-label": "Which side of Waylay" }, ...buttons), h("span", { class: "dim" }, `${plural(differing, "line")} ${differing === 1 ? "differs" : "differ"}`)), content);
}

/**
 * `1 removed, 2 added`
 * @param {HeadLine[]} lines
 */
function summary(lines) {
  const of = (/** @type {string} */ kind) => lines.filter((line) => line.kind === kind).length;
  const said = /** @type {HeadLine["kind"][]} */ (["removed", "added", "changed", "case", "moved"]).filter((kind) => of(kind) > 0).map((kind) => `${of(kind)} ${KINDS[kind].word}`);
  return said.join(", ") || "the same lines";
}

/** @param {HeadLine[]} lines */
function differences(lines) {
  const secrets = lines.filter(({ name, kind }) => kind !== "same" && isSecret(name)).length, list = h("div", { class: "dl" });
  let revealed = false;
  const reveal = button({ icon: "eye", word: "Reveal", class: "tiny", onclick: () => {
    revealed = !revealed;
    show();
  } });
  const show = () => {
    list.replaceChildren(...lines.flatMap((line) => shown(line, revealed)));
    reveal.lastChild?.replaceWith(revealed ? "Hide" : `Reveal ${plural(secrets, "secret")}`);
    reveal.setAttribute("aria-pressed", String(revealed));
  };
  show();
  return [h("div", { class: "sub" }, h("span", { class: "mid" }, summary(lines)), h("span", { class: "grow" }), secrets > 0 && reveal), list];
}

/**
 * The line, or the two lines that a change has.
 * @param {HeadLine} line
 * @param {boolean} revealed
 * @returns {Node[]}
 */
function shown({ kind, name, before, after }, revealed) {
  const { sign, look, word } = KINDS[kind], hidden = isSecret(name) && !revealed;
  const words = (/** @type {string} */ text, /** @type {string | null} */ other) => (hidden ? secretLine(text, other) : marked(text, other));
  const line = (/** @type {string} */ mark, /** @type {string} */ color, /** @type {string} */ said, /** @type {Child[]} */ content) => [
    h("span", { class: `g ${color}` }, h("span", { "aria-hidden": "true" }, mark), said && h("span", { class: "sr" }, `${said}: `)), h("span", { class: color }, ...content),
  ];
  if (before === null) return line(sign, look, word, words(after ?? "", null));
  if (after === null) return line(sign, look, word, words(before, null));
  if (kind === "same" || kind === "moved") return line(sign, look, word, words(after, null));
  return [...line("−", "del", `${word}, was`, words(before, after)), ...line("+", "add", `${word}, is`, words(after, before))];
}

/**
 * @param {string} line `name: value`
 * @param {string | null} other
 */
function secretLine(line, other) {
  const colon = line.indexOf(":"), name = line.slice(0, colon);
  const differs = other !== null && line.slice(colon) !== other.slice(other.indexOf(":"));
  return [...marked(`${name}: `, other === null ? null : `${other.slice(0, other.indexOf(":"))}: `), ...masked(name, visible(line.slice(colon + 2))), differs && h("span", { class: "dim" }, " another value")];
}
