// What is in what is to be imported: counts, hosts, scripts, secrets, what cannot be taken in; and where it goes.

import { placeFields } from "../collections/place.js";
import { h, icon } from "../dom.js";
import { count, plural, visible } from "../format.js";

/** @import { Choice, Found, Kind, Summary } from "./types.js" */

/** Lines of a list that are shown. */
const MOST = 100;

/** @type {[keyof Summary["counts"], string, string][]} */
const COUNTS = [
  ["exchanges", "exchanges", "into a session of their own"], ["collections", "collections", ""], ["folders", "folders", ""], ["requests", "requests", "saved, not sent"], ["examples", "examples", ""], ["environments", "environments", ""], ["variables", "variables", ""],
];

/** @type {Record<Kind, string>} */
const KINDS = { har: "HAR", collection: "Postman collection", environment: "Environment", globals: "Globals", curl: "curl", several: "Several files" };

/** How many things come in, in words. @param {Found} found */
export function importable({ summary: { counts } }) {
  const [name, word] = COUNTS.find(([one]) => (one === "exchanges" || one === "requests") && counts[one]) ?? COUNTS.find(([one]) => counts[one]) ?? [];
  if (!name || !word) return "";
  return plural(counts[name] ?? 0, word.slice(0, -1));
}

/** @param {Found} found */
export function contents({ summary }) {
  const { counts, parts, hosts, scripts, secrets, notes, refused } = summary, into = parts.some(({ kind }) => kind === "curl") ? placeFields({ name: visible(summary.name) || "Imported" }) : null;
  const line = (/** @type {string} */ color, /** @type {string} */ shape, /** @type {string} */ word, /** @type {number} */ n, /** @type {string} */ what) =>
    h("tr", null, h("td", null, h("span", { class: `st ${color}` }, icon(shape, "i12"), word)), h("td", { class: "num" }, count(n)), h("td", null, what));
  const rows = [
    ...COUNTS.flatMap(([name, word, what]) => (counts[name] ? [line("ok", "s-ok", word, counts[name], what)] : [])),
    ...(scripts ? [line("client", "s-client", "scripts", scripts, "kept, and not run")] : []),
    ...(secrets.length ? [line("client", "s-client", "secrets", secrets.length, "stored on this machine; exports hide them")] : []),
    ...(refused.length ? [line("failed", "s-failed", "refused", refused.length, "left out, for the reasons below")] : []),
  ];
  const list = (/** @type {string} */ title, /** @type {Node[]} */ items, look = "") => (items.length ? [h("details", { class: look, open: look === "refused" }, h("summary", null, `${title} ${count(items.length)}`), h("ul", { class: "scroll" }, ...items.slice(0, MOST), items.length > MOST && h("li", { class: "dim" }, `and ${plural(items.length - MOST, "more", "more")}`)))] : []);
  const boxes = parts.slice(0, MOST).map(({ kind, name, counts: of }) => {
    const box = h("input", { type: "checkbox", checked: true }), n = of.exchanges || of.requests || of.variables;
    return { box, element: h("li", null, h("label", { class: "check" }, box, h("b", null, KINDS[kind]), ` ${visible(name)} `, h("span", { class: "dim" }, count(n)))) };
  });
  const nodes = [
    h("p", { class: "mid" }, h("b", null, KINDS[summary.kind]), summary.name ? ` ${visible(summary.name)}` : ""),
    h("table", { class: "tbl found" }, h("thead", null, h("tr", null, h("th", { scope: "col" }, "Found"), h("th", { scope: "col", class: "num" }, "Count"), h("th", { scope: "col" }, "What happens"))), h("tbody", null, ...rows)),
    ...(parts.length > 1 ? [h("details", { open: true }, h("summary", null, `Bring in ${count(parts.length)}`), h("ul", { class: "scroll" }, ...boxes.map(({ element }) => element), parts.length > MOST && h("li", { class: "dim" }, `and ${plural(parts.length - MOST, "more", "more")}`)))] : []),
    ...list("Refused", refused.map(({ where, reason }) => h("li", null, h("span", { class: "mono dim" }, visible(where)), " ", visible(reason))), "refused"),
    ...list("Hosts", hosts.map((host) => h("li", { class: "mono" }, visible(host)))),
    ...list("Secrets", secrets.map(({ where, name }) => h("li", null, h("b", null, visible(name)), " ", h("span", { class: "mono dim" }, visible(where))))),
    ...list("Notes", notes.map((note) => h("li", null, visible(note))), "notes"),
    ...(into ? [h("div", { class: "form" }, h("span", { class: "l" }, "Into"), into.element)] : []),
  ];
  /** @returns {Choice} What was chosen. */
  const how = () => {
    const chosen = parts.flatMap((_, at) => (boxes[at]?.box.checked === false ? [] : [at])), name = into?.place.name.trim();
    return { collection: into?.place.collection ?? null, ...(into && into.place.collection === null && name && { name }), ...(chosen.length < parts.length && { parts: chosen }) };
  };
  return { nodes, how };
}
