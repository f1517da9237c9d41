// The list of exchanges, of now or of one session: filter, table and, beside it, the exchange that is open.

import { footer } from "./footer.js";
import { h, icon } from "./dom.js";
import { filterBar } from "./filter/bar.js";
import { withTerm } from "./filter/terms.js";
import { count } from "./format.js";
import { lazy } from "./lazy.js";
import { empty } from "./notices.js";
import { go, toList } from "./route.js";
import { kept, store } from "./state.js";
import { cellTerm } from "./table/cell-term.js";
import { Grid } from "./table/grid.js";

/** @import { DetailPane } from "./detail/pane.js" */
/** @import { Feed } from "./feed.js" */

/** Milliseconds a selection must stand before its exchange is loaded: a held key should not load every row it passes. */
const REST = 90;

export class LiveScreen {
  /** @param {Feed} feed */
  constructor(feed) {
    this.feed = feed;
    const { columns, order } = feed;
    this.filter = filterBar(() => this.grid.focus());
    this.grid = new Grid(columns, order, {
      onopen: (slot) => this.#open(slot),
      onpick: (cell, slot, exclude) => {
        const term = cellTerm(cell, columns, slot);
        if (term) go({ filter: withTerm(store.state.route.filter, term, exclude) });
      },
      onsort: (key, descending) => void this.sort(key, descending),
      onnearstart: () => order.chronological && void feed.older(),
      onnearend: () => void feed.further(),
      onfollow: (following) => this.#follow(following),
    });
    this.list = h("section", { class: "pane listwrap", "aria-label": "Exchange list" }, this.grid.element, this.#pill(), this.#foot());
    this.split = h("div", { class: "split" }, this.list);
    /** @type {DetailPane | null} */
    this.detail = null;
    this.opening = 0;
    /** @type {HTMLElement | undefined} */
    this.bulk = undefined;
    const hint = empty();
    this.element = h("div", { class: "main grow" }, this.filter.element, hint, this.split);
    this.#look();
    store.watch(["login", "loaded", "total", "revision", "route"], () => {
      this.split.hidden = !hint.hidden;
      this.filter.element.hidden = store.state.login === "out" && !store.state.loaded;
    });
    store.watch(["revision", "matched"], ({ matched, older }) => {
      this.grid.before = older === null || matched === null ? 0 : Math.max(0, matched - columns.length);
      this.grid.element.setAttribute("aria-rowcount", String(older !== null && matched === null ? -1 : (matched ?? columns.length) + 1));
      this.#selectById(store.state.selected, false);
    });
    store.watch(["link"], ({ link }) => {
      if (link === "connected") this.grid.stopped = 0;
      else if (link === "lost") this.grid.stopped ||= Date.now();
    });
    store.watch(["route"], ({ route }) => void this.#route(route));
  }

  /** New rows replaced the old ones: begin at the newest, unless an older one is open. */
  restart() {
    if (this.feed.order.chronological) this.toEnd();
    else this.#toStart();
    if (store.state.route.screen === "exchange") this.#selectById(store.state.route.id, true);
  }

  /**
   * @param {import("./table/order.js").SortKey} key
   * @param {boolean} descending
   */
  async sort(key, descending) {
    await this.feed.sort(key, descending);
    this.grid.header.show(key, descending);
    if (this.feed.order.chronological) this.toEnd();
    else this.#toStart();
  }

  #toStart() {
    this.#follow(false);
    this.grid.toStart();
  }

  /** Shows the waterfall or hides it. */
  toggleWaterfall() {
    kept("waterfall", this.grid.waterfall ? "off" : "on");
    this.#look();
  }

  /** The open exchange beside the list, or below it. */
  toggleLayout() {
    kept("layout", kept("layout") === "below" ? "beside" : "below");
    this.#look();
  }

  #look() {
    this.grid.waterfall = kept("waterfall") !== "off";
    this.list.classList.toggle("no-wf", !this.grid.waterfall);
    this.split.classList.toggle("below", kept("layout") === "below");
    this.grid.refresh();
  }

  /** Ticks the selected row, or takes its tick away. @param {boolean} extend */
  check(extend) {
    if (this.grid.selected >= 0) this.grid.checked.toggle(this.grid.selected, extend);
  }

  /** Goes to the newest row and stays there. */
  toEnd() {
    this.grid.follow();
    this.#follow(true);
  }

  /** @param {number | "first" | "last"} step */
  move(step) {
    const slot = this.grid.next(step);
    if (slot < 0) return;
    const id = this.feed.columns.id(slot);
    this.grid.select(slot, true);
    store.set({ selected: id });
    if (store.state.route.screen !== "exchange") return;
    clearTimeout(this.opening);
    this.opening = setTimeout(() => go({ id }, { replace: true }), REST);
  }

  /** Opens the selected row. */
  openSelected() {
    const slot = this.grid.selected >= 0 ? this.grid.selected : this.grid.next(0);
    if (slot >= 0) this.#open(slot);
  }

  /** Closes the exchange, back to its row. */
  close() {
    toList();
    const slot = this.grid.selected;
    if (slot >= 0) this.grid.select(slot, true);
  }

  /** @param {number} slot */
  #open(slot) {
    const id = this.feed.columns.id(slot), { screen } = store.state.route;
    this.grid.select(slot, true);
    store.set({ selected: id });
    go({ screen: "exchange", id }, { replace: screen === "exchange" });
  }

  /** @param {import("./route.js").Route} route */
  async #route({ screen, id, against, tab, message }) {
    const open = screen === "exchange";
    if (open && !this.detail) {
      const part = await lazy(() => import("./detail/pane.js"));
      if (!part) return;
      this.detail ??= new part.DetailPane({ onclose: () => this.close() });
      ({ screen, id, against, tab, message } = store.state.route);
      if (screen !== "exchange") return;
    }
    this.split.classList.toggle("with-detail", open);
    this.element.classList.toggle("paged", open);
    if (open && this.detail) {
      if (!this.detail.element.isConnected) this.split.append(this.detail.element);
      this.detail.show(id, against, tab, message);
      if (this.grid.element.clientHeight === 0 && !this.detail.element.contains(document.activeElement)) this.detail.focus();
      this.#selectById(id, true);
    } else if (screen === "live" || screen === "session") {
      this.detail?.element.remove();
    }
    this.grid.refresh();
  }

  /**
   * @param {string} id
   * @param {boolean} reveal
   */
  #selectById(id, reveal) {
    const { grid, feed } = this, before = grid.selected;
    if (before < 0 || feed.columns.id(before) !== id || feed.order.indexOf(before) < 0) grid.selected = id ? feed.columns.find(id) : -1;
    if (id && store.state.selected !== id) store.set({ selected: id });
    if (grid.selected >= 0 && (reveal || (grid.selected !== before && grid.focused))) grid.select(grid.selected, grid.focused);
    grid.refresh();
  }

  /** @param {boolean} following */
  #follow(following) {
    this.feed.following = following;
    if (following) void this.feed.clearFresh();
  }

  /** The line under the table, or what can be done with ticked rows. */
  #foot() {
    const { columns, order } = this.feed, line = footer(columns, order), place = h("div", null, line);
    store.watch(["checked"], async ({ checked }) => {
      const part = checked > 0 ? await lazy(() => import("./bulk.js")) : null;
      if (part && store.state.checked > 0) place.replaceChildren((this.bulk ??= part.bulkBar(this.grid.checked, this.feed)));
      else if (!store.state.checked) place.replaceChildren(line);
    });
    return place;
  }

  /** "37 new, 2 failed": what arrived out of sight. */
  #pill() {
    const text = h("span");
    const element = h("button", { type: "button", class: "pill", hidden: true, onclick: () => {
      void this.feed.clearFresh();
      if (this.feed.order.chronological) this.toEnd();
      else this.#toStart();
    } }, icon("down", "i12"), text);
    store.watch(["fresh"], ({ fresh }) => {
      element.hidden = fresh.count === 0;
      text.textContent = `${count(fresh.count)} new${fresh.failed ? `, ${count(fresh.failed)} failed` : ""}`;
    });
    return element;
  }
}
