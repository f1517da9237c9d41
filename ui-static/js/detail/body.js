// The body of a message: fetched when its tab is looked at, decoded by the daemon, shown as what it is.

import { ApiError } from "../api.js";
import { body as fetchBody, bodyUrl } from "../api-exchange.js";
import { button, h, icon } from "../dom.js";
import { bytes as size } from "../format.js";
import { reasonOf } from "../reason.js";
import { finder } from "./find.js";
import { imageView, pictureType } from "./image-view.js";
import { parseJson } from "./json.js";
import { indentedMarkup } from "./markup.js";
import { hexView, textView } from "./raw-views.js";
import { Views } from "./views.js";

/** @import { BodyBytes } from "../api-exchange.js" */
/** @import { Message, Summary } from "../api-types.js" */

/** Bytes fetched without asking, and on request. */
export const UNASKED = 1 << 20, ASKED = 64 << 20;

/** Pixels that a dump of 16 bytes a line needs. */
const WIDE = 620;

export class BodyView {
  /**
   * @param {string} id of the exchange
   * @param {"request" | "response"} part
   * @param {Message} message
   * @param {Summary["omitted"]} [omitted] what the session's rules kept out
   */
  constructor(id, part, message, omitted = []) {
    this.omitted = part === "response" ? omitted : [];
    this.id = id;
    this.part = part;
    this.message = message;
    this.type = field(message, "content-type");
    this.coding = field(message, "content-encoding");
    this.facts = h("span", { class: "dim" });
    this.views = new Views("View the body as");
    this.notes = h("div");
    this.content = this.views.content;
    this.bar = this.views.bar;
    const save = h("a", { class: "btn tiny icon", href: bodyUrl(id, part, false), download: `${id}-${part}`, "aria-label": "Save the body as it was transferred", title: "Save the body as it was transferred" }, icon("export"));
    save.hidden = message.body.stored === 0;
    this.find = h("span");
    this.element = h("div", null, h("div", { class: "sub ruled wrap" }, h("h2", null, "Body"), this.facts, h("span", { class: "grow" }), this.find, this.views.choice, save), this.notes, this.content);
    this.asking = new AbortController();
    /** @type {string[]} Object URLs of pictures. */
    this.urls = [];
    this.#begin();
  }

  #begin() {
    const { body } = this.message;
    this.facts.textContent = size(body.size);
    for (const text of bodyNotes(this.message, this.omitted)) this.notes.append(note(text));
    if (body.stored === 0) {
      this.facts.textContent = body.size === 0 ? "none" : size(body.size);
      return;
    }
    if (body.stored > UNASKED) {
      const word = `Show ${size(Math.min(body.stored, ASKED))}`;
      this.content.append(h("div", { class: "sub" }, button({ word, class: "line tiny", onclick: () => void this.load(ASKED) }), h("span", { class: "dim" }, "not loaded unasked")));
    } else void this.load(UNASKED);
  }

  /** @param {number} limit */
  async load(limit) {
    const { signal } = this.asking, slow = setTimeout(() => this.content.replaceChildren(note("Loading…")), 300);
    try {
      await this.#show(await fetchBody(this.id, this.part, { decoded: true, limit, signal }));
    } catch (error) {
      if (error instanceof ApiError) this.content.replaceChildren(note(reasonOf(error)));
    } finally {
      clearTimeout(slow);
    }
  }

  /** Ends what is still loading, and gives back what was made. */
  close() {
    this.asking.abort();
    for (const url of this.urls) URL.revokeObjectURL(url);
  }

  /**
   * @param {BodyBytes} got
   * @param {string | null} [failure] why these are the bytes as transferred, undecoded
   * @returns {Promise<void>}
   */
  async #show({ bytes, charset, truncated, error }, failure = null) {
    if (error !== null && bytes.length === 0) return this.#show(await this.#raw(), error);
    const text = charset === null ? null : new TextDecoder().decode(bytes), picture = pictureType(bytes);
    const tree = text !== null && !truncated && looksJson(this.type, text) ? parseJson(text) : null;
    this.facts.textContent = `${kindWord(this.type, tree !== null, text !== null)}${size(bytes.length)}`;
    if (failure !== null) this.notes.append(note(`Not decoded: ${failure}. These are the bytes as transferred.`));
    if (error !== null) this.notes.append(note(`Decoded in part: ${error}.`));
    if (truncated) this.#cut(bytes.length);
    /** @type {[string, () => Node][]} */
    const views = [];
    if (tree) views.push(["Tree", () => this.views.tree(tree, this.part === "request" ? "Request body" : "Response body")]);
    if (picture) views.push(["Image", () => this.#image(bytes, picture)]);
    if (text !== null && !tree && /\b(xml|html)\b/i.test(this.type)) views.push(["Pretty", () => textView(indentedMarkup(text))]);
    if (text !== null) views.push(["Raw", () => textView(text)]);
    views.push(["Hex", () => this.#hex(bytes, charset)]);
    if (text !== null && /html/i.test(this.type)) views.push(["Preview", () => page(text)]);
    this.views.offer(views);
    if (text) this.find.replaceChildren(finder(this.views, text, views));
  }

  /** The bytes as transferred, as far as they are loaded without asking. */
  #raw() {
    return fetchBody(this.id, this.part, { decoded: false, limit: UNASKED, signal: this.asking.signal });
  }

  /**
   * Text of another charset came as UTF-8: its own bytes are fetched first.
   * @param {Uint8Array} bytes
   * @param {string | null} charset
   */
  #hex(bytes, charset) {
    const width = this.content.clientWidth > WIDE ? 16 : 8;
    if (charset === null || charset === "utf-8" || this.coding) return hexView(bytes, width);
    const box = h("div");
    this.#raw().then((raw) => box.append(hexView(raw.bytes, width)), () => box.append(note("The bytes could not be loaded.")));
    return box;
  }

  /** @param {number} shown bytes */
  #cut(shown) {
    const all = this.message.body.size, of = !this.coding && all > shown ? ` of ${size(all)}` : "";
    const line = note(`Only the first ${size(shown)}${of} ${shown < ASKED ? "are loaded." : "are shown; save the body to have all of it."}`);
    if (shown < ASKED) line.append(button({ word: "Load more", class: "tiny line", onclick: () => {
      line.remove();
      void this.load(ASKED);
    } }));
    this.notes.append(line);
  }

  /**
   * @param {Uint8Array<ArrayBuffer>} bytes
   * @param {string} type
   */
  #image(bytes, type) {
    const url = URL.createObjectURL(new Blob([bytes], { type }));
    this.urls.push(url);
    return imageView(url, type);
  }
}

/**
 * A page as it looks without its scripts, styles, pictures, frames and links: nothing in it runs, and nothing is loaded.
 * @param {string} text
 */
function page(text) {
  return h("iframe", { class: "page", sandbox: "", title: "Preview of the page", referrerpolicy: "no-referrer", srcdoc: `<meta http-equiv="Content-Security-Policy" content="default-src 'none'">${text}` });
}

/**
 * The first value of a header field, or an empty string.
 * @param {{ headers: { name: string, value: string }[] }} message
 * @param {string} name lower case
 */
export const field = ({ headers }, name) => headers.find((field) => field.name.toLowerCase() === name)?.value ?? "";

/**
 * What is to be said about how a body ended and what of it was kept.
 * @param {Message} message
 * @param {Summary["omitted"]} omitted
 */
function bodyNotes({ body }, omitted = []) {
  if (omitted.includes("media")) return ["Not stored: images, audio and video are not, unless What to record says so."];
  if (omitted.includes("response")) return ["Not stored: responses are not, as What to record says."];
  const missing = body.gaps.reduce((sum, { length }) => sum + length, 0), notes = [];
  if (missing > 0) notes.push(`${size(missing)} of ${size(body.size)} passed through but were not kept, in ${body.gaps.length === 1 ? "one piece" : `${body.gaps.length} pieces`}. What is shown has a hole there.`);
  else if (body.stored < body.size) notes.push(`${size(body.stored)} of ${size(body.size)} are kept so far.`);
  if (body.end === "failed") notes.push("The sender broke off: the body is incomplete.");
  if (body.end === "dropped") notes.push("The receiver went away before the end of the body.");
  if (body.end === "open" && body.size > 0) notes.push("The body is still on its way.");
  return notes;
}

/** @param {string} text */
const note = (text) => h("p", { class: "note" }, icon("info"), h("span", { class: "grow" }, text));

/**
 * @param {string} type
 * @param {string} text
 */
const looksJson = (type, text) => /[/+]json\b/i.test(type) || /^\s*[[{]/.test(text);

/**
 * @param {string} type
 * @param {boolean} json
 * @param {boolean} text
 */
function kindWord(type, json, text) {
  const media = type.split(";")[0].trim().toLowerCase();
  const word = json ? "json" : media ? media === "text/plain" ? "text" : media.replace(/^text\/(?=.)/, "") : text ? "text" : "binary";
  return `${word}, `;
}
