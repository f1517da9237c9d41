// The environments there are, and which of them is active.

import { ApiError } from "../api.js";
import { activate, environments } from "../api-desk.js";
import { notify, store } from "../state.js";

/** Asks the daemon for them anew. */
export async function refreshEnvironments() {
  const { items } = await environments().catch(() => ({ items: [] }));
  store.set({ environments: items });
}

/** @param {number | null} id `null`: none is active */
export const choose = (id) => saying(activate(id).then(refreshEnvironments), "");

/**
 * Says how it ended.
 * @template T
 * @param {Promise<T>} doing
 * @param {string} done
 */
export async function saying(doing, done) {
  try {
    const answer = await doing;
    if (done) notify(done);
    return answer;
  } catch (error) {
    notify(error instanceof ApiError ? `Not done: ${error.message} ${error.hint}` : "Not done");
    return null;
  }
}
