// Open as request: a captured request that can be changed and sent, with the answer beside what was captured.

import { ApiError, exchange as fetchExchange } from "../api.js";
import { send } from "../api-exchange.js";
import { DetailPane } from "../detail/pane.js";
import { button, h, icon } from "../dom.js";
import { banner } from "../notices.js";
import { go } from "../route.js";
import { store } from "../state.js";
import { Tabs } from "../tabs.js";
import { editable } from "./actions.js";
import { FieldTable } from "./field-table.js";
import { RequestBody } from "./request-body.js";

/** @import { Detail, Outgoing } from "../api-types.js" */

export class EditScreen {
  /** @param {string} id of the captured exchange */
  constructor(id) {
    this.id = id;
    this.part = "headers";
    this.verb = h("input", { class: "verb", "aria-label": "Method", spellcheck: "false", autocomplete: "off", autocapitalize: "characters", list: "verbs" });
    this.url = h("input", { class: "u", type: "url", "aria-label": "URL", spellcheck: "false", autocomplete: "off", oninput: () => this.#urlChanged() });
    this.host = "";
    this.sendButton = button({ icon: "send", label: "Send", word: "Send", class: "primary send", onclick: () => void this.send() });
    this.sendButton.title = "Send (Ctrl+Enter)";
    this.trouble = h("div", { role: "alert" });
    this.tabs = new Tabs("Parts of the request", "request-panel", (part) => this.#show(part));
    this.panel = h("div", { class: "pane body", id: "request-panel", role: "tabpanel" });
    this.answer = h("section", { class: "pane", "aria-label": "Response" }, h("p", { class: "note" }, icon("info"), "Send it, with the button or Ctrl+Enter: the answer appears here, compared with the captured one."));
    const verbs = h("datalist", { id: "verbs" }, ...["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS"].map((value) => h("option", { value })));
    this.element = h("div", { class: "main grow" },
      h("div", { class: "head" }, button({ icon: "back", label: "Back to the exchange", key: "Esc", onclick: () => this.#leave() }), h("h1", null, "Edit and resend"), h("span", { class: "mono dim" }, id)),
      h("div", { class: "split editing" },
        (this.request = h("section", { class: "pane", "aria-label": "Request" },
          h("div", { class: "bar pad" }, h("div", { class: "urlbar" }, this.verb, this.url), this.sendButton, verbs), this.trouble, this.tabs.element, this.panel)),
        this.answer));
    this.element.addEventListener("keydown", (event) => this.#key(event));
    this.unwatch = store.watch(["route"], ({ route }) => route.screen === "edit" && this.pane?.show(this.pane.id, this.id, route.tab, route.message));
    void this.#load();
  }

  /** @param {1 | -1} step */
  turn(step) {
    this.pane?.turn(step);
  }

  /** Ends it: another request is edited now. */
  close() {
    this.unwatch();
  }

  async #load() {
    try {
      const captured = await fetchExchange(this.id);
      if (!editable(captured)) return this.#refuse(`${this.id} is not a request, so it cannot be sent again.`, "");
      this.#fill(captured);
    } catch (error) {
      if (error instanceof ApiError) this.#refuse(error.message, error.hint);
    }
  }

  /** @param {Detail} captured */
  #fill(captured) {
    this.captured = captured;
    this.verb.value = captured.method;
    this.url.value = captured.url;
    this.host = hostOf(captured.url);
    this.fields = new FieldTable(captured.request.headers, () => this.#count());
    this.body = new RequestBody(captured, () => this.#bodyChanged());
    this.tabs.set([{ id: "headers", word: "Headers", n: this.fields.count }, { id: "body", word: "Body" }]);
    this.#show(captured.request.body.size > 0 ? "body" : "headers");
    this.url.focus();
  }

  /** What differs from the captured request; the daemon fills in the rest. @returns {Outgoing} */
  #outgoing() {
    const { captured, fields, body } = this, headers = fields?.changed, text = body?.changed;
    return {
      from: this.id,
      ...(this.verb.value !== captured?.method && { method: this.verb.value.trim() }),
      ...(this.url.value !== captured?.url && { url: this.url.value.trim() }),
      ...(headers && { headers }),
      ...(text !== undefined && { body: text }),
    };
  }

  async send() {
    if (!this.captured || this.sendButton.disabled) return;
    this.sendButton.disabled = true;
    this.sendButton.lastChild?.replaceWith("Sending…");
    this.trouble.replaceChildren();
    try {
      const { exchange } = await send(this.#outgoing());
      if (!this.pane) {
        this.pane = new DetailPane({});
        this.answer.replaceWith(this.pane.element);
      }
      this.pane.tab = "compare";
      this.pane.showExchange(exchange, this.id);
      go({ tab: "compare" }, { replace: true });
      this.pane.element.scrollIntoView({ block: "start" });
    } catch (error) {
      if (error instanceof ApiError) this.trouble.replaceChildren(banner("err", `Not sent: ${error.message}`, error.hint));
    } finally {
      this.sendButton.disabled = false;
      this.sendButton.lastChild?.replaceWith("Send");
    }
  }

  #urlChanged() {
    const host = hostOf(this.url.value);
    if (!host || host === this.host) return;
    this.fields?.hostChanged(this.host, host);
    this.host = host;
  }

  /** Edited text goes out without the coding the captured bytes had. */
  #bodyChanged() {
    if (this.body?.decoded && !this.told) {
      this.told = true;
      this.fields?.switchOff("content-encoding");
      this.trouble.replaceChildren(banner("info", "The edited body is sent as plain text:", "content-encoding is switched off."));
    }
  }

  #count() {
    const n = this.tabs.buttons.get("headers")?.querySelector(".n");
    if (n && this.fields) n.textContent = String(this.fields.count);
  }

  /** @param {string} part */
  #show(part) {
    const shown = part === "body" ? this.body : this.fields;
    if (!shown) return;
    this.tabs.select(part);
    this.panel.setAttribute("aria-labelledby", `tab-${part}`);
    this.panel.replaceChildren(shown.element);
  }

  /**
   * @param {string} message
   * @param {string} hint
   */
  #refuse(message, hint) {
    this.sendButton.disabled = true;
    this.trouble.replaceChildren(banner("err", message, hint));
  }

  #leave() {
    go({ screen: "exchange", id: this.id, tab: "" });
  }

  /** @param {KeyboardEvent} event */
  #key(event) {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
      event.preventDefault();
      void this.send();
    } else if (event.key === "Escape" && event.target instanceof HTMLElement && event.target.matches("input, textarea")) {
      event.preventDefault();
      event.target.blur();
    }
  }
}

/**
 * Host and port of a URL as the field `Host` has them, or an empty string while it is none.
 * @param {string} text
 */
const hostOf = (text) => (URL.canParse(text) ? new URL(text).host : "");
