// Recording rules as lines of text.

/** @import { Rules } from "../api-types.js" */

/** @typedef {"methods" | "status" | "hosts" | "url_contains" | "url_excludes" | "content_types"} ListRule */

/** @type {Rules} */
export const DEFAULTS = { methods: [], status: [], hosts: [], url_contains: [], url_excludes: [], content_types: [], save_responses: true, capture_cookies: true, media: false };

/**
 * The values of a line. Commas part them, but not those within a regular expression or quotes.
 * @param {string} text
 * @returns {string[]}
 */
export function fromText(text) {
  const values = text.match(/\s*(?:"(?:\\.|[^"\\])*"|\/(?:\\.|\[(?:\\.|[^\]\\])*\]|\([^)]*\)|[^/\\,])+\/i?(?=\s*(?:,|$))|[^,]+)\s*/g) ?? [];
  return values.map((value) => value.trim()).map((value) => (/^".*"$/.test(value) ? value.slice(1, -1).replace(/\\(["\\])/g, "$1") : value)).filter(Boolean);
}

/** @param {string[]} values */
export const toText = (values) => values.map((value) => (fromText(value).length === 1 && fromText(value)[0] === value ? value : `"${value.replace(/["\\]/g, "\\$&")}"`)).join(", ");
