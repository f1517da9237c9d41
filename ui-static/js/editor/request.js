// A request that is written, and beneath it the answer.

import { ApiError } from "../api.js";
import { changeItem, item } from "../api-collections.js";
import { draftOf, preview, send, sendOf } from "../api-desk.js";
import { crumbs } from "../collections/crumbs.js";
import { keepRequest } from "../collections/keep.js";
import { changing } from "../collections/known.js";
import { messagePart } from "../conversation/composer.js";
import { isSocket, kindOf, optionsOf, orderOf, setOptions } from "../conversation/kind.js";
import { connectionPart } from "../conversation/options.js";
import { ConversationPane } from "../conversation/pane.js";
import { button, h } from "../dom.js";
import { visible } from "../format.js";
import { banner } from "../notices.js";
import { go } from "../route.js";
import { moment } from "../sessions/words.js";
import { store } from "../state.js";
import { Tabs } from "../tabs.js";
import { authPart } from "./auth.js";
import { bodyPart } from "./body.js";
import { cookiesPart, withCookies } from "./cookies.js";
import { mergedQuery, outgoing, whole } from "./draft.js";
import { forgetDraft, keepDraft, keptDraft } from "./drafts.js";
import { aboutPart } from "./about.js";
import { headersPart, paramsPart } from "./fields.js";
import { choice, field, fill, inked } from "./ink.js";
import { ResponsePane } from "./response.js";
import { settingsPart } from "./settings.js";
import { variablesPart } from "./variables.js";

/** @import { Draft, Preview, SendDetail } from "../api-types.js" */
/** @import { ItemDetail, SavedModel } from "../collections/types.js" */
/** @import { Kind } from "../conversation/kind.js" */
/** @import { Part } from "./fields.js" */

/** Milliseconds after a change before the daemon is asked what would be sent. */
const PAUSE = 300;
const EXCHANGE = /^\d+\.\d+$/;

export class RequestEditor {
  constructor() {
    /** Where the request is from: `send/12`, `from/7.42`, or empty for a new one. @type {string | null} */
    this.at = null;
    /** The part of the request that is shown. @type {string | undefined} */
    this.part = undefined;
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
    this.save = button({ icon: "check", label: "Save", word: "Save", class: "tiny", onclick: () => void this.#save() });
    this.called = field("Name of the request", "", (name) => {
      if (this.item) this.item.item.name = name;
      this.changed();
    }, { class: "field inline name", maxlength: 200 });
    this.edited = h("span", { class: "tag warn", hidden: true }, "edited");
    this.revert = button({ icon: "back", label: "Revert: as it was before it was edited", word: "Revert", class: "tiny", onclick: () => this.#revert() });
    this.compare = button({ icon: "diff", label: "Compare with captured", word: "Compare with captured", class: "tiny", onclick: () => go({ against: this.from }, { replace: true }) });
    this.verb = h("input", { class: "verb", "aria-label": "Method", spellcheck: "false", autocomplete: "off", autocapitalize: "characters", list: "verbs", oninput: () => {
      this.draft.method = this.verb.value;
      this.changed();
    } });
    this.url = h("input", { class: "u", type: "text", inputmode: "url", "aria-label": "URL", placeholder: "https://example.com/ or {{base}}/path", spellcheck: "false", autocomplete: "off", autocapitalize: "off", oninput: () => {
      this.draft.query = mergedQuery(this.draft.query, this.url.value);
      this.draft.url = this.url.value;
      this.changed();
    } });
    this.sendButton = button({ icon: "send", label: "Send", word: "Send", class: "primary send", onclick: () => (this.sending ? this.sending.abort() : this.conversation.live ? void this.conversation.disconnect() : void this.send()) });
    /** Whether it is a request, or begins a conversation. @type {Kind} */
    this.kind = "request";
    this.kinds = choice("What comes back", [["", "Response"], ["sse", "Event stream"], ["websocket", "WebSocket"]], "", (kind) => {
      setOptions(this.draft, { ...optionsOf(this.draft), kind: kind === "sse" || kind === "websocket" ? kind : undefined });
      this.changed();
    });
    this.trouble = h("div", { role: "alert" });
    /** Says whose request it is, if it is not the user's. */
    this.whose = h("div");
    this.tabs = new Tabs("Parts of the request", "request-panel", (tab) => go({ tab }, { replace: true }));
    this.panel = h("div", { class: "pane body", id: "request-panel", role: "tabpanel" });
    this.response = new ResponsePane(this);
    this.conversation = new ConversationPane(this);
    /** @type {Map<string, Part>} */
    this.parts = new Map();
    const verbs = h("datalist", { id: "verbs" }, ...["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS", "QUERY", "PROPFIND", "PURGE"].map((value) => h("option", { value })));
    this.element = h("div", { class: "pane editor" },
      h("section", { class: "pane", "aria-label": "Request" },
        h("div", { class: "sub" }, button({ icon: "back", label: "Collections and history", class: "tiny only-s", onclick: () => document.querySelector(".coll")?.classList.add("listing") }), this.crumb, this.title, this.called, this.edited, h("span", { class: "grow" }), this.revert, this.compare, this.save),
        h("div", { class: "bar pad" }, h("div", { class: "urlbar" }, this.verb, inked(this.url)), this.kinds, this.sendButton, verbs), this.whose, this.trouble, this.tabs.element, this.panel),
      this.response.element, this.conversation.element);
    this.element.addEventListener("keydown", (event) => this.#key(event));
    store.watch(["environments"], () => this.#ask());
    store.watch(["sendsAt"], () => void this.#ended());
  }

  /** @param {import("../route.js").Route} route */
  async show({ at, tab, against }) {
    if (at !== this.at) await this.#load(at);
    if (at !== this.at) return;
    this.#showPart(tab);
    this.response.against(against);
  }

  /** @param {1 | -1} step */
  turn(step) {
    go({ tab: this.tabs.beside(this.part ?? "params", step) }, { replace: true });
  }

  /** @param {string} at */
  async #load(at) {
    this.sending?.abort();
    this.at = at;
    this.from = "";
    this.cookies = { jar: "default" };
    this.trouble.replaceChildren();
    const [kind, id = ""] = at.split("/");
    /** @type {Draft} */
    let draft = { url: "" };
    /** @type {SendDetail | null} */
    let sent = null;
    /** @type {ItemDetail | null} */
    let kept = null;
    try {
      if (kind === "item") {
        kept = this.opened?.id === Number(id) ? this.opened : await item(Number(id));
        draft = /** @type {SavedModel} */ (kept.item).request;
        this.from = EXCHANGE.test(/** @type {SavedModel} */ (kept.item).from ?? "") ? String(/** @type {SavedModel} */ (kept.item).from) : "";
      } else if (kind === "send") {
        sent = await sendOf(Number(id));
        draft = sent.request ?? { url: sent.url, method: sent.method };
        this.from = EXCHANGE.test(sent.from ?? "") ? String(sent.from) : "";
      } else if (kind === "from") {
        draft = await draftOf(id);
        this.from = id;
      }
    } catch (error) {
      if (error instanceof ApiError && at === this.at) this.trouble.replaceChildren(banner("err", `${error.message[0].toUpperCase()}${error.message.slice(1)}`, error.hint));
    }
    if (at !== this.at) return;
    this.item = kept;
    this.mine = false;
    this.opened = null;
    this.sent = 0;
    this.crumb.hidden = !at;
    this.crumb.replaceChildren(kept ? crumbs(kept) : kind === "send" && sent ? `History / ${moment(sent.at_us)} /` : kind === "from" ? `Captured / ${id} /` : "");
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
    this.parts.clear();
    this.part = undefined;
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
    const parts = { message: kind === "websocket" && "Message", params: "Params", headers: "Headers", body: kind !== "websocket" && "Body", auth: "Auth", cookies: !talks && "Cookies", variables: "Variables", connection: talks && "Connection", settings: "Settings", about: this.item && "About" };
    this.tabs.set(Object.entries(parts).flatMap(([id, word]) => (word ? [{ id, word, n: "" }] : [])));
    this.parts.delete("connection");
    this.kinds.value = talks ? kind : "";
    this.verb.hidden = kind === "websocket";
    this.response.element.hidden = talks;
    this.conversation.element.hidden = !talks;
    this.conversationChanged();
    if (talks) void this.conversation.find(this.draft.url.trim());
    if (this.part !== undefined) this.#showPart(kind === "websocket" ? "message" : this.part);
  }

  /** How the conversation stands has changed. */
  conversationChanged() {
    const talks = this.kind !== "request", word = !talks ? "Send" : this.conversation?.live ? "Disconnect" : "Connect";
    if (this.sending) return;
    this.sendButton.lastChild?.replaceWith(word);
    this.sendButton.title = `${word} (Ctrl+Enter)`;
    this.parts?.get("message")?.update?.();
  }

  #revert() {
    forgetDraft(this.at ?? "");
    if (this.item) Object.assign(this.item.item, JSON.parse(this.was ?? "{}"));
    this.called.value = this.item?.item.name ?? "";
    this.#take(JSON.parse(this.baseline ?? "{}"));
    this.#showPart(store.state.route.tab);
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
    const on = (/** @type {{ disabled?: boolean, key: string }[]} */ rows) => rows.filter(({ disabled, key }) => !disabled && key).length || "";
    this.tabs.count("params", String(on(draft.query)));
    this.tabs.count("headers", String(on(draft.headers)));
    this.tabs.count("body", draft.body.mode === "none" ? "" : "•");
    this.tabs.count("auth", /^(inherit|none)$/.test(draft.auth.type) ? "" : "•");
    this.tabs.count("settings", String(Object.keys(draft.settings).length || ""));
    this.parts.get("params")?.update?.();
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
      go({ screen: "collections", at: `item/${id}`, tab: "", against: "" });
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
      const missing = this.preview?.unresolved?.length ?? 0;
      this.tabs.count("variables", missing ? `${missing} not set` : String(this.preview?.variables?.length || ""));
      const cookie = this.preview?.headers.find(({ key }) => key.toLowerCase() === "cookie")?.value;
      this.tabs.count("cookies", cookie ? String(cookie.split(";").length) : "");
      for (const name of ["headers", "auth", "cookies", "variables"]) this.parts.get(name)?.update?.();
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
    this.parts.delete("settings");
    this.changed();
    void this.send();
  }

  /** @param {string} tab */
  #showPart(tab) {
    const part = this.tabs.buttons.has(tab) ? tab : this.tabs.buttons.has(this.part ?? "") ? String(this.part) : this.kind === "websocket" ? "message" : this.draft.body.mode === "none" ? "params" : "body";
    const shown = this.parts.get(part) ?? PARTS[part](this);
    this.parts.set(part, shown);
    this.part = part;
    this.tabs.select(part);
    this.panel.setAttribute("aria-labelledby", `tab-${part}`);
    if (this.panel.firstElementChild !== shown.element) this.panel.replaceChildren(shown.element);
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

/** @type {Record<string, (editor: RequestEditor) => Part>} */
const PARTS = { params: paramsPart, headers: headersPart, body: bodyPart, auth: authPart, cookies: cookiesPart, variables: variablesPart, settings: settingsPart, about: aboutPart, message: messagePart, connection: connectionPart };
