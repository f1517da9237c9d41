// Deleting exchanges and sessions: they are hidden at once, and there is a way back for a while.

import { bringBack, remove } from "./api-control.js";
import { plural } from "./format.js";
import { notifyFault } from "./reason.js";
import { notify, store } from "./state.js";
import { offerUndo } from "./undo.js";

/** @import { Deletion } from "./api-types.js" */

/** Exchanges of one call. */
const MOST = 10_000;

/**
 * Deletes exchanges and offers the way back.
 * @param {{ exchanges: string[] } | { filter: string }} what
 * @returns {Promise<boolean>} whether they are hidden now
 */
export function deleteExchanges(what) {
  const parts = "exchanges" in what ? Array.from({ length: Math.ceil(what.exchanges.length / MOST) }, (_, n) => ({ exchanges: what.exchanges.slice(n * MOST, (n + 1) * MOST) })) : [what];
  return hide(parts, (exchanges) => `Deleted ${plural(exchanges, "exchange")}.`);
}

/**
 * Deletes a session with everything in it, and offers the way back.
 * @param {number} session
 * @param {string} name
 */
export const deleteSession = (session, name) => hide([{ session }], (exchanges) => `Deleted session ${name} with ${plural(exchanges, "exchange")}.`);

/**
 * @param {Parameters<typeof remove>[0][]} parts
 * @param {(exchanges: number) => string} say
 */
async function hide(parts, say) {
  /** @type {Deletion[]} */
  const done = [];
  try {
    for (const part of parts) done.push(await remove(part));
    return true;
  } catch (error) {
    notifyFault(error, "Not deleted");
    return false;
  } finally {
    if (done.length) again();
    if (done.length) offerUndo(say(done.reduce((sum, { exchanges }) => sum + exchanges, 0)), () => void undo(done));
  }
}

/** What is shown has changed. */
const again = () => store.set({ stale: store.state.stale + 1 });

/** @param {Deletion[]} deletions */
async function undo(deletions) {
  try {
    for (const { id } of deletions) await bringBack(id);
    notify("Brought back");
    again();
  } catch (error) {
    notifyFault(error, "Not brought back");
  }
}
