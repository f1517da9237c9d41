// Where the time went: one bar per phase with its number, and what that means in a sentence.

import { h, icon, s } from "../dom.js";
import { duration } from "../format.js";
import { phases } from "../table/phases.js";
import { field } from "./body.js";

/** @import { Detail } from "../api-types.js" */
/** @import { Phase, PhaseName } from "../table/phases.js" */

/** @type {Record<PhaseName, string>} */
const WORDS = { queue: "Queued", dns: "DNS", connect: "Connect", tls: "TLS", wait: "Wait", receive: "Receive" };

/** @param {Detail} exchange */
export function timing(exchange) {
  const { timings, done, started_us: started } = exchange, now = Date.now() * 1000 - started;
  const number = (/** @type {number | null} */ value) => value ?? NaN;
  const found = phases({
    ready: number(timings.ready_us), head: number(timings.head_us), end: number(timings.end_us),
    dns: number(timings.dns_us), connect: number(timings.connect_us), tls: number(timings.tls_us),
  }, done ? timings.end_us ?? 0 : now);
  const total = Math.max(timings.end_us ?? now, 1);
  const longest = found.reduce((most, phase) => Math.max(most, phase.to - phase.from), 0);
  const server = serverTiming(exchange);
  return h("div", { class: "scroll body", tabindex: 0, "aria-label": "Timing" },
    h("div", { class: "sub" }, h("h2", null, done ? `Total ${duration(total)}` : `${duration(total)} so far`)),
    h("div", { class: "timing" }, ...found.flatMap((phase) => bar(WORDS[phase.name], phase, total, phase.to - phase.from === longest))),
    h("p", { class: "note ruled" }, icon("clock"), h("span", null, sentence(exchange, found, total))),
    ...(server.length ? [
      h("div", { class: "sub ruled" }, h("h2", null, "Server-Timing"), h("span", { class: "dim" }, "from the response")),
      h("div", { class: "timing" }, ...server.flatMap(({ name, us }) => bar(h("span", { class: "mono trunc", title: name }, name), { name: "wait", from: 0, to: us }, Math.max(total, us), false))),
    ] : []));
}

/**
 * @param {Node | string} word
 * @param {Phase} phase
 * @param {number} total
 * @param {boolean} strong
 */
function bar(word, { name, from, to }, total, strong) {
  const percent = (/** @type {number} */ us) => `${((us / total) * 100).toFixed(2)}%`;
  return [
    typeof word === "string" ? h("span", { class: "mid" }, word) : word,
    s("svg", { "aria-hidden": "true" }, s("line", { class: "wf-grid", x1: 0, x2: "100%", y1: "50%", y2: "50%" }),
      s("rect", { class: `w-${name}`, x: percent(Math.min(from, total * 0.995)), width: percent(Math.max(to - from, total * 0.005)), y: "25%", height: "50%", rx: 1 })),
    h("span", { class: strong ? "num strong" : "num" }, duration(to - from)),
  ];
}

/**
 * @param {Detail} exchange
 * @param {Phase[]} found
 * @param {number} total
 */
function sentence({ timings, upstream_connection: upstream, kind, response }, found, total) {
  const wait = found.filter(({ name }) => name === "wait").reduce((sum, { from, to }) => sum + to - from, 0);
  const said = [];
  if (response && (kind === "http" || kind === "sse")) said.push(`${Math.round((wait / total) * 100)} % of the time was waiting for the origin.`);
  if (timings.connect_us !== null) said.push("This exchange paid for a new connection.");
  else if (upstream) said.push(`It used connection ${upstream.id}, which was already open.`);
  else said.push("No connection to the origin was made.");
  return said.join(" ");
}

/** @param {Detail} exchange */
function serverTiming({ response }) {
  const text = response ? field(response, "server-timing") : "";
  return text.split(",").flatMap((metric) => {
    const [name, ...rest] = metric.split(";").map((part) => part.trim());
    const ms = Number(rest.find((part) => /^dur=/i.test(part))?.slice(4));
    return name && Number.isFinite(ms) ? [{ name, us: ms * 1000 }] : [];
  }).slice(0, 20);
}
