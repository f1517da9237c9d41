// What an exchange spent its time on, from its timings.

/** @typedef {"queue" | "dns" | "connect" | "tls" | "wait" | "receive"} PhaseName */
/** @typedef {{ name: PhaseName, from: number, to: number }} Phase Microseconds after the start. */

/**
 * The phases that took time, in order. Missing steps are `NaN`.
 * @param {{ ready: number, head: number, end: number, dns: number, connect: number, tls: number }} timings
 * @param {number} now microseconds after the start; what is under way lasts until then
 * @returns {Phase[]}
 */
export function phases({ ready, head, end, dns, connect, tls }, now) {
  /** @type {Phase[]} */
  const found = [];
  const last = Number.isNaN(end) ? now : end;
  let at = 0;
  const add = (/** @type {PhaseName} */ name, /** @type {number} */ to) => {
    const until = Math.min(to, last);
    if (until > at) found.push({ name, from: at, to: until });
    at = Math.max(at, until);
  };
  const dialled = zero(dns) + zero(connect) + zero(tls);
  if (!Number.isNaN(ready)) add("queue", ready - dialled);
  if (dns > 0) add("dns", at + dns);
  if (connect > 0) add("connect", at + connect);
  if (tls > 0) add("tls", at + tls);
  if (!Number.isNaN(ready)) add("queue", ready);
  if (!Number.isNaN(head)) {
    add("wait", head);
    if (!Number.isNaN(end)) add("receive", end);
  } else if (!Number.isNaN(ready)) {
    add("wait", last);
  }
  return found;
}

/** @param {number} value */
const zero = (value) => (Number.isNaN(value) ? 0 : value);
