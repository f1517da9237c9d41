// What an exchange was: when, from whom, to whom, how much, and what of it is kept.

import { h } from "../dom.js";
import { bytes, clock, count, day, duration, plural, visible } from "../format.js";
import { grpcMessage, grpcName } from "../grpc.js";
import { KIND_WORDS, hasMessages, isBare } from "../kinds.js";
import { outcomeMark, outcomeOf } from "../table/outcome.js";

/** @import { Body, Connection, Detail, Message } from "../api-types.js" */

const SOURCES = /** @type {Record<string, string>} */ ({
  proxy: "a client of the proxy", run: "a program under waylay run", send: "you, from here or the command line", replay: "a replay", agent: "a paired web client", import: "a file",
});

/** @param {Detail} exchange */
export function overview(exchange) {
  const { id, started_us: started, timings, kind, source, client_connection: client, upstream_connection: upstream } = exchange;
  const bare = isBare(kind);
  const took = timings.end_us === null ? (exchange.done ? "" : "still under way") : duration(timings.end_us);
  /** @type {[string, Node | string | null][]} */
  const facts = [
    ["Started", `${clock(started)}, ${day(started)}`],
    ["Took", took],
    ["Kind", KIND_WORDS[kind] ?? kind],
    ...grpcFacts(exchange),
    ["Messages", hasMessages(kind) ? count(exchange.messages) : null],
    ["Asked by", source === "proxy" || source === "run" ? withPeer(SOURCES[source], client) : SOURCES[source] ?? source],
    ["Process", client?.process ? `${client.process.name} (${client.process.pid})` : null],
    ["Protocol", protocol(exchange)],
    ["Remote", upstream && mono(upstream.peer)],
    ["Connection", upstream && connectionWords(upstream, exchange)],
    ["From the client", kind === "tunnel" ? bytes(exchange.request_size) : null],
    ["From the origin", kind === "tunnel" ? bytes(exchange.response_size) : null],
    ["Request", bare ? null : messageSize(exchange.request)],
    ["Response", bare ? null : exchange.response && messageSize(exchange.response)],
    ["Left out", leftOut(exchange)],
    ["Stored", bare ? null : stored([exchange.request.body, ...(exchange.response ? [exchange.response.body] : [])])],
  ];
  return h("div", { class: "scroll body", tabindex: 0, "aria-label": "Overview" },
    h("div", { class: "sub" }, h("h2", null, `Exchange ${id}`)),
    h("dl", { class: "kv" }, ...facts.flatMap(([name, value]) => (value ? [h("dt", null, name), h("dd", null, value)] : []))),
    h("div", { class: "sub ruled" }, h("h2", null, "On the command line")),
    h("dl", { class: "kv wire" }, ...commands(id, bare).flatMap(([word, text]) => [h("dt", null, word), h("dd", null, text)])));
}

/**
 * @param {string} id
 * @param {boolean} bare nothing was read of it
 */
const commands = (id, bare) => (bare ? [["look", `waylay show ${id}`]] : [["look", `waylay show ${id}`], ["body", `waylay body ${id}`], ["again", `waylay resend ${id}`]]);

/**
 * How a gRPC call ended.
 * @param {Detail} exchange
 * @returns {[string, Node | string | null][]}
 */
function grpcFacts(exchange) {
  const { kind, grpc_status: code } = exchange;
  if (kind !== "grpc") return [];
  const mark = code ? { ...outcomeOf({ ...exchange, failure: null }), word: String(code) } : { color: "ok", shape: "s-ok", word: "0" };
  const said = grpcMessage(exchange);
  return [["gRPC status", code === null ? (exchange.done ? "none was sent" : null) : outcomeMark(mark, ` ${grpcName(code)}`)], ["gRPC message", said && visible(said)]];
}

/** @param {Detail} exchange */
function protocol({ request_version: asked, response_version: answered, scheme }) {
  if (scheme === "tcp") return "not read";
  return answered && answered !== asked ? `${asked} from the client, ${answered} from the origin` : asked;
}

/**
 * @param {Connection} connection
 * @param {Detail} exchange
 */
function connectionWords({ id, opened_us: opened }, { started_us: started, timings }) {
  const isNew = timings.connect_us !== null || opened >= started;
  return `${id}, ${isNew ? "opened for this exchange" : `open for ${duration(started - opened)} before`}`;
}

/**
 * @param {string} word
 * @param {Connection | null} client
 */
function withPeer(word, client) {
  return client ? h("span", null, `${word} `, h("span", { class: "dim" }, `at ${client.peer}`)) : word;
}

/** @param {Message} message */
function messageSize({ line, headers, trailers, body }) {
  const head = line.length + 2 + headers.reduce((sum, { name, value }) => sum + name.length + value.length + 4, 2);
  return `${bytes(head)} head with ${plural(headers.length, "field")}, ${body.size ? bytes(body.size) : "no"} body${trailers.length ? `, ${plural(trailers.length, "trailer")}` : ""}`;
}

/** What the session's rules kept out. @param {Detail} exchange */
const leftOut = ({ omitted = [] }) => omitted.map((what) => ({ media: "the body: images, audio and video are not stored", response: "the body: responses are not stored", cookies: "cookies: they were not looked at" })[what]).join("; ") || null;

/** @param {Body[]} bodies */
function stored(bodies) {
  const missing = bodies.reduce((sum, { size, stored: kept }) => sum + Math.max(0, size - kept), 0);
  return missing === 0 ? "in full" : `${bytes(missing)} not kept`;
}

/** @param {string} text */
const mono = (text) => h("span", { class: "mono" }, visible(text));
