// The history: what was sent and every session, by day, the newest first.

import { ApiError } from "../api.js";
import { bringBack } from "../api-control.js";
import { forget, history, historySettings, saveResponses, send } from "../api-desk.js";
import { askSure } from "../dialog.js";
import { button, h, icon } from "../dom.js";
import { bytes, clock, count, day, duration, plural, visible } from "../format.js";
import { recent, remember } from "../filter/recent.js";
import { openMenu } from "../popover.js";
import { reasonOf, saying } from "../reason.js";
import { go, inCollections, linkTo } from "../route.js";
import { notify, store } from "../state.js";
import { outcome, outcomeMark } from "../table/outcome.js";
import { offerUndo } from "../undo.js";

/** @import { SendEntry, SessionEntry } from "../api-types.js" */

/** Entries of a page, and milliseconds before the list follows what was typed or happened. */
const PAGE = 100, PAUSE = 250, SLOW = 3000;

/** How a send ended, as its entry tells. @param {SendEntry} entry */
export function sendMark({ state, status, error }) {
  if (state === "failed") return outcomeMark({ color: "failed", shape: "s-failed", word: visible(error?.stage ?? "failed") });
  if (state === "cancelled" || state === "interrupted") return outcomeMark({ color: "client", shape: "s-client", word: state });
  return outcomeMark(outcome({ kind: "http", status: status ?? 0, done: state === "done", failed: false }));
}

/**
 * A link to a send.
 * @param {SendEntry} entry
 * @param {...Node} content
 */
export function sendLink({ id, method, url }, ...content) {
  const at = `send/${id}`;
  return linkTo(inCollections(at), { class: "item", "data-at": at, title: `${method} ${visible(url)}` }, ...content);
}

/** @param {string} url Without what all have. */
const short = (url) => visible(url.replace(/^https?:\/\//i, ""));

export class HistoryList {
  constructor() {
    this.field = h("input", { class: "field mono", type: "search", "aria-label": "Filter the history", placeholder: "Filter: status:5xx", autocomplete: "off", spellcheck: "false", list: "earlier", oninput: () => this.#soon() });
    this.field.addEventListener("change", () => remember(this.field.value.trim()));
    this.error = h("p", { class: "ferr pad", role: "status", hidden: true });
    this.list = h("div", { class: "scroll body histlist", "aria-label": "History", role: "navigation", onkeydown: (/** @type {KeyboardEvent} */ event) => this.#key(event) });
    const box = (this.saving = h("input", { type: "checkbox", onchange: () => void saying(saveResponses(box.checked), box.checked ? "Responses are saved" : "Responses are not saved from now on") }));
    this.element = h("div", { class: "pane body" }, h("div", { class: "pad" }, this.field, h("datalist", { id: "earlier" }, ...recent().slice(0, 12).map((value) => h("option", { value })))), this.error, this.list,
      h("div", { class: "sub ruled" }, h("label", { class: "check" }, box, "Save responses"), h("span", { class: "grow" }), button({ icon: "trash", label: "Clear all sends", word: "Clear all", class: "tiny danger", onclick: () => this.#clear() })));
    /** @type {(SendEntry | SessionEntry)[]} */
    this.items = [];
    /** @type {string | null} */
    this.next = null;
    void historySettings().then(({ save_responses: on }) => (box.checked = on), () => {});
    this.shown = "";
    store.watch(["sendsAt", "stale"], () => this.#soon());
    // Sessions change with every exchange.
    store.watch(["sessions"], () => (this.later ||= setTimeout(() => {
      this.later = 0;
      this.#soon();
    }, SLOW)));
    store.watch(["route"], ({ route }) => {
      this.#mark();
      if (this.missed && route.screen === "collections") this.#soon();
    });
  }

  /** To the field. */
  focus() {
    this.field.select();
  }

  #soon() {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => {
      this.missed = store.state.route.screen !== "collections";
      if (!this.missed) void this.#load();
    }, PAUSE);
  }

  /** @param {string} [cursor] what is older follows */
  async #load(cursor) {
    this.asking?.abort();
    const { signal } = (this.asking = new AbortController()), filter = this.field.value.trim();
    try {
      const { items, next } = await history({ filter, limit: PAGE, cursor }, signal);
      this.items = cursor ? [...this.items, ...items] : items;
      this.next = next ?? null;
      this.error.hidden = true;
      this.#show(filter);
    } catch (error) {
      if (!(error instanceof ApiError)) return;
      this.error.hidden = false;
      this.error.replaceChildren(icon("s-failed", "i12"), h("span", null, reasonOf(error)));
    }
  }

  /** @param {string} filter */
  #show(filter) {
    const text = JSON.stringify([this.items, this.next, filter]);
    if (text === this.shown) return;
    this.shown = text;
    const focused = document.activeElement?.closest("[data-at]")?.getAttribute("data-at"), days = new Map();
    for (const item of this.items) {
      const word = dayWord(item.at_us);
      days.set(word, [...(days.get(word) ?? []), item.kind === "send" ? this.#send(item) : this.#session(item)]);
    }
    this.list.replaceChildren(...[...days].flatMap(([word, lines]) => [h("h3", { class: "gh" }, word), h("ul", null, ...lines)]),
      this.items.length ? "" : h("p", { class: "note" }, filter ? "No send matches." : "Nothing sent yet. What you send is listed here, and every session."),
      this.next ? h("div", { class: "sub" }, button({ word: "Older", class: "tiny", onclick: () => void this.#load(this.next ?? undefined) })) : "");
    this.#mark();
    if (focused) /** @type {HTMLElement | null} */ (this.list.querySelector(`[data-at="${focused}"]`))?.focus();
  }

  #mark() {
    const { at, screen } = store.state.route;
    for (const link of this.list.querySelectorAll("[data-at]")) link.toggleAttribute("aria-current", screen === "collections" && link.getAttribute("data-at") === at);
    this.list.querySelector("[aria-current]")?.setAttribute("aria-current", "page");
  }

  /** @param {SendEntry} entry */
  #send(entry) {
    const { id, at_us: at, method, url, duration_us: took, bytes: size } = entry;
    const [, host = "", path = ""] = /^([^/?#]*)(.*)$/s.exec(short(url)) ?? [];
    const more = button({ icon: "more", label: `More about ${method} ${short(url)}`, class: "tiny", onclick: () => this.#menu(more, entry) });
    const link = sendLink(entry, h("span", { class: "m", "data-method": method }, visible(method.length > 5 ? method.slice(0, 3) : method)), h("span", { class: "trunc grow" }, path, h("span", { class: "dim" }, ` ${host}`)), sendMark(entry));
    link.title += `\n${clock(at).slice(0, 8)}${took === null ? "" : `, ${duration(took)}`}${size === null ? "" : `, ${bytes(size)}`}`;
    return h("li", { "data-send": id }, link, more);
  }

  /** @param {SessionEntry} entry */
  #session({ session, name, source, duration_us: took, exchanges, bytes: size }) {
    return h("li", null, linkTo({ screen: "session", session, id: "", tab: "" }, { class: "item", title: `Session ${session}, ${source}${took === null ? "" : `, ${duration(took)}`}` }, icon(source === "import" ? "import" : "sessions"), h("span", { class: "trunc grow" }, visible(name)), h("span", { class: "r" }, `${count(exchanges)} · ${bytes(size)}`)));
  }

  /** @param {Element} anchor @param {SendEntry} entry */
  #menu(anchor, entry) {
    const { exchange } = entry, { at } = store.state.route;
    openMenu(anchor, "Send", [
      ["resend", "Send again", () => this.#again(entry)],
      exchange && at.startsWith("send/") && at !== `send/${entry.id}` && ["diff", "Compare the open one with it", () => go({ against: exchange }, { replace: true })],
      exchange && ["live", "Open its exchange", () => go({ screen: "exchange", session: null, id: exchange, tab: "" })],
      ["trash", "Delete", () => this.#remove(entry), "danger"],
    ]);
  }

  /** @param {SendEntry} entry */
  async #again({ id, method, url }) {
    notify(`Sending ${method} ${short(url)} again…`);
    await saying(send({ again: id }).then((sent) => go(inCollections(`send/${sent.send}`))), "Sent again");
  }

  /** @param {SendEntry} entry */
  async #remove({ id, method, url }) {
    const deletion = await saying(forget(id), "");
    if (!deletion) return;
    this.#soon();
    offerUndo(`Deleted ${method} ${short(url)}.`, () => this.#bringBack(deletion.id));
  }

  #clear() {
    askSure("Clear the history?", "Clear all", "All sends go, with their exchanges. Sessions stay. For a few seconds it can be undone.", async () => {
      const deletion = await saying(forget(), "");
      if (!deletion) return;
      this.#soon();
      offerUndo(`Cleared the history: ${plural(deletion.exchanges, "exchange")} deleted.`, () => this.#bringBack(deletion.id));
    });
  }

  /** @param {number} id */
  async #bringBack(id) {
    await saying(bringBack(id), "Brought back");
    this.#soon();
  }

  /** @param {KeyboardEvent} event */
  #key(event) {
    const line = event.target instanceof Element ? event.target.closest("li") : null, links = /** @type {HTMLElement[]} */ ([...this.list.querySelectorAll("a.item")]);
    if (!line || event.ctrlKey || event.metaKey || event.altKey) return;
    const entry = this.items.find((item) => item.kind === "send" && String(item.id) === line.dataset.send), at = links.findIndex((link) => line.contains(link));
    const step = event.key === "ArrowDown" || event.key === "j" ? 1 : event.key === "ArrowUp" || event.key === "k" ? -1 : 0;
    if (step) links[at + step]?.focus();
    else if (event.key === "r" && entry?.kind === "send") void this.#again(entry);
    else if (event.key === "Delete" && entry?.kind === "send") {
      (links[at + 1] ?? links[at - 1])?.focus();
      void this.#remove(entry);
    } else return;
    event.preventDefault();
  }
}

/** @param {number} us */
export function dayWord(us) {
  const date = (/** @type {number} */ ms) => new Date(ms).toDateString(), that = date(us / 1000);
  return that === date(Date.now()) ? "Today" : that === date(Date.now() - 864e5) ? "Yesterday" : day(us);
}
