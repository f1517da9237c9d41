// The body of a request in the editor: text that can be changed, or what was captured, kept as it is.

import { ApiError } from "../api.js";
import { body as fetchBody } from "../api-exchange.js";
import { UNASKED, field } from "../detail/body.js";
import { parseJson } from "../detail/json.js";
import { button, h, icon } from "../dom.js";
import { bytes } from "../format.js";

/** @import { Detail } from "../api-types.js" */

/** Bytes a person may still want to edit as text. */
const EDITABLE = 8 << 20;

export class RequestBody {
  /**
   * @param {Detail} exchange
   * @param {() => void} onchange
   */
  constructor(exchange, onchange) {
    this.exchange = exchange;
    this.onchange = onchange;
    /** @type {string | null} What the field held at first; `null` while the captured body stands unopened. */
    this.captured = null;
    this.check = h("span", { class: "dim" });
    this.input = h("textarea", { class: "text", "aria-label": "Body", spellcheck: "false", autocomplete: "off", oninput: () => this.#typed() });
    this.element = h("div", { class: "pane body" });
    const { size, stored } = exchange.request.body;
    if (size === 0) this.#edit("");
    else if (stored < size) this.#keep(`Only ${bytes(stored)} of the ${bytes(size)} of the captured body were kept, so it cannot be sent again.`, "Write another");
    else if (size > UNASKED) this.#keep(`${bytes(size)}, kept from the capture and sent as it is.`, size > EDITABLE ? "Write another" : "Edit as text");
    else void this.#load();
  }

  /** The text to send, or `undefined` if the captured body is to be sent as it is. */
  get changed() {
    return this.captured === null || this.input.value === this.captured ? undefined : this.input.value;
  }

  /** Whether the text in the field stands for an encoded body, and would be sent without its coding. */
  get decoded() {
    return this.changed !== undefined && field(this.exchange.request, "content-encoding") !== "";
  }

  async #load() {
    const { id, request } = this.exchange;
    try {
      const { bytes: got, charset, truncated, error } = await fetchBody(id, "request", { decoded: true, limit: EDITABLE });
      if (error !== null || truncated) this.#keep(`${bytes(request.body.size)}, encoded, kept from the capture and sent as it is.`, "Write another");
      else if (charset === null) this.#keep(`${bytes(request.body.size)} that are not text, kept from the capture and sent as they are.`, "Write another");
      else this.#edit(new TextDecoder("utf-8", { ignoreBOM: true }).decode(got), charset);
    } catch (error) {
      this.#keep(error instanceof ApiError ? error.message : "The body could not be read.", "Write another");
    }
  }

  /**
   * @param {string} text
   * @param {string} [charset] what the captured bytes were in
   */
  #edit(text, charset = "utf-8") {
    this.charset = charset;
    this.input.value = text;
    this.captured = this.input.value;
    this.element.replaceChildren(this.input, h("div", { class: "pathbar" }, this.check));
    this.#typed();
  }

  /**
   * @param {string} why
   * @param {string} otherwise
   */
  #keep(why, otherwise) {
    const other = button({ label: otherwise, word: otherwise, class: "line tiny", onclick: () => {
      if (otherwise === "Edit as text") return void this.#load();
      this.#edit("");
      this.captured = "\0";
      this.onchange();
      this.input.focus();
    } });
    this.element.replaceChildren(h("p", { class: "note" }, icon("info"), h("span", { class: "grow" }, why), other));
  }

  #typed() {
    const { value } = this.input, json = /[/+]json\b/i.test(field(this.exchange.request, "content-type"));
    const said = [bytes(new TextEncoder().encode(value).length)];
    if (this.changed !== undefined) said.push(this.charset === "utf-8" ? "changed" : `changed, sent in UTF-8 instead of ${this.charset}`);
    if (json && value.trim() && value.length < UNASKED) said.push(parseJson(value) ? "valid JSON" : "not valid JSON");
    this.check.textContent = said.join(", ");
    this.onchange();
  }
}
