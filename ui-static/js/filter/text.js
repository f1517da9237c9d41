// Where the daemon found a filter wrong, in the characters of the page.

/** @import { ApiError } from "../api.js" */

/**
 * What is wrong with a filter, and where: the daemon counts bytes of UTF-8, the page characters.
 * @param {ApiError} error
 * @param {string} filter as it was written
 * @param {number} shift characters, all of one byte, that stood before it
 */
export function problem({ message, hint, offset, length }, filter, shift) {
  const bytes = new TextEncoder().encode(filter), inside = (/** @type {number} */ at) => Math.min(Math.max(at - shift, 0), bytes.length);
  const text = (/** @type {number} */ from, /** @type {number} */ to) => new TextDecoder().decode(bytes.subarray(from, to)).length;
  const at = inside(offset ?? shift), end = inside((offset ?? shift) + (length ?? bytes.length));
  return { message, hint, offset: text(0, at), length: text(at, end) };
}
