// Cookies that were set and sent in a session, each with what a browser does with it; they can be put into a jar, or deleted.

import { ApiError } from "../api.js";
import { addCookie, jars, seenCookies } from "../api-cookies.js";
import { masked } from "../detail/secrets.js";
import { button, h, icon } from "../dom.js";
import { exchangeLink } from "../exchange-link.js";
import { clock, count, plural, visible } from "../format.js";
import { reasonOf } from "../reason.js";
import { notify, store } from "../state.js";
import { tableOf } from "../table-of.js";
import { changing, removing } from "./known.js";
import { redraw } from "./redraw.js";

/** @import { Seen } from "./types.js" */

/** Cookies of a page, and the most of one question. */
const PAGE = 200, MOST = 1000;
/** Milliseconds between two questions while more arrive. */
const PACE = 2000;

/** @type {Record<Seen["outcome"], [string, string]>} colour and shape */
const OUTCOMES = { sent: ["mid", "m-up"], stored: ["ok", "s-ok"], replaced: ["ok", "s-redirect"], deleted: ["client", "s-client"], over: ["pending", "s-pending"], rejected: ["failed", "s-failed"] };

export class SeenCookies {
  /** @param {string} [exchange] those of one exchange, not of a session */
  constructor(exchange = "") {
    this.exchange = exchange;
    this.session = 0;
    this.next = "";
    this.revealed = false;
    /** @type {Seen[]} */
    this.items = [];
    /** Which row is chosen. */
    this.at = -1;
    this.said = h("span", { class: "dim" });
    this.body = h("tbody");
    this.more = button({ word: "More", class: "line", onclick: () => void this.#page() });
    this.host = h("input", { class: "field find", type: "search", "aria-label": "Host", placeholder: "Host", maxlength: 255, spellcheck: "false", onchange: () => this.load() });
    this.reveal = button({ icon: "eye", word: "Reveal values", class: "tiny", onclick: () => {
      this.revealed = !this.revealed;
      this.#draw();
    } });
    this.host.hidden = Boolean(exchange);
    this.element = h("div", { class: "main grow" }, h("div", { class: "sub" }, h("h2", null, "Cookies"), this.said, h("span", { class: "grow" }), this.host, exchange && button({ icon: "clock", label: "The jar as it was when this exchange began", word: "Jar then", class: "tiny", onclick: () => void import("./past.js").then(({ showPast }) => showPast(exchange)) }), this.reveal),
      h("div", { class: "scroll grow", tabindex: 0, "aria-label": "Cookies that were seen", onkeydown: (/** @type {KeyboardEvent} */ event) => this.#key(event) },
        tableOf("t-seen", ["Time", "Exchange", "Host", "Cookie", "What became of it", ""], this.body), h("div", { class: "pad" }, this.more)));
    store.watch(["sessions"], () => this.#soon());
    store.watch(["jarsAt"], () => this.element.isConnected && this.load());
  }

  /** @param {number} session */
  show(session) {
    if (this.session !== session) this.items = [];
    this.session = session;
    this.load();
  }

  /** From the beginning, as many as there were. */
  load() {
    this.next = "";
    void this.#page();
  }

  /** A session that grows is looked at again, now and then, where its end is on the screen. */
  #soon() {
    const session = store.state.sessions.find(({ id }) => id === this.session), { route } = store.state;
    if (!session || !this.element.isConnected || route.session !== this.session || this.next || this.items.length > PAGE || this.counted === session.exchanges) return;
    this.timer ||= setTimeout(() => {
      this.timer = 0;
      this.counted = session.exchanges;
      if (this.element.isConnected && !this.next) this.load();
    }, PACE);
  }

  async #page() {
    const { session, next, exchange } = this;
    try {
      const page = exchange ? { items: await seenIn(exchange), next: null } : await seenCookies(Number(session), { after: next, limit: next ? PAGE : Math.min(MOST, Math.max(PAGE, this.items.length)), host: this.host.value.trim() });
      if (this.session !== session) return;
      const [chosen] = this.items.slice(this.at < 0 ? this.items.length : this.at);
      this.items = next ? [...this.items, ...page.items] : page.items;
      this.next = page.next ?? "";
      this.at = chosen ? this.items.findIndex((one) => one.exchange === chosen.exchange && one.position === chosen.position) : -1;
      this.#draw();
    } catch (error) {
      if (error instanceof ApiError) this.said.textContent = reasonOf(error);
    }
  }

  #draw() {
    const { items, next, revealed } = this, refused = items.filter(({ outcome }) => outcome === "rejected").length;
    this.said.textContent = `${next ? "the first " : ""}${count(items.length)}${refused ? `, ${count(refused)} rejected` : ""}`;
    this.more.hidden = !next;
    this.reveal.lastChild?.replaceWith(revealed ? "Hide values" : "Reveal values");
    this.reveal.setAttribute("aria-pressed", String(revealed));
    redraw(this.body, items.length ? items.map((one, at) => this.#row(one, at)) : [h("tr", null, h("td", { colspan: 6, class: "dim" }, "No cookies were seen here, or the session does not capture them."))]);
    this.#mark(this.at, false);
  }

  /** @param {Seen} seen @param {number} at */
  #row(seen, at) {
    const { exchange, at_us: us, host, outcome, reason, value, set } = seen, [color, shape] = OUTCOMES[outcome] ?? OUTCOMES.over;
    return h("tr", { "data-id": `${exchange} ${seen.position}`, tabindex: -1, onclick: () => this.#mark(at, true) }, h("td", { class: "dim" }, clock(us)), h("td", null, exchangeLink(exchange)), h("td", { class: "trunc" }, visible(host)),
      h("td", { class: "mono" }, ...(this.revealed ? [visible(value)] : masked(outcome === "sent" ? "cookie" : "set-cookie", visible(value)))),
      h("td", null, h("span", { class: `st ${color}` }, icon(shape, "i12"), outcome), h("span", { class: "mid" }, " ", [reason?.message ?? "", ...(set?.ignored ?? [])].filter(Boolean).map(visible).join("; "))),
      h("td", null, h("span", { class: "acts" }, button({ icon: "plus", label: "Add to jar", key: "b", class: "tiny", onclick: () => void putIntoJar([seen]) }),
        button({ icon: "trash", label: "Delete", key: "Del", class: "tiny danger", onclick: () => void this.#remove(seen) }))));
  }

  /** @param {number} at @param {boolean} focus */
  #mark(at, focus) {
    this.at = at;
    [...this.body.children].forEach((row, n) => {
      row.ariaSelected = String(n === at);
      if (n === at && focus && row instanceof HTMLElement && !row.contains(document.activeElement)) row.focus();
    });
  }

  /** @param {KeyboardEvent} event */
  #key(event) {
    const step = event.key === "ArrowDown" ? 1 : event.key === "ArrowUp" ? -1 : 0, seen = this.items[this.at];
    if (step && this.items[this.at + step]) this.#mark(this.at + step, true);
    else if (event.key === "Delete" && seen) void this.#remove(seen);
    else return;
    event.preventDefault();
    event.stopPropagation();
  }

  /** Puts the chosen one into the jar; the key for it. */
  add() {
    const seen = this.items[this.at];
    if (seen) void putIntoJar([seen]);
    else notify("Select a cookie first");
  }

  /** @param {Seen} seen */
  #remove({ exchange, position }) {
    return removing({ cookie_events: [{ exchange, position }] }, `a cookie of ${exchange}`);
  }
}

/** Puts what was seen into the default jar. @param {Seen[]} seen */
export async function putIntoJar(seen) {
  const jar = (await jars().catch(() => null))?.items.find((one) => one.default);
  if (!jar) return notify("There is no jar to put it into");
  let done = 0;
  for (const { exchange, position } of seen) if ((await changing(addCookie(jar.id, { event: { exchange, position } }), "")) !== null) done++;
  if (done) notify(`${plural(done, "cookie")} put into jar ${visible(jar.name)}`);
}

/** Puts what an exchange set into the default jar. @param {string} id */
export async function putExchange(id) {
  const set = (await seenIn(id).catch(() => [])).filter(({ outcome }) => outcome !== "sent" && outcome !== "rejected");
  if (set.length) await putIntoJar(set);
  else notify(`${id} sets no cookie that a browser would keep`);
}

/** What was seen in an exchange: the cookies of a session come in the order of its exchanges. @param {string} id */
async function seenIn(id) {
  const [session, seq] = id.split("."), { items } = await seenCookies(Number(session), { after: `${seq}.-1`, limit: PAGE });
  return items.filter(({ exchange }) => exchange === id);
}
