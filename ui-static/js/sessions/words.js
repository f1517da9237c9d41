// How sessions are told: their states, where they come from, when they were.

import { h, icon } from "../dom.js";
import { clock, day } from "../format.js";

/** @import { Session } from "../api-types.js" */

/** @type {Record<Session["state"], { color: string, shape: string, word: string }>} */
const STATES = {
  recording: { color: "rec", shape: "s-ok", word: "recording" },
  paused: { color: "client", shape: "s-paused", word: "paused" },
  stopped: { color: "mid", shape: "s-server", word: "stopped" },
  interrupted: { color: "client", shape: "s-client", word: "interrupted" },
};

/** @param {Session["state"]} state */
export function stateMark(state) {
  const { color, shape, word } = STATES[state] ?? STATES.stopped;
  return h("span", { class: "st", title: state === "interrupted" ? "The daemon ended without closing it; its rows are kept" : null }, h("span", { class: color }, icon(shape, "i12")), word);
}

/** @type {Record<string, string>} */
const ORIGINS = { proxy: "proxy", run: "waylay run", send: "sent by hand", replay: "replay", agent: "agent", import: "import" };

/** @param {string} source */
export const originOf = (source) => ORIGINS[source] ?? source;

/**
 * `today 14:17`, `19 Nov 2026 09:02`; only the time on the day of another moment.
 * @param {number} us since the Unix epoch
 * @param {number} [beside]
 */
export function moment(us, beside) {
  const date = new Date(us / 1000).toDateString(), time = clock(us).slice(0, 5);
  if (beside !== undefined && new Date(beside / 1000).toDateString() === date) return time;
  return date === new Date().toDateString() ? `today ${time}` : `${day(us)} ${time}`;
}
