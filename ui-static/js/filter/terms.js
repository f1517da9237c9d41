// Terms of the filter language as the page writes them: one for the value of a cell, one for the choices of a chip.

/** @import { Property } from "../api-types.js" */

/** A word that needs quotes would be read as something else, or as more than one. */
const PLAIN = /^[\w.*/@%+=~?&;:[\]!$'#^{}-]+$/;

/**
 * A value as it stands behind a colon.
 * @param {string} value
 */
export const quoted = (value) => (PLAIN.test(value) && !/^[-/~]/.test(value) ? value : `"${value.replace(/[\\"]/g, "\\$&")}"`);

/**
 * Splits a filter where white space parts terms; quoted text and parentheses stay whole.
 * @param {string} filter
 * @returns {string[]}
 */
export const terms = (filter) => filter.match(/(?:"(?:\\.|[^"\\])*"?|\((?:"(?:\\.|[^"\\])*"?|[^()"])*\)|\S)+/g) ?? [];

/**
 * A filter with another term that must hold as well. A term that is there already stays alone; its opposite goes.
 * @param {string} filter
 * @param {string} term
 * @param {boolean} exclude
 */
export function withTerm(filter, term, exclude) {
  const wanted = exclude ? `-${term}` : term, other = exclude ? term : `-${term}`, known = terms(filter);
  if (known.includes(wanted)) return filter.trim();
  const rest = known.filter((one) => one !== other);
  // What stands beside OR would be torn apart.
  return [rest.includes("OR") ? `(${rest.join(" ")})` : rest.join(" "), wanted].filter(Boolean).join(" ");
}

/**
 * The values a filter asks for by the term of a chip, such as `method:GET,POST`; none if there is no such term.
 * @param {string} filter
 * @param {Property} key
 * @returns {string[]}
 */
export function chosen(filter, key) {
  const term = termOf(filter, key);
  if (!term) return [];
  return [...term.slice(key.length + 1).matchAll(/"((?:\\.|[^"\\])*)"?|[^,]+/g)].map(([all, inside]) => (inside ?? all).replace(/\\(.)/g, "$1"));
}

/**
 * A filter with these values for a chip, in the place of those it had.
 * @param {string} filter
 * @param {Property} key
 * @param {string[]} values
 */
export function withChosen(filter, key, values) {
  const old = termOf(filter, key), term = values.length ? `${key}:${values.map(quoted).join(",")}` : "";
  const rest = old ? terms(filter).map((one) => (one === old ? term : one)).filter(Boolean) : terms(filter);
  if (old || !term) return rest.join(" ");
  return [rest.includes("OR") ? `(${rest.join(" ")})` : rest.join(" "), term].filter(Boolean).join(" ");
}

/**
 * @param {string} filter
 * @param {string} key
 */
function termOf(filter, key) {
  const all = terms(filter);
  return all.includes("OR") ? undefined : all.find((one) => one.startsWith(`${key}:`) && !/[()~]/.test(one));
}
