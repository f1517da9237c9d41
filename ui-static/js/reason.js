// Why something was not done, in the daemon's words where it has some.

import { ApiError } from "./api.js";
import { visible } from "./format.js";
import { notify } from "./state.js";

/**
 * @param {unknown} error
 * @param {string} [otherwise] what is said of an error of another kind
 */
export const reasonOf = (error, otherwise = "It could not be read.") => (error instanceof ApiError ? visible([error.message, error.hint].filter(Boolean).join(" ")) : otherwise);

/**
 * Says that something was not done, and why.
 * @param {unknown} error
 * @param {string} [what]
 */
export const notifyFault = (error, what = "Not done") => notify(error instanceof ApiError ? `${what}: ${reasonOf(error)}` : what);

/**
 * Says how something went; `null` if it failed.
 * @template T
 * @param {Promise<T>} doing
 * @param {string} done nothing is said if it is empty
 * @param {string} [not] what is said if it fails, before the reason
 * @returns {Promise<T | null>}
 */
export async function saying(doing, done, not) {
  try {
    const answer = await doing;
    if (done) notify(done);
    return answer;
  } catch (error) {
    notifyFault(error, not);
    return null;
  }
}
