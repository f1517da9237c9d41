// One session: what it is and what can be done with it, its requests, its cookies, and graphs.

import { button, h } from "../dom.js";
import { bytes, count, day, plural, span, visible } from "../format.js";
import { openEdit } from "../inline-edit.js";
import { lazy } from "../lazy.js";
import { go } from "../route.js";
import { store } from "../state.js";
import { Tabs } from "../tabs.js";
import { lasted } from "../top-bar.js";
import { change } from "./actions.js";
import { askName } from "./ask.js";
import { removeSession } from "./remove.js";
import { moment, originOf, stateMark } from "./words.js";

/** @import { Session } from "../api-types.js" */
/** @import { SeenCookies } from "../cookies/seen.js" */
/** @import { LiveScreen } from "../live.js" */
/** @import { OverviewPanel } from "./overview.js" */

export class SessionPage {
  /** @param {LiveScreen} live the list, lent by the Live screen */
  constructor(live) {
    this.live = live;
    this.name = h("h1", { class: "trunc" });
    this.pin = button({ icon: "pin", label: "Pin", class: "tiny", onclick: () => this.#with(({ id, pinned }) => change(id, { pinned: !pinned })) });
    this.number = h("span", { class: "dim mono" });
    this.facts = h("div", { class: "foot meta" });
    this.note = h("p", { class: "sesnote" });
    this.tabs = new Tabs("Parts of the session", "session-panel", (part) => this.#open(part));
    this.panel = h("div", { class: "main grow", id: "session-panel", role: "tabpanel" });
    /** @type {OverviewPanel | null} */
    this.overview = null;
    /** @type {SeenCookies | null} */
    this.cookies = null;
    const rename = () => this.#with((session) => openEdit(this.name, session.name, "Name of the session", (name) => void change(session.id, { name })));
    const head = h("div", { class: "head open" }, button({ icon: "back", label: "All sessions", onclick: () => go({ screen: "sessions" }) }), this.name, this.pin, this.number, h("span", { class: "grow" }),
      button({ icon: "bookmark", label: "Save to a collection", word: "Save to collection", onclick: () => this.#with(saveSession) }),
      button({ icon: "resend", word: "Replay", onclick: () => this.#with(replaySession) }),
      button({ icon: "edit", word: "Rename", class: "hide-s", onclick: rename }),
      button({ icon: "note", word: "Note", class: "hide-s", onclick: () => this.#note() }),
      button({ icon: "export", word: "Export", onclick: () => this.#with(({ id, name, exchanges }) => exportSession(id, name, exchanges)) }),
      button({ icon: "trash", label: "Delete this session", class: "danger", onclick: () => this.#with((session) => removeSession(session)) }));
    for (const word of head.querySelectorAll(".btn")) if (word.lastChild instanceof Text) word.lastChild.replaceWith(h("span", { class: "word" }, word.textContent));
    this.missing = h("p", { class: "note", hidden: true });
    this.parts = h("div", { class: "main grow" }, head, this.facts, this.note, this.tabs.element, this.panel);
    this.element = h("div", { class: "main grow sespage" }, this.missing, this.parts);
    this.tabs.set([{ id: "requests", word: "Requests", n: "" }, { id: "seen", word: "Cookies" }, { id: "graphs", word: "Overview" }]);
    store.watch(["sessions", "route"], () => this.#show());
  }

  /** @param {HTMLElement} list The list stands here as long as the page does. */
  take(list) {
    if (tabShown() === "requests" && this.panel.firstElementChild !== list) {
      this.panel.replaceChildren(list);
      this.live.grid.refresh();
    }
  }

  /** @param {1 | -1} step */
  turn(step) {
    this.#open(this.tabs.beside(tabShown(), step));
  }

  /** Puts the chosen cookie into the jar; answers whether cookies are what is on the screen. */
  addCookie() {
    const shown = store.state.route.session !== null && tabShown() === "seen";
    if (shown) this.cookies?.add();
    return shown;
  }

  /** @param {string} id */
  #open(id) {
    go({ screen: "session", id: "", tab: id === "graphs" ? "overview" : id === "seen" ? "cookies" : "" }, { replace: true });
  }

  #show() {
    const { route, sessions } = store.state, session = sessions.find(({ id }) => id === route.session);
    if (route.session === null) return;
    this.missing.hidden = Boolean(session) || sessions.length === 0;
    this.parts.hidden = !this.missing.hidden;
    this.missing.textContent = `There is no session ${route.session}: it was deleted, or never was.`;
    const tab = tabShown();
    this.tabs.select(tab);
    this.panel.setAttribute("aria-labelledby", `tab-${tab}`);
    this.element.classList.toggle("with-exchange", route.screen === "exchange");
    if (tab === "graphs") void this.#showOverview(route.session);
    else if (tab === "seen") void this.#showCookies(route.session);
    if (session) this.#fill(session);
  }

  /** @param {Session} session */
  #fill(session) {
    const { id, name, note, pinned, source, command, state, started_us: from, ended_us: to, exchanges, bytes: size, failures, left_out: left } = session;
    this.name.textContent = visible(name);
    this.name.title = visible(name);
    this.number.textContent = String(id);
    const pin = pinned ? "Pinned: retention never deletes it" : "Pin: retention will not delete it";
    this.pin.setAttribute("aria-pressed", String(pinned));
    this.pin.setAttribute("aria-label", pin);
    this.pin.title = pin;
    this.tabs.count("requests", count(exchanges));
    const times = `${moment(from)} to ${to === null ? "now" : moment(to, from)}`;
    this.facts.replaceChildren(stateMark(state), h("span", { title: day(from) }, times), h("span", null, span(lasted(session))), h("span", null, plural(exchanges, "exchange")), h("span", null, bytes(size)),
      h("span", { class: "hide-s trunc" }, originOf(source), command ? " " : "", command && h("span", { class: "mono" }, visible(command))),
      h("span", { class: "grow" }), h("span", { class: "client" }, left > 0 && `${count(left)} left out`), h("span", { class: "server" }, failures > 0 && `${count(failures)} failed`));
    this.note.hidden = !note;
    this.note.textContent = visible(note ?? "");
  }

  /** @param {number} id */
  async #showOverview(id) {
    const part = await lazy(() => import("./overview.js"));
    if (!part || store.state.route.session !== id || tabShown() !== "graphs") return;
    this.overview ??= new part.OverviewPanel();
    this.overview.show(id);
    if (this.panel.firstElementChild !== this.overview.element) this.panel.replaceChildren(this.overview.element);
  }

  /** @param {number} id */
  async #showCookies(id) {
    const part = await lazy(() => import("../cookies/seen.js"));
    if (!part || store.state.route.session !== id || tabShown() !== "seen") return;
    this.cookies ??= new part.SeenCookies();
    if (this.panel.firstElementChild === this.cookies.element && this.cookies.session === id) return;
    this.panel.replaceChildren(this.cookies.element);
    this.cookies.show(id);
  }

  #note() {
    return this.#with(async ({ id, note }) => {
      const text = await askName("Note on this session", note ?? "", { label: "Note", optional: true });
      if (text !== null) await change(id, { note: text || null });
    });
  }

  /** @param {(session: Session) => unknown} act */
  #with(act) {
    const session = store.state.sessions.find(({ id }) => id === store.state.route.session);
    if (session) void act(session);
  }
}

/** Which part is on the screen. An exchange has an overview, too. */
function tabShown() {
  const { screen, tab } = store.state.route;
  return screen !== "session" ? "requests" : tab === "overview" ? "graphs" : tab === "cookies" ? "seen" : "requests";
}

/**
 * @param {number} id
 * @param {string} name
 * @param {number} exchanges
 */
export function exportSession(id, name, exchanges) {
  void lazy(() => import("../transfer/export.js")).then((part) => part?.showExport({ filter: `session:${id}` }, `${plural(exchanges, "exchange")} of ${visible(name)}`));
}

/** @param {Session} session */
export const replaySession = ({ id, name }) => void lazy(() => import("../replay/start.js")).then((part) => part?.askReplay({ session: id }, visible(name)));

/** @param {Session} session */
export const saveSession = ({ id, name, state }) => void lazy(() => import("../collections/save.js")).then((part) => part?.saveCaptured({ session: id }, visible(name), { name, ...((state === "recording" || state === "paused") && { session: id }) }));
