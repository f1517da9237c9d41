// One message: what it is, and its payload as what it can be read as.

import { ApiError } from "../api.js";
import { message as fetchMessage, payload, payloadUrl } from "../api-exchange.js";
import { copyButton } from "../copy.js";
import { parseJson } from "../detail/json.js";
import { hexView, textView } from "../detail/raw-views.js";
import { Views } from "../detail/views.js";
import { button, h, icon } from "../dom.js";
import { bytes, duration, plural, visible } from "../format.js";
import { reasonOf } from "../reason.js";
import { protobufTree } from "./protobuf.js";
import { SENDERS, badges, closing, kindWord, sizeWords, when } from "./words.js";

/** @import { MessageDetail } from "../api-types.js" */

/** Bytes of binary that are copied, as hexadecimal digits, at most. */
const COPIED = 1 << 20;

export class MessageView {
  /**
   * @param {string} id of the exchange
   * @param {() => void} onclose
   */
  constructor(id, onclose) {
    this.id = id;
    this.number = 0;
    this.views = new Views("View the message as");
    this.title = h("div", { class: "sub" });
    this.facts = h("div");
    this.close = button({ icon: "x", label: "Close the message", key: "Esc", class: "tiny", onclick: onclose });
    this.body = h("div", { class: "scroll body", tabindex: 0, "aria-label": "Message" }, this.facts, this.views.content);
    this.element = h("section", { class: "pane msgview", "aria-label": "Message", hidden: true }, this.title, this.body, this.views.bar);
    this.asking = new AbortController();
  }

  /** @param {number} number 0: none */
  async show(number) {
    if (number === this.number) return;
    this.hide();
    this.number = number;
    this.element.hidden = number === 0;
    if (number === 0) return;
    const { signal } = this.asking, slow = setTimeout(() => this.#say("Loading…"), 300);
    try {
      const message = await fetchMessage(this.id, number, signal);
      clearTimeout(slow);
      this.#fill(message);
    } catch (error) {
      if (error instanceof ApiError) this.#say(error.status === 404 ? "This message was not kept." : reasonOf(error));
    } finally {
      clearTimeout(slow);
    }
  }

  /** Ends what is still loading. */
  hide() {
    this.asking.abort();
    this.asking = new AbortController();
    this.number = 0;
    this.element.hidden = true;
  }

  /** @param {string} text */
  #say(text) {
    this.title.replaceChildren(h("h2", null, `Message ${this.number}`), h("span", { class: "grow" }), this.close);
    this.facts.replaceChildren(note(text));
    this.views.offer([]);
  }

  /** @param {MessageDetail} message */
  #fill(message) {
    const { number, sender, kind, at_us: at, text, hex, truncated } = message, empty = message.length === 0;
    const what = visible(kindWord(message));
    this.title.replaceChildren(
      h("h2", null, `${number}`), h("span", { class: "mid trunc" }, `${what} ${SENDERS[sender]}`),
      h("span", { class: "grow" }), this.views.choice, ...(empty ? [] : [this.#copyButton(message) ?? "", this.#save(number)]), this.close);
    const about = h("p", { class: "note dim" }, `${when(at)} after the start, ${sizeWords(message)}`);
    const lines = facts(message).flatMap(([name, value]) => [h("dt", null, name), h("dd", { class: "mono" }, visible(value))]);
    this.facts.replaceChildren(about, ...(lines.length ? [h("dl", { class: "kv" }, ...lines)] : []), ...notes(message).map(note));
    this.body.scrollTop = 0;
    this.views.offer(empty || kind === "close" ? [] : this.#choices(message));
    if (truncated) this.facts.append(note("Only the first 1 MB is shown; save the payload to have all of it."));
    else if (text === null && !message.fields && hex !== null && message.length > hex.length / 2) this.facts.append(note(`Only the first ${bytes(hex.length / 2)} are shown; save the payload to have all of it.`));
  }

  /**
   * @param {MessageDetail} message
   * @returns {[string, () => Node][]}
   */
  #choices({ kind, text, hex, data, fields, truncated }) {
    /** @type {[string, () => Node][]} */
    const views = [], read = data ?? text;
    const json = read !== null && !truncated && /^\s*[[{]/.test(read) ? parseJson(read) : null;
    if (fields?.length) views.push(["Fields", () => this.views.tree(protobufTree(fields), "Fields of the message")]);
    if (json && !fields?.length) views.push(["Tree", () => this.views.tree(json, "Message")]);
    if (read !== null) views.push([kind === "event" ? "Data" : "Text", () => textView(read)]);
    if (kind === "event" && text !== null && text !== data) views.push(["Lines", () => textView(text)]);
    const raw = hex !== null ? unhex(hex) : text !== null ? new TextEncoder().encode(text) : null;
    if (raw) views.push(["Hex", () => hexView(raw, this.body.clientWidth > 620 ? 16 : 8)]);
    return views;
  }

  /** @param {MessageDetail} message */
  #copyButton({ number, text, data, truncated, length, close_reason: reason }) {
    const all = data ?? reason ?? text, { id } = this;
    if (all === null && length > COPIED) return null;
    const whole = () => payload(id, number);
    const copied = all === null ? async () => hexOf(await whole()) : truncated ? async () => new TextDecoder().decode(await whole()) : () => all;
    return copyButton({ label: all === null ? "Copy the payload as hexadecimal digits" : "Copy the payload", what: all === null ? "the payload as hexadecimal digits" : "the payload", text: copied });
  }

  /** @param {number} number */
  #save(number) {
    const label = "Save the payload";
    return h("a", { class: "btn tiny icon", href: payloadUrl(this.id, number), download: `${this.id}-message-${number}`, "aria-label": label, title: label }, icon("export"));
  }
}

/**
 * @param {MessageDetail} message
 * @returns {[string, string][]}
 */
function facts({ kind, event, event_id: id, retry, close_code: code, close_reason: reason }) {
  /** @type {[string, string | null][]} */
  const all = kind === "close" ? [["Status code", closing(code)], ["Reason", reason]]
    : kind === "event" ? [["Event", event ?? "message"], ["Id", id], ["Retry after", retry === null || retry === undefined ? null : duration(retry * 1000)]]
    : [];
  return all.flatMap(([name, value]) => (value === null ? [] : [/** @type {[string, string]} */ ([name, value])]));
}

/** @param {MessageDetail} message */
function notes(message) {
  const { missing, length, state, kind, fields, fields_truncated: more, text, decode_error: error } = message, said = [];
  if (missing > 0) said.push(`${bytes(missing)} of ${bytes(length)} passed through but were not kept. What is shown has a hole there.`);
  if (state !== "complete") said.push(...badges(message).filter(({ word }) => word === state).map(({ title }) => `${title}.`));
  if (error && state !== "undecoded") said.push(`It cannot be read as what it should be: ${visible(error)}.`);
  if (more) said.push(`Only the first ${plural(fields?.length ?? 0, "field")} are shown; save the payload to have all of it.`);
  if (length === 0) said.push("It has no payload.");
  else if (kind === "grpc" && !fields && text === null && !error) said.push("It cannot be read as protobuf.");
  return said;
}

/** @param {string} digits */
const unhex = (digits) => Uint8Array.from(digits.replace(/[^0-9a-f]/gi, "").match(/../g) ?? [], (pair) => Number.parseInt(pair, 16));

/** @param {Uint8Array} data */
const hexOf = (data) => Array.from(data, (byte) => byte.toString(16).padStart(2, "0")).join("");

/** @param {string} text */
const note = (text) => h("p", { class: "note" }, icon("info"), h("span", { class: "grow" }, text));
