// Hosts that are not intercepted: the daemon's list, and the two things that can be done to it, each with its undo.

import { exchange as fetchExchange, interceptAgain, passThrough, passthrough } from "./api.js";
import { plural, visible } from "./format.js";
import { notifyFault } from "./reason.js";
import { notify, store } from "./state.js";
import { offerUndo } from "./undo.js";

/** @import { Detail, PassedHost } from "./api-types.js" */

/** Loads the list. A daemon that has none is left alone. */
export async function refreshPassthrough() {
  const list = await passthrough().catch(() => null);
  if (list) store.set({ passthrough: list });
}

/**
 * Adds a pattern, and offers the way back.
 * @param {string} pattern
 * @throws {ApiError} if it is no pattern
 */
export async function letThrough(pattern) {
  const { pattern: added } = await passThrough(pattern);
  await refreshPassthrough();
  offerUndo(`New connections to ${visible(added)} are passed through unread.`, () => back(interceptAgain(added), `${added} is intercepted again`));
}

/**
 * The same where there is no field to say the error beside.
 * @param {string} pattern
 */
export const letThroughSaying = (pattern) => letThrough(pattern).catch((error) => notifyFault(error));

/**
 * Takes a pattern from the list, and offers the way back.
 * @param {string} pattern
 */
export async function intercept(pattern) {
  try {
    await interceptAgain(pattern);
    await refreshPassthrough();
    offerUndo(`New connections to ${visible(pattern)} are intercepted.`, () => back(passThrough(pattern), `${pattern} is passed through again`));
  } catch (error) {
    notifyFault(error);
  }
}

/**
 * The way back, which needs none itself.
 * @param {Promise<unknown>} done
 * @param {string} text said then
 */
async function back(done, text) {
  try {
    await done;
    notify(visible(text));
  } catch (error) {
    notifyFault(error);
  }
  await refreshPassthrough();
}

/**
 * Stops intercepting the host of an exchange.
 * @param {string} id
 */
export async function stopIntercepting(id) {
  try {
    const exchange = await fetchExchange(id), pattern = patternOf(exchange);
    if (exchange.scheme === "http") return notify("Only TLS is intercepted: http:// needs no passing through");
    if (isPassed(pattern)) return notify(`${visible(pattern)} is passed through already`);
    await letThrough(pattern);
  } catch (error) {
    notifyFault(error);
  }
}

/**
 * The pattern of the list that an exchange's host has.
 * @param {Pick<Detail, "host" | "port">} exchange
 */
export function patternOf({ host, port }) {
  const shown = host.includes(":") ? `[${host}]` : host;
  return port === 443 ? shown : `${shown}:${port}`;
}

/**
 * Whether the list has this very pattern, or one that says the same or more of its host: a wildcard is not looked into.
 * @param {string} pattern
 */
export function isPassed(pattern) {
  const bare = pattern.replace(/:\d+$/, ""), wanted = [pattern, bare === pattern ? `${bare}:443` : bare].map((one) => one.toLowerCase());
  return store.state.passthrough?.items.some((item) => wanted.includes(item.pattern.toLowerCase())) ?? false;
}

/**
 * Why a host is on the list, in a sentence.
 * @param {PassedHost} host
 */
export function whyPassed({ origin, reason, rejections }) {
  if (reason) return `${visible(reason).replace(/\.$/, "")}.`;
  if (origin === "automatic" && rejections) return `${plural(rejections, "connection")} ${rejections === 1 ? "was" : "were"} refused by the client: it does not trust the certificate.`;
  return origin === "flag" ? "By a setting or flag of the daemon." : origin === "automatic" ? "Clients rejected the certificate for it." : "You put it here.";
}

