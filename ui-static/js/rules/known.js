// The client certificates and upstream proxies there are, and what is to be said of them.

import { certificates, upstreamProxies } from "../api-ways.js";
import { day, plural, visible } from "../format.js";
import { Store } from "../store.js";

/** @import { ClientCertificate, ProxySource, UpstreamProxies, UpstreamProxy } from "./types.js" */

/** What is known of them; `null` before it is. */
export const ways = new Store(/** @type {{ certificates: ClientCertificate[] | null, proxies: UpstreamProxies | null }} */ ({ certificates: null, proxies: null }));

/** Asks for both anew. A daemon that does not answer leaves them as they are. */
export async function refreshWays() {
  const [some, proxies] = await Promise.all([certificates(), upstreamProxies()]).catch(() => [null, null]);
  if (some) ways.set({ certificates: some.items, proxies });
}

/** Milliseconds of a day; days before its end from which on a certificate is warned of. */
const DAY = 86_400_000, SOON = 30;

/**
 * How a certificate stands: colour, shape, word.
 * @param {Pick<ClientCertificate, "trouble" | "not_after">} certificate
 * @param {number} now milliseconds since the Unix epoch
 * @returns {[string, string, string]}
 */
export function standing({ trouble, not_after: until }, now) {
  const left = Math.floor((Date.parse(until) - now) / DAY);
  if (trouble) return ["failed", "s-failed", /expired/.test(trouble) ? "expired" : "not valid yet"];
  return left < SOON ? ["client", "s-client", left < 1 ? "ends today" : `${plural(left, "day")} left`] : ["ok", "s-ok", "valid"];
}

/** @param {string} rfc3339 */
export const dayOf = (rfc3339) => day(Date.parse(rfc3339) * 1000);

/** A proxy in a few words. @param {UpstreamProxy | null} proxy */
export const proxyWords = (proxy) => (proxy ? visible(proxy.url) + (proxy.username ? ` as ${visible(proxy.username)}${proxy.password ? ", with a password" : ""}` : "") : "none");

/** Which proxies there are, in one line. @param {ProxySource} source */
export const sourceWords = ({ http, https, bypass }) =>
  [...(JSON.stringify(http) === JSON.stringify(https) ? [proxyWords(http)] : [`http:// ${proxyWords(http)}`, `https:// ${proxyWords(https)}`]), bypass.length > 0 && `not for ${visible(bypass.join(", "))}`].filter(Boolean).join("; ");

/** Which of them are used, and why. @param {UpstreamProxies} proxies */
export function usedWords({ used, system }) {
  if (used === "flag") return "Used are those given to waylay start: they beat what is set here.";
  if (used === "custom") return "Used are those set here.";
  if (used === "system") return "Used are those of the environment in which the daemon was started, as none are set here.";
  return system ? "Servers are reached directly: none are set here, and the environment names none." : "Servers are reached directly.";
}
