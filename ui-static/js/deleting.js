// Deleting exchanges and sessions: they are hidden at once, and there is a way back for a while.

import { ApiError } from "./api.js";
import { bringBack, remove } from "./api-control.js";
import { plural } from "./format.js";
import { notify } from "./state.js";
import { offerUndo } from "./undo.js";

/**
 * Deletes exchanges and offers the way back.
 * @param {{ exchanges: string[] } | { filter: string }} what
 * @returns {Promise<boolean>} whether they are hidden now
 */
export const deleteExchanges = (what) => hide(what, ({ exchanges }) => `Deleted ${plural(exchanges, "exchange")}.`);

/**
 * Deletes a session with everything in it, and offers the way back.
 * @param {number} session
 * @param {string} name
 */
export const deleteSession = (session, name) => hide({ session }, ({ exchanges }) => `Deleted session ${name} with ${plural(exchanges, "exchange")}.`);

/**
 * @param {Parameters<typeof remove>[0]} what
 * @param {(deleted: import("./api-types.js").Deletion) => string} say
 */
async function hide(what, say) {
  try {
    const deletion = await remove(what);
    offerUndo(say(deletion), () => void undo(deletion.id));
    return true;
  } catch (error) {
    notify(error instanceof ApiError ? `Not deleted: ${error.message} ${error.hint}` : "Not deleted");
    return false;
  }
}

/** @param {number} id */
async function undo(id) {
  try {
    await bringBack(id);
    notify("Brought back");
  } catch (error) {
    notify(error instanceof ApiError ? `Not brought back: ${error.message} ${error.hint}` : "Not brought back");
  }
}
