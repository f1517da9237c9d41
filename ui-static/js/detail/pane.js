// The exchange that is open: what it is, what can be done with it, and its parts in tabs.

import { ApiError, exchange as fetchExchange } from "../api.js";
import { SeenCookies, putExchange } from "../cookies/seen.js";
import { deleteExchanges } from "../deleting.js";
import { button, h } from "../dom.js";
import { copyAsCurl, edit, editable, remember, resend } from "../editor/actions.js";
import { bytes, count, duration, visible } from "../format.js";
import { grpcName } from "../grpc.js";
import { hasMessages, isBare } from "../kinds.js";
import { lazy } from "../lazy.js";
import { MessagesPanel } from "../messages/panel.js";
import { stopIntercepting } from "../passthrough.js";
import { openMenu } from "../popover.js";
import { go, toList } from "../route.js";
import { outcomeMark, outcomeOf } from "../table/outcome.js";
import { Tabs } from "../tabs.js";
import { failureBanner } from "./failure.js";
import { MessagePanel } from "./message.js";
import { overview } from "./overview.js";
import { timing } from "./timing.js";
import { tls } from "./tls.js";

/** @import { Detail, Summary } from "../api-types.js" */
/** @import { Tab } from "../tabs.js" */

/**
 * @typedef {object} Panel What a tab shows.
 * @property {HTMLElement} element
 * @property {() => void} [close]
 * @property {(exchange: Detail) => void} [update] the exchange was loaded again; without it the panel is built anew
 * @property {(messages: number) => void} [grew]
 * @property {(message: number) => void} [show] a message of it, or none
 */

/** Milliseconds between two loads of an exchange that keeps changing. */
const PACE = 700;

export class DetailPane {
  /** @param {{ onclose?: () => void }} actions without `onclose` there is no way to close it */
  constructor(actions) {
    this.actions = actions;
    this.id = "";
    this.against = "";
    this.tab = "";
    /** The message that is open, or 0. */
    this.message = 0;
    /** @type {Detail | null} */
    this.exchange = null;
    this.head = h("div", { class: "dhead" });
    this.trouble = h("div");
    this.tabs = new Tabs("Parts of the exchange", "panel", (tab) => go({ tab }, { replace: true }));
    this.panel = h("div", { class: "pane body", id: "panel", role: "tabpanel" });
    /** @type {Map<string, Panel>} Panels built so far. */
    this.panels = new Map();
    const back = h("div", { class: "head only-s" }, button({ icon: "back", word: "Live", onclick: () => actions.onclose?.() }), h("span", { class: "grow" }), (this.number = h("span", { class: "mono dim" })));
    this.element = h("section", { class: "pane detail" }, actions.onclose ? back : null, this.head, this.trouble, this.tabs.element, this.panel);
    this.asking = new AbortController();
    this.reloading = 0;
  }

  /**
   * @param {string} id
   * @param {string} against id of the captured exchange to compare with, or empty
   * @param {string} tab
   * @param {number} message
   */
  show(id, against, tab, message) {
    this.tab = tab;
    this.message = message;
    if (this.id !== id || this.against !== against) {
      this.id = id;
      this.against = against;
      void this.#load();
    } else if (this.exchange) this.#showTab();
  }

  /**
   * Shows an exchange that is already here.
   * @param {Detail} exchange
   * @param {string} against
   */
  showExchange(exchange, against) {
    this.id = exchange.id;
    this.against = against;
    this.#fill(exchange);
  }

  /** Where the exchange is a page of its own: to its way back. */
  focus() {
    this.element.querySelector("button")?.focus();
  }

  /**
   * The neighbouring tab.
   * @param {1 | -1} step
   */
  turn(step) {
    if (this.exchange) go({ tab: this.tabs.beside(this.#current(), step) }, { replace: true });
  }

  /** @param {Summary[]} items New and changed rows: one of them may be this exchange. */
  changed(items) {
    const mine = items.find(({ id }) => id === this.id), { exchange } = this;
    if (!mine || !exchange || exchange.done || !this.element.isConnected) return;
    if (mine.messages > exchange.messages) {
      exchange.messages = mine.messages;
      this.tabs.count("messages", count(mine.messages));
      this.panels.get("messages")?.grew?.(mine.messages);
    }
    if (mine.done || mine.status !== exchange.status || mine.kind !== exchange.kind) this.reloading ||= setTimeout(() => {
      this.reloading = 0;
      void this.#load();
    }, PACE);
  }

  async #load() {
    this.asking.abort();
    const { signal } = (this.asking = new AbortController()), { id } = this;
    try {
      const exchange = await fetchExchange(id, signal);
      if (this.id === id) this.#fill(exchange);
    } catch (error) {
      if (error instanceof ApiError) this.#fail(error);
    }
  }

  /** @param {Detail} exchange */
  #fill(exchange) {
    const same = this.exchange?.id === exchange.id;
    this.exchange = exchange;
    this.element.setAttribute("aria-label", `Exchange ${exchange.id}`);
    this.number.textContent = exchange.id;
    this.head.replaceChildren(...this.#title(exchange));
    this.trouble.replaceChildren(failureBanner(exchange) ?? "");
    for (const [name, { close, update }] of this.panels) {
      if (same && update && hasMessages(exchange.kind)) {
        update(exchange);
        continue;
      }
      close?.();
      this.panels.delete(name);
    }
    if (!same) this.panel.scrollTop = 0;
    this.tabs.set(tabsOf(exchange, this.against));
    this.#showTab();
  }

  /** @param {ApiError} error */
  #fail({ status, message, hint }) {
    this.exchange = null;
    this.head.replaceChildren(h("div", { class: "bar" }, h("span", { class: "mid" }, status === 404 ? `There is no exchange ${this.id}.` : `${message} ${hint}`), h("span", { class: "grow" }), this.#closeButton()));
    this.trouble.replaceChildren();
    this.tabs.set([]);
    this.panel.replaceChildren();
  }

  /** @param {Detail} exchange */
  #title(exchange) {
    const { id, method, timings, scheme, host, url, path, response } = exchange, mark = outcomeOf(exchange);
    const reason = exchange.grpc_status ? grpcName(exchange.grpc_status) : response?.line.split(" ").slice(2).join(" ") ?? "", failed = exchange.failure !== null;
    const facts = [failed && exchange.status ? `after ${exchange.status}` : "", timings.end_us === null ? "" : duration(timings.end_us), response ? bytes(response.body.size) : ""].filter(Boolean).join(" · ");
    const again = editable(exchange);
    const more = button({ icon: "more", label: `More about ${id}`, class: "tiny", onclick: () => moreMenu(more, exchange, again) });
    const locked = again ? "" : ": only a request can be sent again";
    const origin = url.startsWith(`${scheme}://`) ? url.slice(scheme.length + 3, url.length - path.length) : host;
    return [
      h("div", { class: "bar" }, h("span", { class: "c-method" }, visible(method)), outcomeMark(mark, reason && !failed ? ` ${visible(reason)}` : ""), h("span", { class: "dim" }, facts), h("span", { class: "grow" }),
        h("span", { class: "acts" },
          button({ icon: "resend", label: `Resend${locked}`, word: "Resend", key: "r", class: "tiny", disabled: !again, onclick: () => void resend(id) }),
          button({ icon: "edit", label: `Open as request${locked}`, key: "e", class: "tiny", disabled: !again, onclick: () => edit(id) }),
          button({ icon: "copy", label: `Copy as curl${locked}`, key: "c", class: "tiny", disabled: !again, onclick: () => void copyAsCurl(id) }),
          button({ icon: "bookmark", label: "Save to a collection", key: "s", class: "tiny", disabled: !again, onclick: () => void lazy(() => import("../collections/save.js")).then((part) => part?.saveCaptured({ exchanges: [id] }, "1 exchange")) }),
          more,
          this.#closeButton())),
      h("p", { class: "durl" }, h("span", { class: "h" }, `${scheme}://`), visible(origin), h("b", null, visible(path))),
    ];
  }

  #closeButton() {
    const { onclose } = this.actions;
    return onclose ? button({ icon: "x", label: "Close", key: "Esc", class: "tiny hide-s", onclick: onclose }) : null;
  }

  #current() {
    const talks = this.exchange && hasMessages(this.exchange.kind) && (this.exchange.messages > 0 || !this.exchange.done);
    const first = this.against ? "compare" : talks ? "messages" : this.exchange?.response ? "response" : this.exchange?.failure ? "overview" : "request";
    return this.tabs.buttons.has(this.tab) ? this.tab : this.tabs.buttons.has(first) ? first : "overview";
  }

  #showTab() {
    const tab = this.#current(), { exchange } = this;
    if (!exchange) return;
    this.tabs.select(tab);
    this.panel.setAttribute("aria-labelledby", `tab-${tab}`);
    let panel = this.panels.get(tab);
    if (!panel) {
      panel = this.#build(tab, exchange);
      this.panels.set(tab, panel);
    }
    if (this.panel.firstElementChild !== panel.element) this.panel.replaceChildren(panel.element);
    panel.show?.(this.message);
  }

  /**
   * @param {string} tab
   * @param {Detail} exchange
   * @returns {Panel}
   */
  #build(tab, exchange) {
    switch (tab) {
      case "messages": {
        const panel = new MessagesPanel(exchange);
        return { element: panel.element, close: () => panel.close(), update: (again) => panel.update(again), grew: (total) => panel.grew(total), show: (message) => panel.show(message) };
      }
      case "compare": return { element: comparing(this.against, exchange) };
      case "request": case "response": {
        const panel = new MessagePanel(exchange, tab);
        return { element: panel.element, close: () => panel.close() };
      }
      case "cookies": {
        const seen = new SeenCookies(exchange.id);
        seen.load();
        return { element: seen.element };
      }
      case "timing": return { element: timing(exchange) };
      case "tls": return { element: tls(exchange) };
      default: return { element: overview(exchange) };
    }
  }
}

/** What is rarely done with an exchange. @param {Element} anchor @param {Detail} exchange @param {boolean} again whether it can be sent again */
function moreMenu(anchor, { id, scheme }, again) {
  openMenu(anchor, "Exchange", [
    again && ["resend", "Resend with the cookies as they were then", () => resend(id, true)],
    again && ["plus", "Add to the history", () => remember(id)],
    ["clock", "The jar as it was then", () => import("../cookies/past.js").then(({ showPast }) => showPast(id))],
    ["cookies", "Put its cookies into the jar", () => putExchange(id), "", "b"],
    scheme === "https" && ["pass", "Stop intercepting this host", () => stopIntercepting(id), "", "i"],
    ["trash", "Delete", async () => (await deleteExchanges({ exchanges: [id] })) && toList(), "danger", "Del"],
  ]);
}

/**
 * @param {Detail} exchange
 * @param {string} against
 * @returns {Tab[]}
 */
function tabsOf({ kind, scheme, messages, request, response, client_connection: client, upstream_connection: upstream }, against) {
  const cookies = [...request.headers, ...(response?.headers ?? [])].filter(({ name }) => /^(set-)?cookie$/i.test(name));
  return [
    ...(against ? [{ id: "compare", word: "Compare" }] : []),
    { id: "overview", word: "Overview" },
    ...(isBare(kind) ? [] : [{ id: "request", word: "Request" }, { id: "response", word: "Response" }]),
    ...(hasMessages(kind) ? [{ id: "messages", word: "Messages", n: count(messages) }] : []),
    ...(cookies.length ? [{ id: "cookies", word: "Cookies", n: cookies.length }] : []),
    { id: "timing", word: "Timing" },
    ...(scheme === "https" || client?.tls || upstream?.tls ? [{ id: "tls", word: "TLS" }] : []),
  ];
}

/**
 * @param {string} captured
 * @param {Detail} sent
 */
function comparing(captured, sent) {
  const element = h("div", { class: "scroll body", tabindex: 0, "aria-label": "Differences" });
  void import("../editor/compare.js").then(({ compare }) => compare(captured, sent, element));
  return element;
}
