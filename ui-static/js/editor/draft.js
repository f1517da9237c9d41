// A request as it is written, and what follows from it without asking the daemon.

import { parseJson } from "../detail/json.js";
import { indentedMarkup } from "../detail/markup.js";

/** @import { JsonNode } from "../detail/json.js" */
/** @import { Draft, DraftField, Language } from "../api-types.js" */

/** @typedef {DraftField & { bare?: boolean }} QueryField `bare`: without an equals sign */
/** @typedef {Required<Omit<Draft, "query" | "written_by">> & { query: QueryField[], written_by?: string }} Whole a draft in which nothing is left out */

/**
 * A draft with everything in it, the query in the table and in the URL.
 * @param {Partial<Draft>} draft
 * @returns {Whole}
 */
export function whole(draft) {
  const { url = "", query } = draft;
  const made = { path_variables: [], headers: [], without: [], body: /** @type {const} */ ({ mode: "none" }), auth: { type: "inherit" }, settings: {}, extra: {}, ...structuredClone(draft), url, method: draft.method || "GET", query: query ? structuredClone(query) : queryOf(url) };
  if (query) made.url = withQuery(url, query);
  return made;
}

/**
 * The draft as the API takes it, without rows that say nothing.
 * @param {Whole} draft
 * @returns {Draft}
 */
export function outgoing({ query, extra, ...draft }) {
  const { body } = draft, names = pathNames(draft.url), rest = Object.fromEntries(Object.entries(draft).filter(([, value]) => !(Array.isArray(value) && value.length === 0)));
  return {
    ...rest, url: draft.url.trim(), method: draft.method.trim(),
    // What is sent stands in the URL; the table is only needed for what does not.
    ...(query.some(({ disabled, description, extra }) => disabled || description || extra) && { query: said(query).map(({ bare: _, ...field }) => field) }),
    path_variables: draft.path_variables.filter(({ key }) => names.includes(key)),
    headers: said(draft.headers),
    ...(Object.keys(extra).length > 0 && { extra }),
    body: body.mode === "urlencoded" ? { ...body, urlencoded: said(body.urlencoded) } : body.mode === "formdata" ? { ...body, formdata: body.formdata.filter(({ key, value, src }) => key || value || src?.length) } : body,
  };
}

/** @template {DraftField} F @param {F[]} fields @returns {F[]} */
const said = (fields) => fields.filter(({ key, value }) => key || value);

/** @param {string} url */
function parts(url) {
  const [, base = "", query, hash = ""] = /^([^?#]*)(?:\?([^#]*))?(#.*)?$/s.exec(url) ?? [];
  return { base, query, hash };
}

/** @param {string} url @returns {QueryField[]} The fields of its query, as they are written. */
export function queryOf(url) {
  const { query } = parts(url.trimEnd());
  return query ? query.split("&").map((pair) => {
    const equals = pair.indexOf("=");
    return equals < 0 ? { key: pair, value: "", bare: true } : { key: pair.slice(0, equals), value: pair.slice(equals + 1) };
  }) : [];
}

/**
 * A URL with the enabled fields for its query.
 * @param {string} url
 * @param {QueryField[]} fields
 */
export function withQuery(url, fields) {
  const { base, hash } = parts(url), sent = said(fields).filter(({ disabled }) => !disabled);
  return base + (sent.length ? `?${sent.map(({ key, value, bare }) => (bare && !value ? key : `${key}=${value}`)).join("&")}` : "") + hash;
}

/**
 * The fields after the URL was written anew: those switched off stay where they are.
 * @param {QueryField[]} fields
 * @param {string} url
 */
export function mergedQuery(fields, url) {
  const now = queryOf(url);
  const kept = fields.flatMap((field) => {
    if (field.disabled) return [field];
    const next = now.shift();
    return next ? [field.key === next.key && field.description ? { ...next, description: field.description } : next] : [];
  });
  return [...kept, ...now];
}

/** @param {string} url @returns {string[]} The names of segments written as `:name`. */
export function pathNames(url) {
  const path = parts(url).base.replace(/^([a-z][\w+.-]*:\/\/)?[^/]*/i, "");
  return [...new Set([...path.matchAll(/\/:([^/]+)/g)].map(([, name]) => name))];
}

/** Text and variables in turn: `["a", "{{b}}", "c"]`. @param {string} text */
export const pieces = (text) => text.split(/(\{\{[^{}]+\}\})/);

/** @param {string} document of GraphQL @returns {string[]} The names of its operations. */
export const operations = (document) => [...document.replace(/#.*/g, "").matchAll(/\b(?:query|mutation|subscription)\s+([_A-Za-z]\w*)/g)].map(([, name]) => name);

/**
 * A text laid out anew; `null` if it cannot be read.
 * @param {string} text
 * @param {Language | undefined} language
 */
export function beautified(text, language) {
  if (language !== "json") return indentedMarkup(text);
  // A variable may stand where JSON has a value.
  const held = text.replace(/"(?:\\.|[^"\\])*"|\{\{[^{}]+\}\}/g, (found) => (found[0] === '"' ? found : `"\ue000${found}\ue000"`));
  const node = parseJson(held);
  return node && pretty(node, "").replace(/"\ue000|\ue000"/g, "");
}

/** @param {JsonNode} node @param {string} indent @returns {string} */
function pretty(node, indent) {
  const deeper = `${indent}  `;
  const block = (/** @type {string} */ open, /** @type {string[]} */ lines, /** @type {string} */ close) => (lines.length ? `${open}\n${deeper}${lines.join(`,\n${deeper}`)}\n${indent}${close}` : open + close);
  if (node.kind === "object") return block("{", node.entries.map(([key, value]) => `${JSON.stringify(key)}: ${pretty(value, deeper)}`), "}");
  if (node.kind === "array") return block("[", node.items.map((item) => pretty(item, deeper)), "]");
  return node.kind === "string" ? JSON.stringify(node.value) : node.text;
}
