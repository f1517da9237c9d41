// Changes of jars: each says how it ended, and what is deleted can be had back for a while.

import { bringBack, remove } from "../api-control.js";
import { saying } from "../reason.js";
import { store } from "../state.js";
import { offerUndo } from "../undo.js";

/** What is shown of jars has changed. */
const again = () => store.set({ jarsAt: store.state.jarsAt + 1 });

/** @template T @param {Promise<T>} doing @param {string} done */
export async function changing(doing, done) {
  const answer = await saying(doing, done);
  if (answer !== null) again();
  return answer;
}

/**
 * @param {Parameters<typeof remove>[0]} what
 * @param {string} words what is gone then
 */
export async function removing(what, words) {
  const deletion = await changing(remove(what), "");
  if (deletion) offerUndo(`Deleted ${words}.`, () => void changing(bringBack(deletion.id), "Brought back"));
  return deletion !== null;
}
