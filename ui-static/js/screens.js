// Which screen is shown: the list is always there, the others are fetched when first wanted.

import { h } from "./dom.js";
import { lazy } from "./lazy.js";
import { follow, go, isBare, listShown } from "./route.js";
import { store } from "./state.js";

/** @import { Summary } from "./api-types.js" */
/** @import { CollectionsScreen } from "./editor/screen.js" */
/** @import { CookiesScreen } from "./cookies/screen.js" */
/** @import { LiveScreen } from "./live.js" */
/** @import { ReplayScreen } from "./replay/screen.js" */
/** @import { Route } from "./route.js" */
/** @import { SessionPage } from "./sessions/page.js" */

/** @typedef {"live" | "sessions" | "cookies" | "collections" | "rules" | "setup"} Main the screens of the rail */

export class Screens {
  /** @param {LiveScreen} live */
  constructor(live) {
    this.live = live;
    /** @type {CollectionsScreen | null} */
    this.collections = null;
    /** @type {CookiesScreen | null} */
    this.cookies = null;
    /** @type {ReplayScreen | null} */
    this.replay = null;
    /** @type {SessionPage | null} */
    this.session = null;
    /** @type {Route | null} */
    this.wanted = null;
    /** @type {Map<string, HTMLElement>} */
    this.built = new Map();
    this.heading = h("h1", { class: "sr" });
    this.element = h("div", { class: "main grow" }, this.heading, live.element);
    const links = /** @type {NodeListOf<HTMLAnchorElement>} */ (document.querySelectorAll(".rail a"));
    for (const link of links) follow(link, () => (link.pathname === "/collections" ? this.#collections() : { screen: /** @type {Main} */ (link.pathname.slice(1) || "live") }));
    store.watch(["route", "sessions"], ({ route }) => {
      const title = titleOf(route), now = route.session !== null || route.screen === "replay" ? "/sessions" : isBare(route.screen) || route.screen === "collections" || route.screen === "cookies" ? `/${route.screen}` : "/";
      document.title = `${route.id ? `${route.id} · ` : ""}${title} · Waylay`;
      this.heading.textContent = title;
      for (const link of links) {
        if (link.pathname === now && link.classList.contains("nav")) link.setAttribute("aria-current", "page");
        else link.removeAttribute("aria-current");
      }
    });
    store.watch(["route"], ({ route }) => void this.#show(route));
  }

  /** To what was open there last. */
  toCollections() {
    go(this.#collections());
  }

  #collections() {
    return { screen: /** @type {const} */ ("collections"), at: this.collections?.shown ?? "", tab: "", against: "" };
  }

  /** Rows changed. @param {Summary[]} items */
  changed(items) {
    this.live.detail?.changed(items);
    this.collections?.editor.conversation.changed(items);
  }

  /** @param {1 | -1} step To the neighbouring tab. */
  turn(step) {
    const { screen } = store.state.route;
    if (screen === "collections") this.collections?.turn(step);
    else if (screen === "replay") this.replay?.turn(step);
    else if (screen === "session") this.session?.turn(step);
    else this.live.detail?.turn(step);
  }

  /** @param {Route} route */
  async #show(route) {
    this.wanted = route;
    const element = await this.#elementOf(route);
    // While it was fetched, another one may have been asked for.
    if (!element || this.wanted !== route) return;
    if (this.element.lastElementChild !== element) {
      this.element.replaceChildren(this.heading, element);
      if (listShown(route)) this.live.grid.refresh();
    }
  }

  /**
   * @param {Route} route
   * @returns {Promise<HTMLElement | null>}
   */
  async #elementOf({ screen, session }) {
    if (screen === "collections") {
      const part = await lazy(() => import("./editor/screen.js"));
      if (part) this.collections ??= new part.CollectionsScreen();
      return this.collections?.element ?? null;
    }
    if (screen === "cookies") {
      const part = await lazy(() => import("./cookies/screen.js"));
      if (part) this.cookies ??= new part.CookiesScreen();
      return this.cookies?.element ?? null;
    }
    if (screen === "replay") {
      const part = await lazy(() => import("./replay/screen.js"));
      if (part) this.replay ??= new part.ReplayScreen();
      return this.replay?.element ?? null;
    }
    if (screen === "rules") return this.#once("rules", async () => (await lazy(() => import("./rules/screen.js")))?.rulesScreen() ?? null);
    if (screen === "setup") return this.#once("setup", async () => (await lazy(() => import("./setup/screen.js")))?.setupScreen() ?? null);
    if (screen === "sessions") return this.#once("sessions", async () => (await lazy(() => import("./sessions/screen.js")))?.sessionsScreen() ?? null);
    if (session === null) return this.live.element;
    const part = await lazy(() => import("./sessions/page.js"));
    if (part) this.session ??= new part.SessionPage(this.live);
    this.session?.take(this.live.element);
    return this.session?.element ?? null;
  }

  /**
   * @param {string} name
   * @param {() => Promise<HTMLElement | null>} build
   */
  async #once(name, build) {
    const element = this.built.get(name) ?? (await build());
    if (element) this.built.set(name, element);
    return element;
  }
}

/** @param {Route} route */
function titleOf({ screen, session }) {
  if (screen === "collections") return "Collections";
  if (screen === "cookies") return "Cookies";
  if (screen === "replay") return "Replay";
  if (screen === "rules") return "Rules & hosts";
  if (screen === "setup") return "Setup";
  if (screen === "sessions") return "Sessions";
  return session !== null ? (store.state.sessions.find(({ id }) => id === session)?.name ?? `Session ${session}`) : "Live";
}
