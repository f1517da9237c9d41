// The loaded exchanges as columns: a number per cell in typed arrays, text shared where it repeats, no object per row.
// A row is a slot, an index into every column; slots of dropped rows are used again.

import { visible } from "../format.js";

/** @import { Kind, Summary } from "../api-types.js" */

/** @type {Kind[]} */
export const KINDS = ["http", "websocket", "sse", "grpc", "tunnel", "tls_failure", "pinned", "connect_failure"];

/** Bits of the column `flags`. */
export const DONE = 1, FAILED = 2, TRUNCATED = 4, SENT = 8, PASSED = 16, UNSTORED = 32;

const NUMBERS = /** @type {const} */ (["seq", "started", "ready", "head", "end", "dns", "connect", "tls", "responseSize", "messages", "grpc", "session", "number"]);
const TEXTS = /** @type {const} */ (["method", "host", "path", "type", "reason"]);

/** @typedef {typeof NUMBERS[number]} NumberColumn */
/** @typedef {typeof TEXTS[number]} TextColumn */

export class Columns {
  constructor() {
    this.capacity = 1024;
    /** Slots in use or free; beyond it nothing was ever written. */
    this.size = 0;
    /** Counts all writes. */
    this.writes = 0;
    this.failed = 0;
    this.open = 0;
    this.numbers = /** @type {Record<NumberColumn, Float64Array>} */ ({});
    for (const name of NUMBERS) this.numbers[name] = new Float64Array(this.capacity);
    this.texts = /** @type {Record<TextColumn, string[]>} */ ({});
    for (const name of TEXTS) this.texts[name] = [];
    this.status = new Uint16Array(this.capacity);
    this.kind = new Uint8Array(this.capacity);
    this.flags = new Uint8Array(this.capacity);
    /** Counts the writes of each row, so that an unchanged one need not be drawn again. */
    this.version = new Uint32Array(this.capacity);
    /** @type {Map<number, number>} */
    this.slots = new Map();
    /** @type {number[]} */
    this.free = [];
    /** @type {Map<string, string>} */
    this.shared = new Map();
  }

  /** Rows held. */
  get length() { return this.slots.size; }

  /**
   * The row of a sequence number, or -1.
   * @param {number} seq
   */
  slotOf(seq) { return this.slots.get(seq) ?? -1; }

  /**
   * The row of an exchange by its id, or -1.
   * @param {string} id
   */
  find(id) {
    const [session, number] = id.split(".").map(Number);
    for (const slot of this.slots.values()) {
      if (this.numbers.number[slot] === number && this.numbers.session[slot] === session) return slot;
    }
    return -1;
  }

  /**
   * The sequence numbers of exchanges, as far as they are here.
   * @param {string[]} ids
   */
  seqsOf(ids) {
    const wanted = new Set(ids), { session, number, seq } = this.numbers;
    return [...this.slots.values()].filter((slot) => wanted.has(`${session[slot]}.${number[slot]}`)).map((slot) => seq[slot]);
  }

  /**
   * What people call the exchange in `slot`.
   * @param {number} slot
   */
  id(slot) { return `${this.numbers.session[slot]}.${this.numbers.number[slot]}`; }

  /** The lowest and the highest sequence number held; 0 and 0 if nothing is. */
  get range() {
    let oldest = Infinity, newest = 0;
    for (const seq of this.slots.keys()) {
      if (seq < oldest) oldest = seq;
      if (seq > newest) newest = seq;
    }
    return { oldest: newest === 0 ? 0 : oldest, newest };
  }

  /**
   * Writes a row, over the one with the same sequence number if there is one.
   * @param {Summary} summary
   * @returns {{ slot: number, added: boolean }}
   */
  put(summary) {
    const known = this.slotOf(summary.seq);
    const slot = known >= 0 ? known : this.#take(summary.seq);
    if (known >= 0) this.#count(slot, -1);
    const { numbers, texts } = this, { timings, failure } = summary, dot = summary.id.indexOf(".");
    numbers.seq[slot] = summary.seq;
    numbers.started[slot] = summary.started_us;
    numbers.ready[slot] = timings.ready_us ?? NaN;
    numbers.head[slot] = timings.head_us ?? NaN;
    numbers.end[slot] = timings.end_us ?? NaN;
    numbers.dns[slot] = timings.dns_us ?? NaN;
    numbers.connect[slot] = timings.connect_us ?? NaN;
    numbers.tls[slot] = timings.tls_us ?? NaN;
    numbers.responseSize[slot] = summary.response_size;
    numbers.messages[slot] = summary.messages ?? 0;
    numbers.grpc[slot] = summary.grpc_status ?? 0;
    numbers.session[slot] = Number(summary.id.slice(0, dot));
    numbers.number[slot] = Number(summary.id.slice(dot + 1));
    texts.method[slot] = this.#share(visible(summary.method));
    texts.host[slot] = this.#share(visible(hostOf(summary)));
    texts.path[slot] = visible(summary.path);
    texts.type[slot] = this.#share(typeWord(summary));
    texts.reason[slot] = this.#share(failure?.reason ?? (summary.passthrough ? passedWord(summary.passthrough.origin) : ""));
    this.status[slot] = summary.status ?? 0;
    this.kind[slot] = Math.max(0, KINDS.indexOf(summary.kind));
    this.flags[slot] = (summary.done ? DONE : 0) | (failure ? FAILED : 0) | (summary.truncated ? TRUNCATED : 0) | (summary.source === "send" ? SENT : 0) | (summary.passthrough ? PASSED : 0)
      | (summary.omitted?.some((what) => what !== "cookies") ? UNSTORED : 0);
    this.version[slot]++;
    this.writes++;
    this.#count(slot, 1);
    return { slot, added: known < 0 };
  }

  /**
   * Gives a row's slot back.
   * @param {number} slot
   */
  drop(slot) {
    this.writes++;
    this.#count(slot, -1);
    this.slots.delete(this.numbers.seq[slot]);
    for (const name of TEXTS) this.texts[name][slot] = "";
    this.free.push(slot);
  }

  /** Forgets everything. */
  clear() {
    this.writes++;
    this.slots.clear();
    this.free = [];
    this.size = this.failed = this.open = 0;
    for (const name of TEXTS) this.texts[name] = [];
    this.shared.clear();
  }

  /**
   * @param {number} slot
   * @param {1 | -1} by
   */
  #count(slot, by) {
    if (this.flags[slot] & FAILED) this.failed += by;
    if (!(this.flags[slot] & DONE)) this.open += by;
  }

  /** @param {number} seq */
  #take(seq) {
    const slot = this.free.pop() ?? this.size++;
    if (slot === this.capacity) this.#grow();
    this.slots.set(seq, slot);
    return slot;
  }

  #grow() {
    this.capacity *= 2;
    for (const name of NUMBERS) this.numbers[name] = grown(this.numbers[name], new Float64Array(this.capacity));
    this.status = grown(this.status, new Uint16Array(this.capacity));
    this.kind = grown(this.kind, new Uint8Array(this.capacity));
    this.flags = grown(this.flags, new Uint8Array(this.capacity));
    this.version = grown(this.version, new Uint32Array(this.capacity));
  }

  /**
   * One copy of a text that many rows have.
   * @param {string} text
   */
  #share(text) {
    const known = this.shared.get(text);
    if (known !== undefined) return known;
    this.shared.set(text, text);
    return text;
  }
}

/**
 * @template {{ set(from: any): void }} A
 * @param {A} from
 * @param {A} to
 * @returns {A}
 */
function grown(from, to) {
  to.set(from);
  return to;
}

/** @param {Summary} summary The host, with the port where it is not the scheme's own. */
function hostOf({ scheme, host, port }) {
  const usual = scheme === "https" ? 443 : scheme === "http" ? 80 : 0;
  const shown = host.includes(":") ? `[${host}]` : host;
  return port === usual ? shown : `${shown}:${port}`;
}

const SHORT = /** @type {Record<string, string>} */ ({
  "text/event-stream": "sse", "text/javascript": "js", "application/javascript": "js", "application/x-javascript": "js", "text/plain": "text",
  "application/octet-stream": "binary", "image/svg+xml": "svg", "application/x-www-form-urlencoded": "form", "image/x-icon": "icon", "image/vnd.microsoft.icon": "icon",
});

/** @param {import("../api-types.js").PassOrigin} origin */
const passedWord = (origin) => (origin === "automatic" ? "passthrough: automatic" : "passthrough: on your list");

/** @param {Summary} summary A media type in one word, as far as a narrow column has room. */
function typeWord({ kind, content_type: type }) {
  if (kind === "websocket") return "ws";
  if (kind === "grpc") return "grpc";
  if (!type) return "";
  const [family, sub = ""] = type.split("/");
  if (SHORT[type]) return SHORT[type];
  if (family === "font" || family === "video" || family === "audio") return family;
  return sub.slice(sub.lastIndexOf("+") + 1).replace(/^(x-|vnd\.)/, "");
}
