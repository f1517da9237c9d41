// How one response differs from another: by JSON path, line and header field. What does not matter can be ignored from now on.

import { isSecret, masked } from "../detail/secrets.js";
import { button, h, icon } from "../dom.js";
import { bytes, duration, plural, visible } from "../format.js";
import { marked } from "../marked.js";
import { tableOf } from "../table-of.js";
import { verdictMark } from "./verdict.js";

/** @import { Diff, Difference } from "./types.js" */

/** Characters of a value that are shown. */
const LONGEST = 300;
/** Parts in the order in which they are shown, each with the start of its rules. @type {[Difference["part"], string][]} */
const PARTS = [["status", "Status"], ["json", "Body by JSON path"], ["text", "Body by line"], ["body", "Body"], ["header", "Headers"], ["trailer", "Trailers"]];

/**
 * @param {Diff} diff
 * @param {{ a: string, b: string, onignore?: (rule: string) => void }} of what the columns are called; without `onignore` nothing can be ignored
 * @returns {Node[]}
 */
export function differenceView(diff, { a, b, onignore }) {
  const { differences, total = differences.length, ignored, notes = [], info, truncated } = diff;
  const mark = verdictMark(diff.same ? "same" : "changed", diff.same ? "same answer" : plural(total, "difference"));
  const took = info.duration_us.map((us) => (us === null ? "–" : duration(us))), sizes = info.size.map((size) => bytes(size));
  return [
    h("div", { class: "sub" }, mark, h("span", { class: "dim" }, [ignored && `${ignored} ignored`, sizes[0] === sizes[1] ? sizes[0] : `${sizes[0]} to ${sizes[1]}`, `${took[0]} to ${took[1]}`].filter(Boolean).join(", "))),
    ...[...(truncated ? ["There is more than is shown, or more than is compared."] : []), ...notes].map((text) => h("p", { class: "note" }, icon("info"), visible(text))),
    ...PARTS.flatMap(([part, word]) => {
      const some = differences.filter((one) => one.part === part);
      return some.length ? [h("div", { class: "sub ruled" }, h("h2", null, word), h("span", { class: "dim" }, part === "json" ? "order of names does not count" : `${some.length} ${some.length === 1 ? "differs" : "differ"}`)), part === "text" ? textPart(some) : table(some, { a, b, onignore })] : [];
    }),
  ];
}

/** @param {Difference[]} some @param {{ a: string, b: string, onignore?: (rule: string) => void }} of */
function table(some, { a, b, onignore }) {
  return tableOf("diff", [some[0].part === "json" ? "Path" : "What", a, b, ...(onignore ? ["Rule"] : [])], some.map((one) => {
    const rule = ruleOf(one), secret = (one.part === "header" || one.part === "trailer") && isSecret(one.path);
    return h("tr", null, h("td", { class: "mono" }, visible(one.path || one.part)), value(one.a, one.kind === "added", "server", secret ? one.path : ""), value(one.b, one.kind === "removed", "ok", secret ? one.path : ""),
      onignore && h("td", null, button({ label: `Ignore ${visible(rule)} from now on`, word: "Ignore", class: "tiny", onclick: () => onignore(rule) })));
  }));
}

/** What has it ignored. @param {Difference} one */
export const ruleOf = ({ part, path }) => (part === "json" ? path : part === "header" || part === "trailer" ? `header:${path.toLowerCase()}` : part === "status" ? "status" : "body");

/** @param {string | null} it @param {boolean} none @param {string} color @param {string} secret name of a field that is hidden */
function value(it, none, color, secret) {
  if (none || it === null) return h("td", { class: "dim" }, "not there");
  return h("td", { class: `mono ${color}` }, ...(secret ? masked(secret, visible(it)) : [visible(it.length > LONGEST ? `${it.slice(0, LONGEST)}…` : it)]));
}

/** @param {Difference[]} some Runs of lines: those that went, then those that came. */
function textPart(some) {
  const line = (/** @type {"del" | "add"} */ kind, /** @type {string} */ text, /** @type {string | null} */ other) => [h("span", { class: `g ${kind}` }, kind === "del" ? "−" : "+"), h("span", { class: kind }, ...marked(text, other))];
  return h("div", { class: "dl" }, ...some.flatMap(({ path, a, b }) => {
    const gone = linesOf(a), come = linesOf(b), pairs = gone.length === come.length;
    return [h("span", { class: "g" }), h("span", { class: "dim" }, `@@ ${visible(path)}`), ...gone.flatMap((text, at) => line("del", text, pairs ? come[at] : null)), ...come.flatMap((text, at) => line("add", text, pairs ? gone[at] : null))];
  }));
}

/** @param {string | null} text */
const linesOf = (text) => (text === null ? [] : text.replace(/\n$/, "").split("\n"));
