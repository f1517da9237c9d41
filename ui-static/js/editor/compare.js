// The answer to a request sent again, beside the captured one: outcome, body, header fields.

import { ApiError, exchange as fetchExchange } from "../api.js";
import { body } from "../api-exchange.js";
import { UNASKED } from "../detail/body.js";
import { parseJson } from "../detail/json.js";
import { h, icon } from "../dom.js";
import { bytes, duration, plural, visible } from "../format.js";
import { outcomeMark, outcomeOf } from "../table/outcome.js";
import { diffJson } from "./diff-json.js";
import { diffLines } from "./diff-lines.js";
import { linesView } from "./lines-view.js";

/** @import { Detail, Field } from "../api-types.js" */
/** @import { DiffLine } from "./diff-lines.js" */

/** @typedef {{ count: number, nodes: Node[] }} Part How many differences one part of the answer has, and how they look. */

/**
 * Fills `element` with the comparison.
 * @param {string} id of the captured exchange
 * @param {Detail} sent
 * @param {HTMLElement} element
 */
export async function compare(id, sent, element) {
  try {
    const captured = await fetchExchange(id), none = { count: 0, nodes: [] }, both = captured.response !== null && sent.response !== null;
    const bodies = both ? await comparedBodies(captured, sent) : none, fields = both ? comparedHeaders(captured, sent) : none;
    const status = captured.status === sent.status && !captured.failure === !sent.failure ? 0 : 1, all = status + bodies.count + fields.count;
    const mark = all === 0 ? { color: "ok", shape: "s-ok", word: "same answer" } : { color: "client", shape: "s-client", word: plural(all, "difference") };
    element.replaceChildren(h("div", { class: "sub" }, outcomeMark(mark), h("span", { class: "dim" }, `${origin(captured.id).toLowerCase()} ${captured.id}, sent ${sent.id}`)), outcomes(captured, sent), ...(both ? [] : [h("p", { class: "note" }, icon("info"), "Only one of them has a response: there is nothing more to compare.")]), ...bodies.nodes, ...fields.nodes);
  } catch (error) {
    if (error instanceof ApiError) element.replaceChildren(h("p", { class: "note" }, icon("info"), `${id} cannot be compared with: ${error.message}`));
  }
}

/**
 * @param {Detail} captured
 * @param {Detail} sent
 */
function outcomes(captured, sent) {
  const size = (/** @type {Detail} */ { response }) => (response ? bytes(response.body.size) : "none");
  const took = (/** @type {Detail} */ { timings }) => (timings.end_us === null ? "" : duration(timings.end_us));
  const why = (/** @type {Detail} */ { failure }) => failure && h("span", { class: "dim" }, ` ${visible(failure.reason)}`);
  const rows = [
    row("Status", h("span", null, outcomeMark(outcomeOf(captured)), why(captured)), h("span", null, outcomeMark(outcomeOf(sent)), why(sent))),
    row("Duration", took(captured), took(sent)),
    row("Body", size(captured), size(sent)),
  ];
  return table("", captured.id, sent.id, rows);
}

/**
 * @param {Detail} captured
 * @param {Detail} sent
 * @returns {Promise<Part>}
 */
async function comparedBodies(captured, sent) {
  const [before, after] = await Promise.all([responseText(captured), responseText(sent)]);
  const title = (/** @type {string} */ word, /** @type {string} */ quiet) => h("div", { class: "sub ruled" }, h("h2", null, word), h("span", { class: "dim" }, quiet));
  if (before === after && before !== null) return { count: 0, nodes: [title("Body", "the same")] };
  if (before === null || after === null) return { count: 0, nodes: [title("Body", "not compared: not text, not whole, or over 1 MB")] };
  const left = parseJson(before), right = parseJson(after);
  if (left && right) {
    const { differences, more } = diffJson(left, right), count = differences.length;
    if (count === 0) return { count: 0, nodes: [title("Body by JSON path", "the same; order and spacing do not count")] };
    const rows = differences.map(({ path, before: old, after: now }) => row(h("span", { class: "mono" }, visible(path)), value(old, "server"), value(now, "ok")));
    return { count, nodes: [title("Body by JSON path", `${plural(count, "difference")}${more ? ", and more" : ""}; order of names does not count`), table("Path", captured.id, sent.id, rows)] };
  }
  const lines = diffLines(before, after);
  if (!lines) return { count: 1, nodes: [title("Body", "too different to be shown line by line")] };
  return { count: changes(lines), nodes: [title("Body by line", plural(changes(lines), "change")), linesView(lines)] };
}

/**
 * @param {Detail} exchange
 * @returns {Promise<string | null>} `null` if there is no whole text
 */
async function responseText({ id, response }) {
  if (!response || response.body.size === 0) return "";
  if (response.body.stored < response.body.size || response.body.stored > UNASKED) return null;
  const got = await body(id, "response", { decoded: true, limit: UNASKED });
  return got.truncated || got.error !== null || got.charset === null ? null : new TextDecoder().decode(got.bytes);
}

/**
 * @param {Detail} captured
 * @param {Detail} sent
 * @returns {Part}
 */
function comparedHeaders({ response: before }, { response: after }) {
  const text = (/** @type {Field} */ { name, value }) => `${name.toLowerCase()}: ${value}`;
  const had = (before?.headers ?? []).map(text).sort(), has = (after?.headers ?? []).map(text).sort();
  const gone = had.filter((line) => !has.includes(line)), come = has.filter((line) => !had.includes(line));
  const names = [...new Set([...gone, ...come].map((line) => line.slice(0, line.indexOf(":"))))].sort();
  const of = (/** @type {string[]} */ lines, /** @type {string} */ name) => lines.filter((line) => line.startsWith(`${name}:`));
  /** @type {DiffLine[]} */
  const lines = names.flatMap((name) => [
    ...of(gone, name).map((line) => /** @type {DiffLine} */ ({ kind: "del", text: line })), ...of(come, name).map((line) => /** @type {DiffLine} */ ({ kind: "add", text: line })),
  ]);
  const quiet = names.length === 0 ? "the same" : `${names.length} ${names.length === 1 ? "differs" : "differ"}`;
  return { count: names.length, nodes: [h("div", { class: "sub ruled" }, h("h2", null, "Headers"), h("span", { class: "dim" }, quiet)), linesView(lines, true)] };
}

/** @param {DiffLine[]} lines Runs of changed lines. */
const changes = (lines) => lines.filter(({ kind }, at) => kind !== "same" && kind !== "skip" && !["del", "add"].includes(lines[at - 1]?.kind)).length;

/**
 * @param {string | null} text
 * @param {string} color
 */
const value = (text, color) => (text === null ? h("span", { class: "dim" }, "not there") : h("span", { class: `mono ${color}` }, visible(text.length > 300 ? `${text.slice(0, 300)}…` : text)));

/**
 * @param {string} first
 * @param {string} before
 * @param {string} after
 * @param {Node[]} rows
 */
function table(first, before, after, rows) {
  const head = [first, `${origin(before)} ${before}`, `Sent ${after}`].map((word) => h("th", { scope: "col" }, word));
  return h("table", { class: "tbl" }, h("thead", null, h("tr", null, ...head)), h("tbody", null, ...rows));
}

/** @param {...(Node | string)} cells */
const row = (...cells) => h("tr", null, ...cells.map((cell) => h("td", null, cell)));

/** What was sent from here is in session 0. @param {string} id */
const origin = (id) => (id.startsWith("0.") ? "Earlier" : "Captured");
