// A request that is written, and beneath it the answer.

import { ApiError } from "../api.js";
import { changeItem } from "../api-collections.js";
import { preview, send, sendOf } from "../api-desk.js";
import { crumbs } from "../collections/crumbs.js";
import { keepRequest } from "../collections/keep.js";
import { changing } from "../collections/known.js";
import { isSocket, kindOf, optionsOf, orderOf, setOptions } from "../conversation/kind.js";
import { ConversationPane } from "../conversation/pane.js";
import { button, h } from "../dom.js";
import { visible } from "../format.js";
import { banner } from "../notices.js";
import { go, inCollections } from "../route.js";
import { moment } from "../sessions/words.js";
import { store } from "../state.js";
import { withCookies } from "./cookies.js";
import { mergedQuery, outgoing, whole } from "./draft.js";
import { forgetDraft, keepDraft, keptDraft } from "./drafts.js";
import { choice, field, fill, inked } from "./ink.js";
import { NEW, requestAt } from "./origin.js";
import { RequestParts } from "./parts.js";
import { ResponsePane } from "./response.js";

/** @import { Draft, Preview } from "../api-types.js" */
/** @import { ItemDetail, SavedModel } from "../collections/types.js" */
/** @import { Kind } from "../conversation/kind.js" */

/** Milliseconds after a change before the daemon is asked what would be sent. */
const PAUSE = 300;

export class RequestEditor {
  constructor() {
    /** Where the request is from: `send/12`, `from/7.42`, or empty for a new one. @type {string | null} */
    this.at = null;
    this.draft = whole({});
    /** @type {Preview | null} What would be sent, once known. */
    this.preview = null;
    /** The captured exchange this began with, or empty. */
    this.from = "";
    /** Whose cookies go along. @type {import("../api-types.js").WhichCookies} */
    this.cookies = { jar: "default" };
    /** The saved request that is open. @type {ItemDetail | null} */
    this.item = null;
    /** Whether the user has said to send as their own what a page wrote. */
    this.mine = false;
    /** The last send of it. */
    this.sent = 0;
    this.title = h("h1", { class: "trunc" });
    this.crumb = h("span", { class: "dim crumb" });
    this.save = button({ icon: "check", word: "Save", class: "tiny", onclick: () => void this.#save() });
    this.called = field("Name of the request", "", (name) => {
      if (this.item) this.item.item.name = name;
      this.changed();
    }, { class: "field inline name", maxlength: 200 });
    this.edited = h("span", { class: "tag warn", hidden: true }, "edited");
    this.revert = button({ icon: "back", label: "Revert: as it was before it was edited", word: "Revert", class: "tiny", onclick: () => this.#revert() });
    this.compare = button({ icon: "diff", word: "Compare with captured", class: "tiny", onclick: () => go({ against: this.from }, { replace: true }) });
    this.verb = h("input", { class: "verb", "aria-label": "Method", spellcheck: "false", autocomplete: "off", autocapitalize: "characters", list: "verbs", oninput: () => {
      this.draft.method = this.verb.value;
      this.changed();
    } });
    this.url = h("input", { class: "u", type: "text", inputmode: "url", "aria-label": "URL", placeholder: "https://example.com/ or {{base}}/path", spellcheck: "false", autocomplete: "off", autocapitalize: "off", oninput: () => {
      this.draft.query = mergedQuery(this.draft.query, this.url.value);
      this.draft.url = this.url.value;
      this.changed();
    } });
    this.sendButton = button({ icon: "send", word: "Send", class: "primary send", onclick: () => (this.sending ? this.sending.abort() : this.conversation.live ? void this.conversation.disconnect() : void this.send()) });
    /** Whether it is a request, or begins a conversation. @type {Kind} */
    this.kind = "request";
    this.kinds = choice("What comes back", [["", "Response"], ["sse", "Event stream"], ["websocket", "WebSocket"]], "", (kind) => {
      setOptions(this.draft, { ...optionsOf(this.draft), kind: kind === "sse" || kind === "websocket" ? kind : undefined });
      this.changed();
    });
    this.trouble = h("div", { role: "alert" });
    this.parts = new RequestParts(this);
    /** Says whose request it is, if it is not the user's. */
    this.whose = h("div");
    this.response = new ResponsePane(this);
    this.conversation = new ConversationPane(this);
    const verbs = h("datalist", { id: "verbs" }, ...["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS", "QUERY", "PROPFIND", "PURGE"].map((value) => h("option", { value })));
    this.element = h("div", { class: "pane editor" },
      h("section", { class: "pane", "aria-label": "Request" },
        h("div", { class: "sub" }, button({ icon: "back", label: "Collections and history", class: "tiny only-s", onclick: () => document.querySelector(".coll")?.classList.add("listing") }), this.crumb, this.title, this.called, this.edited, h("span", { class: "grow" }), this.revert, this.compare, this.save),
        h("div", { class: "bar pad" }, h("div", { class: "urlbar" }, this.verb, inked(this.url)), this.kinds, this.sendButton, verbs), this.whose, this.trouble, this.parts.tabs.element, this.parts.panel),
      this.response.element, this.conversation.element);
    this.element.addEventListener("keydown", (event) => this.#key(event));
    store.watch(["environments"], () => this.#ask());
    store.watch(["sendsAt"], () => void this.#ended());
  }

  /** @param {import("../route.js").Route} route */
  async show({ at, tab, against }) {
    if (at !== this.at) await this.#load(at);
    if (at !== this.at) return;
    this.parts.show(tab);
    this.response.against(against);
  }

  /** @param {1 | -1} step */
  turn(step) {
    go({ tab: this.parts.beside(step) }, { replace: true });
  }

  /** @param {string} at */
  async #load(at) {
    this.sending?.abort();
    this.at = at;
    this.from = "";
    this.cookies = { jar: "default" };
    this.trouble.replaceChildren();
    const { draft, sent, kept, from } = await requestAt(at, this.opened).catch((error) => {
      if (error instanceof ApiError && at === this.at) this.trouble.replaceChildren(banner("err", `${error.message[0].toUpperCase()}${error.message.slice(1)}`, error.hint));
      return NEW;
    });
    if (at !== this.at) return;
    this.item = kept;
    this.from = from;
    this.mine = false;
    this.opened = null;
    this.sent = 0;
    this.crumb.hidden = !at;
    this.crumb.replaceChildren(kept ? crumbs(kept) : sent ? `History / ${moment(sent.at_us)} /` : from ? `Captured / ${from} /` : "");
    this.called.value = kept?.item.name ?? "";
    this.called.hidden = !kept;
    this.title.hidden = Boolean(kept);
    this.was = this.#own();
    this.baseline = JSON.stringify(outgoing(whole(draft)));
    this.#take(keptDraft(at) ?? draft);
    this.running = sent?.state === "running" ? sent.id : 0;
    if (sent) void this.response.showEntry(sent);
    else this.response.rest();
    if (sent?.exchange && this.kind !== "request" && !this.conversation.live) this.conversation.past(sent.exchange);
    if (!at) this.url.focus();
  }

  /** What was on its way when it was opened may have come to its end. */
  async #ended() {
    const { at, running } = this, entry = running ? await sendOf(running).catch(() => null) : null;
    if (!entry || entry.state === "running" || at !== this.at || !this.running) return;
    this.running = 0;
    void this.response.showEntry(entry);
  }

  /** @param {Draft} draft */
  #take(draft) {
    this.draft = whole(draft);
    this.#showAuthor();
    this.preview = null;
    this.parts.forget();
    this.verb.value = this.draft.method;
    fill(this.url, this.draft.url);
    if (this.conversation.live === false || this.conversation.now?.url !== draft.url) this.conversation.rest();
    this.#setKind();
    this.changed();
  }

  /** Somebody else's request says so until it is the user's. */
  #showAuthor() {
    const { written_by: author } = this.draft;
    this.whose.replaceChildren(...(author ? [banner("warn", `Written by ${visible(author)}.`, "It was sent within what that page may. Sent from here it has what is yours: Waylay asks first.")] : []));
  }

  /** The user has said so: from now on it is theirs. */
  own() {
    this.mine = true;
    delete this.draft.written_by;
    this.#showAuthor();
    this.changed();
  }

  /** It is a request or begins a conversation: each has parts of its own. */
  #setKind() {
    const kind = (this.kind = kindOf(this.draft)), talks = kind !== "request";
    this.kinds.value = talks ? kind : "";
    this.verb.hidden = kind === "websocket";
    this.response.element.hidden = talks;
    this.conversation.element.hidden = !talks;
    this.conversationChanged();
    if (talks) void this.conversation.find(this.draft.url.trim());
    this.parts.offer(kind, Boolean(this.item));
  }

  /** How the conversation stands has changed. */
  conversationChanged() {
    const talks = this.kind !== "request", word = !talks ? "Send" : this.conversation?.live ? "Disconnect" : "Connect";
    if (this.sending) return;
    this.sendButton.lastChild?.replaceWith(word);
    this.sendButton.title = `${word} (Ctrl+Enter)`;
    this.parts?.update("message");
  }

  #revert() {
    forgetDraft(this.at ?? "");
    if (this.item) Object.assign(this.item.item, JSON.parse(this.was ?? "{}"));
    this.called.value = this.item?.item.name ?? "";
    this.#take(JSON.parse(this.baseline ?? "{}"));
    this.parts.show(store.state.route.tab);
  }

  /** The query was edited in its table. @param {string} url */
  setUrl(url) {
    this.draft.url = url;
    fill(this.url, url);
    this.changed();
  }

  /** The draft is not what it was. */
  changed() {
    if (kindOf(this.draft) !== this.kind) this.#setKind();
    this.kinds.hidden = isSocket(this.draft.url);
    const { draft } = this, text = JSON.stringify(outgoing(draft)), changed = text !== this.baseline, edited = changed || this.was !== this.#own();
    keepDraft(this.at ?? "", changed ? text : null);
    this.edited.hidden = this.revert.hidden = !edited;
    this.edited.textContent = this.item ? "unsaved" : this.at ? "edited" : "unsaved";
    this.save.disabled = this.item ? !edited : !draft.url.trim();
    this.compare.hidden = !this.from;
    this.verb.dataset.method = draft.method;
    this.title.textContent = visible(draft.url.replace(/^[a-z]+:\/\/|[?#].*$/gi, "")) || "New request";
    this.parts.count(draft);
    this.#ask();
  }

  /** What is said about a saved request besides what is sent. */
  #own() {
    if (!this.item) return "";
    const { name, description = null, variables = [] } = /** @type {SavedModel} */ (this.item.item);
    return JSON.stringify({ name, description, variables });
  }

  /** Keeps what was written: where it is from, or where one says. */
  async #save() {
    const { item: kept, draft } = this, at = this.at ?? "", request = outgoing(draft);
    if (!kept) return keepRequest(request, this.from, (id) => {
      forgetDraft(at);
      go(inCollections(`item/${id}`));
    });
    const to = { ...kept.item, request };
    if ((await changing(changeItem(kept.id, to), "Saved")) === null || this.item !== kept) return;
    kept.item = /** @type {SavedModel} */ (to);
    this.was = this.#own();
    this.baseline = JSON.stringify(request);
    this.changed();
  }

  /** Opens a saved request that is at hand. @param {ItemDetail} found */
  take(found) {
    this.opened = found;
    if (this.item?.id === found.id && this.edited.hidden) this.at = null;
  }

  /** What is said around it. */
  get inherited() { return this.item?.inherited ?? null; }

  /** Asks what would be sent, a little later. */
  #ask() {
    clearTimeout(this.timer);
    this.asking?.abort();
    this.timer = setTimeout(async () => {
      if (!this.draft.url.trim()) return;
      const { signal } = (this.asking = new AbortController());
      this.preview = await preview(this.#order(), signal).catch(() => null);
      if (signal.aborted) return;
      this.parts.foresee(this.preview);
    }, PAUSE);
  }

  /** Of a request that a page wrote, the send it was made from; and the user's word. */
  #whose() {
    const [, send] = /^send\/(\d+)$/.exec(this.at ?? "") ?? [];
    return { ...(send && this.draft.written_by && { again: Number(send) }), ...(this.mine && { as_mine: true }) };
  }

  #order() {
    return { ...withCookies(outgoing(this.draft), this.cookies), ...(this.item ? { item: this.item.id } : this.from ? { from: this.from } : {}), ...this.#whose() };
  }

  async send() {
    if (this.sending || !this.draft.url.trim()) return;
    if (this.kind !== "request") return this.conversation.live ? undefined : this.conversation.connect({ ...orderOf(outgoing(this.draft), this.item?.id), ...this.#whose() });
    const sending = (this.sending = new AbortController()), order = this.#order(), before = this.at ?? "";
    this.sendButton.lastChild?.replaceWith("Cancel");
    this.trouble.replaceChildren();
    this.response.begin();
    try {
      const answer = await send(order, (event) => this.response.progress(event), sending.signal);
      if (this.at !== before) return;
      if (order.as_mine) this.own();
      if (this.item) {
        this.sent = answer.send;
        this.response.show(answer);
        return store.set({ sendsAt: store.state.sendsAt + 1 });
      }
      // What was sent is in the history: from now on this is that entry.
      forgetDraft(before);
      this.at = `send/${answer.send}`;
      this.baseline = JSON.stringify(outgoing(this.draft));
      this.crumb.hidden = false;
      this.crumb.textContent = `History / ${moment(Date.now() * 1000)} /`;
      this.changed();
      this.response.show(answer);
      go({ at: this.at });
    } catch (error) {
      if (sending.signal.aborted) this.response.rest("Cancelled. The connection to the origin is closed; the attempt is in the history.");
      else if (error instanceof ApiError) {
        this.response.rest();
        this.trouble.replaceChildren(banner("err", `Not sent: ${error.message}`, error.hint));
      }
    } finally {
      if (this.sending === sending) this.sending = undefined;
      if (!this.sending) this.sendButton.lastChild?.replaceWith("Send");
    }
  }

  /** Changes a setting of this request alone and sends again. @param {Record<string, unknown>} settings */
  sendWith(settings) {
    Object.assign(this.draft.settings, settings);
    this.parts.forget("settings");
    this.changed();
    void this.send();
  }

  /** @param {KeyboardEvent} event */
  #key(event) {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
      event.preventDefault();
      void this.send();
    } else if (event.key === "Enter" && event.target === this.url) {
      event.preventDefault();
      void this.send();
    } else if (event.key === "Escape" && event.target instanceof HTMLElement && event.target.matches("input, textarea, select")) {
      event.preventDefault();
      event.target.blur();
    }
  }
}
