// Which header values are secrets, and how they are shown until somebody asks.

import { h } from "../dom.js";

/** @import { Child } from "../dom.js" */

const NAMES = /^(authorization|proxy-authorization|cookie|cookie2|set-cookie|set-cookie2|x-auth|x-auth-key|x-functions-key|apikey|ocp-apim-subscription-key)$|api-?key|token|secret|passw(or)?d|credential|session-?id/i;
/** Not secrets, though their names sound like it. */
const PLAIN = /^(sec-websocket-|access-control-|www-authenticate)/i;

/**
 * @param {string} name of a header field
 */
export const isSecret = (name) => NAMES.test(name) && !PLAIN.test(name);

/**
 * A secret value with only its outline: the scheme, the names and attributes of cookies.
 * @param {string} name
 * @param {string} value
 * @returns {Child[]}
 */
export function masked(name, value) {
  const lower = name.toLowerCase();
  if (lower === "cookie") return value.split(/;\s*/).flatMap((pair, at) => [at ? "; " : "", ...cookie(pair)]);
  if (lower === "set-cookie") {
    const end = value.indexOf(";");
    return [...cookie(end < 0 ? value : value.slice(0, end)), end < 0 ? "" : value.slice(end)];
  }
  const [, scheme] = lower.endsWith("authorization") ? /^([A-Za-z][\w-]*) /.exec(value) ?? [] : [];
  return [scheme && `${scheme} `, dots(12)];
}

/** @param {string} pair */
function cookie(pair) {
  const equals = pair.indexOf("=");
  return equals < 0 ? [dots(8)] : [`${pair.slice(0, equals)}=`, dots(8)];
}

/** @param {number} n Always the same number: the length of a secret is one too. */
const dots = (n) => h("span", { class: "mask", "aria-label": "hidden" }, "•".repeat(n));
