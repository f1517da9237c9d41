// A conversation: how it stands, and what both sides have said so far.

import { ApiError, exchange as fetchExchange } from "../api.js";
import { closeConversation, connect, conversation, conversations } from "../api-conversations.js";
import { h, icon } from "../dom.js";
import { sentences } from "../fault.js";
import { visible } from "../format.js";
import { MessagesPanel } from "../messages/panel.js";
import { closing } from "../messages/words.js";
import { banner } from "../notices.js";
import { follow, href } from "../route.js";
import { store } from "../state.js";

/** @import { Summary } from "../api-types.js" */
/** @import { RequestEditor } from "../editor/request.js" */
/** @import { Conversation, ConversationOrder } from "./types.js" */

/** Colour, shape, word. @type {Record<Conversation["state"], [string, string, string]>} */
const STATES = {
  connecting: ["pending", "s-pending", "connecting"], open: ["ok", "s-ok", "connected"], closing: ["pending", "s-pending", "closing"],
  waiting: ["client", "s-pending", "waiting to connect again"], closed: ["mid", "s-server", "closed"], failed: ["failed", "s-failed", "failed"],
};

export class ConversationPane {
  /** @param {RequestEditor} editor */
  constructor(editor) {
    this.editor = editor;
    this.id = 0;
    /** @type {Conversation | null} */
    this.now = null;
    /** @type {MessagesPanel | null} */
    this.panel = null;
    /** The exchange whose messages are shown. */
    this.exchange = "";
    this.state = h("span", { role: "status" });
    this.facts = h("div", { class: "rfacts dim" });
    this.trouble = h("div", { role: "alert" });
    this.content = h("div", { class: "pane body" });
    this.element = h("section", { class: "pane response", "aria-label": "Conversation" }, h("header", null, h("div", { class: "sub" }, h("h2", null, "Conversation"), this.state), this.facts), this.trouble, this.content);
    store.watch(["conversation"], ({ conversation: changed }) => changed?.id === this.id && void this.#refresh());
    this.rest();
  }

  /** Whether it is held, or will be again. */
  get live() { return this.now !== null && this.now.state !== "closed" && this.now.state !== "failed"; }

  /** Whether something can be sent. */
  get open() { return this.now?.state === "open"; }

  /** There is none. */
  rest() {
    this.id = 0;
    this.now = null;
    this.#drop();
    this.state.replaceChildren();
    this.facts.hidden = true;
    this.trouble.replaceChildren();
    this.content.replaceChildren(note("Connect, with the button or Ctrl+Enter: what both sides say appears here, and is kept."));
    this.editor.conversationChanged();
  }

  /** Shows what was said in one that is over. @param {string} exchange */
  past(exchange) {
    this.rest();
    this.facts.hidden = false;
    this.facts.replaceChildren(link(exchange));
    void this.#messages(exchange, this.editor.kind === "sse" ? "sse" : "websocket");
  }

  /** One that goes to this URL may be held already, by this page before it was loaded anew. @param {string} url */
  async find(url) {
    const { items } = await conversations().catch(() => ({ items: [] })), held = items.filter((one) => one.url === url && !/closed|failed/.test(one.state)).at(-1);
    if (!held || this.live || this.editor.draft.url.trim() !== url) return;
    this.id = held.id;
    this.#show(held);
  }

  /** @param {ConversationOrder} order */
  async connect(order) {
    this.rest();
    try {
      const { id } = await connect(order);
      if (order.as_mine) this.editor.own();
      this.id = id;
      await this.#refresh();
    } catch (error) {
      if (error instanceof ApiError) this.trouble.replaceChildren(banner("err", "Not connected:", visible(sentences(error))));
    }
  }

  async disconnect() {
    await closeConversation(this.id).catch((error) => this.trouble.replaceChildren(banner("err", "Not closed:", visible(sentences(error)))));
    await this.#refresh();
  }

  /** Rows of exchanges changed: messages may have come. @param {Summary[]} items */
  changed(items) {
    const row = items.find(({ id }) => id === this.exchange);
    if (row) this.panel?.update(row);
  }

  /** Asks how it stands; what changes meanwhile is asked for once more. */
  async #refresh() {
    const { id } = this;
    this.again = true;
    if (this.asking) return;
    this.asking = true;
    while (this.again && id === this.id) {
      this.again = false;
      const now = await conversation(id).catch(() => null);
      if (now && id === this.id) this.#show(now);
    }
    this.asking = false;
    if (id !== this.id && this.id) void this.#refresh();
  }

  /** @param {Conversation} now */
  #show(now) {
    this.now = now;
    const { state, close, error, exchange, protocol, extensions, attempt } = now, [color, shape, word] = STATES[state] ?? STATES.closed;
    const ended = close && `${close.code === null ? "ended" : closing(close.code)}${close.reason ? `: ${visible(close.reason)}` : ""}, by the ${close.by}`;
    this.state.replaceChildren(h("span", { class: `st ${color}` }, icon(shape, "i12"), word));
    this.facts.hidden = false;
    this.facts.replaceChildren(...[ended, protocol && `subprotocol ${visible(protocol)}`, extensions && visible(extensions), attempt > 1 && `attempt ${attempt}`].flatMap((fact) => (fact ? [h("span", null, fact)] : [])), ...(exchange ? [link(exchange)] : []));
    this.trouble.replaceChildren(...(error ? [banner("err", `${visible(error.stage)}:`, visible(sentences(error)))] : []));
    if (exchange && exchange !== this.exchange) void this.#messages(exchange, now.kind);
    else if (!exchange && !this.panel) this.content.replaceChildren(note(this.live ? "On its way." : "Nothing was said."));
    this.editor.conversationChanged();
  }

  /** @param {string} id @param {"websocket" | "sse"} kind */
  async #messages(id, kind) {
    this.#drop();
    this.exchange = id;
    const panel = (this.panel = new MessagesPanel({ id, kind, messages: 0, done: false }, (number) => panel.show(number)));
    this.content.replaceChildren(panel.element);
    const known = await fetchExchange(id).catch(() => null);
    if (known && this.panel === panel) panel.update(known);
  }

  #drop() {
    this.panel?.close();
    this.panel = null;
    this.exchange = "";
  }
}

/** @param {string} text */
const note = (text) => h("p", { class: "note" }, icon("info"), h("span", { class: "grow" }, text));

/** @param {string} id */
function link(id) {
  const to = { screen: /** @type {const} */ ("exchange"), session: null, id, tab: "", against: "", at: "" };
  return follow(h("a", { href: href({ ...store.state.route, ...to, filter: "" }) }, id), () => to);
}
