// What the page itself can tell of a filter: where the daemon found it wrong, and whether a row passes in simple cases.

/** @import { ApiError } from "./api.js" */
/** @import { Summary } from "./api-types.js" */

/**
 * What is wrong with a filter, and where: the daemon counts bytes of UTF-8, the page characters.
 * @param {ApiError} error
 * @param {string} filter
 */
export function problem({ message, hint, offset, length }, filter) {
  const bytes = new TextEncoder().encode(filter), at = offset ?? 0;
  const text = (/** @type {number} */ from, /** @type {number} */ to) => new TextDecoder().decode(bytes.subarray(from, to)).length;
  return { message, hint, offset: text(0, at), length: text(at, at + (length ?? bytes.length)) };
}

/**
 * A test for filters the page can judge itself: none at all, or one session.
 * @param {string} filter
 * @returns {((item: Summary) => boolean) | null}
 */
export function decidable(filter) {
  const text = filter.trim();
  if (text === "") return () => true;
  const [, session] = /^session:(\d+)$/.exec(text) ?? [];
  return session === undefined ? null : ({ id }) => id.startsWith(`${session}.`);
}
