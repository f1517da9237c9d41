// Where a request that is opened is from: the history, a capture, a collection, or nowhere yet.

import { item } from "../api-collections.js";
import { draftOf, sendOf } from "../api-desk.js";

/** @import { Draft, SendDetail } from "../api-types.js" */
/** @import { ItemDetail, SavedModel } from "../collections/types.js" */

/** @typedef {{ draft: Draft, sent: SendDetail | null, kept: ItemDetail | null, from: string }} Origin `from`: the captured exchange it began with, or empty */

/** One that is not written yet. @type {Origin} */
export const NEW = { draft: { url: "" }, sent: null, kept: null, from: "" };

/**
 * @param {string} at `send/12`, `item/3`, `from/7.42`, or empty for a new one
 * @param {ItemDetail | null | undefined} opened a saved request that is at hand
 * @returns {Promise<Origin>}
 */
export async function requestAt(at, opened) {
  const [kind, id = ""] = at.split("/"), number = Number(id);
  if (kind === "item") {
    const kept = opened?.id === number ? opened : await item(number), { request, from } = /** @type {SavedModel} */ (kept.item);
    return { ...NEW, draft: request, kept, from: captured(from) };
  }
  if (kind === "send") {
    const sent = await sendOf(number);
    return { ...NEW, draft: sent.request ?? { url: sent.url, method: sent.method }, sent, from: captured(sent.from) };
  }
  return kind === "from" ? { ...NEW, draft: await draftOf(id), from: id } : NEW;
}

/** @param {string | null | undefined} from what else it may be is not an exchange */
const captured = (from) => (from && /^\d+\.\d+$/.test(from) ? from : "");
