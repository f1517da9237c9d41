// Recording rules as lines of text, and sets of them for common ends.

/** @import { Rules } from "../api-types.js" */

/** @typedef {"methods" | "status" | "hosts" | "url_contains" | "url_excludes" | "content_types"} ListRule */

/** @type {Rules} */
export const DEFAULTS = { methods: [], status: [], hosts: [], url_contains: [], url_excludes: [], content_types: [], save_responses: true, capture_cookies: true, media: false };

/** @type {{ word: string, rules: Partial<Rules> }[]} */
export const PRESETS = [
  { word: "Everything", rules: {} },
  { word: "Everything with media", rules: { media: true } },
  { word: "API calls", rules: { content_types: ["json", "xml", "grpc", "event-stream", "form"] } },
  { word: "Pages and calls, no assets", rules: { url_excludes: ["/\\.(css|js|mjs|map|png|jpe?g|gif|webp|avif|svg|ico|woff2?|ttf|mp4|webm)(\\?|$)/i"] } },
  { word: "Errors", rules: { status: ["4xx", "5xx"] } },
  { word: "Writes", rules: { methods: ["POST", "PUT", "PATCH", "DELETE"] } },
  { word: "Heads only", rules: { save_responses: false } },
];

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
