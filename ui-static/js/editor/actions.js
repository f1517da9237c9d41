// What can be done with a captured request: send it again, edit it, copy it.

import { exchange as fetchExchange } from "../api.js";
import { addToHistory, send } from "../api-desk.js";
import { curlCommand } from "../api-exchange.js";
import { copy } from "../copy.js";
import { isSecret } from "../detail/secrets.js";
import { visible } from "../format.js";
import { notifyFault, reasonOf } from "../reason.js";
import { go, inCollections } from "../route.js";
import { notify } from "../state.js";

/** @import { Summary } from "../api-types.js" */

/** Requests on their way, so that a key pressed twice sends once. */
const sending = new Set();

/**
 * Whether an exchange holds a request that can be sent again.
 * @param {Summary} exchange
 */
export const editable = ({ kind }) => kind === "http" || kind === "sse";

/**
 * Sends a request again as it was, and shows the answer beside the captured one.
 * @param {string} id
 * @param {boolean} [then] with the cookies as they were then
 */
export async function resend(id, then) {
  if (sending.has(id)) return;
  sending.add(id);
  notify(`Sending ${id} again…`);
  try {
    const { id: sent, send: entry, error } = await send({ from: id, ...(then && { cookies: { jar: "default", as_of: id } }) });
    notify(error ? `${id} was sent again and failed: ${visible(error.message)}` : `Sent ${id} again as ${sent}`);
    if (sent) go({ screen: "exchange", id: sent, against: id, tab: "compare" });
    else go(inCollections(`send/${entry}`));
  } catch (error) {
    notifyFault(error, "Not sent");
  } finally {
    sending.delete(id);
  }
}

/** Opens a captured exchange as a request. @param {string} id */
export function edit(id) {
  go(inCollections(`from/${id}`));
}

/** Puts a captured exchange among what was sent. @param {string} id */
export async function remember(id) {
  try {
    await addToHistory(id);
    notify(`${id} is in the history`);
  } catch (error) {
    notifyFault(error, "Not added");
  }
}

/** @param {string} id */
export async function copyAsCurl(id) {
  try {
    const exchange = await fetchExchange(id);
    if (!editable(exchange)) return notify("Only a request can be copied as curl");
    const secret = exchange.request.headers.some(({ name }) => isSecret(name));
    const written = curlCommand(id), copied = await copy(written.then(({ command }) => command), secret ? "as curl, secrets included" : "as curl");
    const { notes } = await written;
    if (copied && notes.length) notify(`Copied as curl. ${notes.join(" ")}`);
  } catch (error) {
    notify(reasonOf(error, "Not copied"));
  }
}

/**
 * A request as curl would send it; empty if the exchange holds none.
 * @param {string} id
 */
export const curlOf = async (id) => (editable(await fetchExchange(id)) ? (await curlCommand(id)).command : "");
