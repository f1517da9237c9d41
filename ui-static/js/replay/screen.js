// One replay: how it went as a whole, every result beside what was captured, and the differences of the one that is open.

import { cancelReplay, difference, replay, reportUrl, results, startReplay } from "../api-replay.js";
import { button, h, icon } from "../dom.js";
import { exchangeLink } from "../exchange-link.js";
import { count, plural, span, visible } from "../format.js";
import { openPopover } from "../popover.js";
import { reasonOf, saying } from "../reason.js";
import { go, linkTo } from "../route.js";
import { store } from "../state.js";
import { differenceView } from "./difference.js";
import { ReplayList } from "./list.js";
import { ResultTable } from "./results.js";
import { ignoreFromNowOn, showRules } from "./rules.js";
import { strip } from "./strip.js";
import { VERDICTS, verdictMark } from "./verdict.js";

/** @import { Replay, Result } from "./types.js" */

/** Results of one page, and of all that are loaded. */
const PAGE = 500, MOST = 10_000;

export class ReplayScreen {
  constructor() {
    this.list = new ReplayList();
    /** @type {Replay | null} */
    this.replay = null;
    /** @type {Result[]} */
    this.items = [];
    this.at = 0;
    /** What is open, and with which verdict. */
    this.shown = "";
    this.table = new ResultTable((position) => go({ screen: "replay", tab: String(position) }, { replace: true }));
    this.title = h("h1", { class: "trunc" });
    this.target = h("span", { class: "dim trunc" });
    this.facts = h("div", { class: "rfacts", role: "status" });
    this.stripe = h("div");
    this.stop = button({ icon: "stop", label: "Cancel this replay", word: "Cancel", class: "line", onclick: () => void this.#cancel() });
    this.again = button({ icon: "resend", word: "Run again", class: "line", onclick: () => void this.#again() });
    const report = button({ icon: "export", word: "Report", onclick: () => this.#report(report) });
    this.pane = h("section", { class: "pane", "aria-label": "Differences" });
    this.page = h("div", { class: "main grow replay" },
      h("div", { class: "head" }, button({ icon: "back", label: "All replays", onclick: () => go({ screen: "replay", at: "", tab: "" }) }), this.title, this.target, h("span", { class: "grow" }),
        button({ icon: "edit", word: "Ignore rules", onclick: () => void showRules(this.#session(), () => this.#open(true)) }), report, this.stop, this.again),
      this.facts, this.stripe, h("div", { class: "split with-detail" }, this.table.element, this.pane));
    this.element = h("div", { class: "main grow" });
    store.watch(["route", "replaysAt"], ({ route }) => {
      if (route.screen === "replay") void this.#show();
    });
  }

  /** @param {1 | -1} step */
  turn(step) {
    this.table.move(step);
  }

  async #show() {
    const { at } = store.state.route, wanted = Number(at), part = at ? this.page : this.list.element;
    if (this.element.firstElementChild !== part) this.element.replaceChildren(part);
    if (!at) return this.list.show();
    if (wanted !== this.at) {
      this.at = wanted;
      this.items = [];
      this.shown = "";
      this.replay = null;
      this.table.show([], 0);
      this.pane.replaceChildren();
      await this.#load();
    } else if (this.replay?.state === "running" || this.loading) await this.#load();
    if (this.at === wanted) void this.#open(false);
  }

  /** How far it has come. One question at a time: what came meanwhile is asked for afterwards. */
  async #load() {
    if (this.loading) return void (this.more = true);
    this.loading = true;
    const id = this.at;
    try {
      do {
        this.more = false;
        const found = await replay(id), items = [];
        for (let cursor = /** @type {number | undefined} */ (undefined), left = true; left && items.length < MOST;) {
          const page = await results(id, { limit: PAGE, cursor });
          items.push(...page.items);
          cursor = page.next ?? undefined;
          left = cursor !== undefined;
        }
        if (this.at !== id) break;
        this.replay = found;
        this.items = items.sort((a, b) => a.position - b.position);
        this.#fill(found);
      } while (this.more);
    } catch (error) {
      if (this.at === id) this.facts.replaceChildren(h("p", { class: "note" }, reasonOf(error)));
    }
    this.loading = false;
    if (this.at !== id) await this.#load();
  }

  /** @param {Replay} now */
  #fill(now) {
    const { id, name, state, total, done, started_us: from, ended_us: to, what: { target }, error } = now, running = state === "running";
    this.title.textContent = visible(name || `Replay ${id}`);
    this.target.textContent = target ? `against ${visible(target)}` : "";
    this.stop.hidden = !running;
    this.again.hidden = running;
    this.facts.replaceChildren(...VERDICTS.filter((verdict) => now[verdict] > 0 || verdict === "same").map((verdict) => verdictMark(verdict, `${count(now[verdict])} ${verdict}`)),
      h("span", { class: "mid" }, running ? `${count(done)} of ${plural(total, "request")}` : `${plural(total, "request")}${to === null ? "" : ` in ${to - from < 10e6 ? `${((to - from) / 1e6).toFixed(1)} s` : span(to - from)}`}${state === "done" ? "" : `, ${state}`}`), error ? h("span", { class: "server" }, visible(error)) : "", h("span", { class: "grow" }),
      linkTo({ screen: "session", session: now.session, id: "", tab: "", at: "" }, null, `session ${now.session}`), !running ? h("span", { class: "dim" }, `exit code ${state === "done" && now.changed + now.failed === 0 ? 0 : 1}`) : "");
    this.stripe.replaceChildren(strip(this.items, total, (position) => go({ tab: String(position) }, { replace: true })));
    this.table.show(this.items, total);
  }

  /** The differences of the result that is chosen, or of the first that differs. @param {boolean} anew */
  async #open(anew) {
    const { tab } = store.state.route, chosen = this.items.find(({ position }) => String(position) === tab) ?? (tab ? undefined : this.items.find(({ verdict }) => verdict === "changed" || verdict === "failed") ?? this.items[0]);
    this.table.mark(chosen?.position ?? -1);
    const key = JSON.stringify(chosen ?? null);
    if (key === this.shown && !anew) return;
    this.shown = key;
    this.asking?.abort();
    if (!chosen) return this.pane.replaceChildren(h("p", { class: "note" }, this.replay?.total ? "Choose a result." : "There is nothing in it."));
    const { position, original, result, verdict, error, summary } = chosen;
    const open = (/** @type {string} */ id, /** @type {string} */ word) => {
      const link = exchangeLink(id, word);
      link.className = "btn tiny";
      return link;
    };
    const head = [h("div", { class: "sub wrap" }, verdictMark(verdict), h("span", { class: "m", "data-method": original.method }, visible(original.method)), h("span", { class: "grow" }), original.id && open(original.id, `Captured ${original.id}`), result && open(result.id, `Replayed ${result.id}`)),
      h("p", { class: "durl pad" }, visible(original.url)), error ? h("p", { class: "ferr pad" }, icon("s-failed", "i12"), h("span", null, visible(reasonOf(error)))) : ""];
    const { signal } = (this.asking = new AbortController());
    const brief = summary.length ? h("ul", { class: "notes pad" }, ...summary.map((line) => h("li", null, visible(line)))) : "";
    const body = h("div", { class: "scroll body", tabindex: 0, "aria-label": "Differences" }, ...head);
    this.pane.replaceChildren(body);
    if (!result) return;
    try {
      const found = original.id ? await difference(original.id, result.id, signal) : await this.#kept(position);
      if (found && !signal.aborted) body.append(...differenceView(found, { a: original.id ? `Captured ${original.id}` : "Example", b: `Replayed ${result.id}`, onignore: (rule) => void ignoreFromNowOn(rule, this.#session(), () => void this.#open(true)) }));
    } catch (problem) {
      if (!signal.aborted) body.append(brief, h("p", { class: "note" }, reasonOf(problem, "They could not be compared.")));
    }
  }

  /** How a request of a collection compares with its example, as it was kept. @param {number} position */
  async #kept(position) {
    const { items: [found] } = await results(this.at, { details: "true", cursor: position - 1, limit: 1 });
    return found?.comparison ?? null;
  }

  /** The session that was replayed, if it was one: rules can hold for it alone. */
  #session() {
    const [first] = this.items, id = first?.original.id?.split(".")[0];
    return id && id !== "0" ? Number(id) : undefined;
  }

  async #cancel() {
    if ((await saying(cancelReplay(this.at), "Cancelled: nothing more is sent", "Not cancelled")) !== null) await this.#load();
  }

  async #again() {
    const { replay: now } = this;
    const begun = now && (await saying(startReplay(now.what), "", "Not begun"));
    if (begun) go({ screen: "replay", at: String(begun.id), tab: "" });
  }

  /** @param {Element} anchor */
  #report(anchor) {
    const line = (/** @type {"json" | "junit"} */ format, /** @type {string} */ word) => h("a", { class: "item", role: "menuitem", href: reportUrl(this.at, format), download: `replay-${this.at}.${format === "json" ? "json" : "xml"}`, onclick: () => setTimeout(() => close()) }, word);
    const close = openPopover(h("div", { class: "menu", role: "menu", "aria-label": "Report" }, line("json", "JSON"), line("junit", "JUnit XML")), anchor);
  }
}
