// How cookies are told: when they end, how they are sent, what became of them.

import { h } from "../dom.js";
import { visible } from "../format.js";

/** @import { Cookie, SameSite } from "./types.js" */

const UNITS = /** @type {[Intl.RelativeTimeFormatUnit, number][]} */ ([["year", 31_557_600], ["month", 2_629_800], ["day", 86_400], ["hour", 3600], ["minute", 60], ["second", 1]]);
const RELATIVE = new Intl.RelativeTimeFormat("en", { style: "short" }), BRIEF = new Intl.RelativeTimeFormat("en", { style: "narrow" });

/** `in 29 days`, `4 min. ago`; where there is little room, `4m ago`. @param {number} us since the Unix epoch @param {boolean} [brief] */
export function fromNow(us, brief) {
  const seconds = us / 1e6 - Date.now() / 1000, [unit, of] = UNITS.find(([, n]) => Math.abs(seconds) >= n) ?? ["second", 1];
  return (brief ? BRIEF : RELATIVE).format(Math.round(seconds / of), unit);
}

/** @param {Pick<Cookie, "expires_us">} cookie */
export const ends = ({ expires_us: us }) => (us === null ? "Session" : us > Date.now() * 1000 ? fromNow(us) : `expired ${fromNow(us)}`);

/** @param {SameSite | null} value */
export const sameSite = (value) => (value ? value[0].toUpperCase() + value.slice(1) : "not set");

/** @param {Cookie} cookie */
export const flags = ({ secure, http_only: hidden, partition }) => [secure && "Secure", hidden && "HttpOnly", partition !== null && "Partitioned"].filter(Boolean).join(" ");

/** A value, or as many dots for every one that is hidden. @param {string | null} value */
export const shown = (value) => (value === null ? h("span", { class: "mask", "aria-label": "hidden" }, "••••••••") : visible(value));

/** A name: a cookie may have none. @param {string} name */
export const named = (name) => (name ? visible(name) : h("span", { class: "dim" }, "without a name"));

/** As a server would set it. @param {Cookie} cookie whose value is known */
export function setCookie({ name, value, domain, host_only: alone, path, expires_us: us, secure, http_only: hidden, same_site: same, partition }) {
  return [name ? `${name}=${value ?? ""}` : value, !alone && `Domain=${domain}`, `Path=${path}`, us !== null && `Expires=${new Date(us / 1000).toUTCString()}`, secure && "Secure", hidden && "HttpOnly", same && `SameSite=${sameSite(same)}`, partition !== null && "Partitioned"].filter(Boolean).join("; ");
}
