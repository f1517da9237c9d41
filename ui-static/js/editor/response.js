// The answer to what was sent: how it went, and its parts; while it is on its way, how far it has come.

import { ApiError, exchange as fetchExchange } from "../api.js";
import { BodyView } from "../detail/body.js";
import { headers } from "../detail/headers.js";
import { masked } from "../detail/secrets.js";
import { timing } from "../detail/timing.js";
import { tls } from "../detail/tls.js";
import { button, h, icon } from "../dom.js";
import { exchangeLink } from "../exchange-link.js";
import { sentences } from "../fault.js";
import { bytes, duration, visible } from "../format.js";
import { banner } from "../notices.js";
import { reasonOf } from "../reason.js";
import { go } from "../route.js";
import { tableOf } from "../table-of.js";
import { outcomeMark, outcomeOf } from "../table/outcome.js";
import { compare } from "./compare.js";

/** @import { Detail, Hop, SendDetail, SendError, Sent } from "../api-types.js" */
/** @import { RequestEditor } from "./request.js" */

/** @param {string} text */
const note = (text) => h("p", { class: "note" }, icon("info"), h("span", { class: "grow" }, text));

export class ResponsePane {
  /** @param {RequestEditor} editor */
  constructor(editor) {
    this.editor = editor;
    this.other = "";
    this.part = "body";
    this.facts = h("span", { class: "bar" });
    this.choice = h("span", { class: "seg scroll", role: "group", "aria-label": "Part of the response" });
    this.trouble = h("div", { role: "alert" });
    this.content = h("div", { class: "pane body" });
    this.element = h("section", { class: "pane response", "aria-label": "Response" }, h("div", { class: "sub resp-h" }, h("h2", null, "Response"), this.facts, h("span", { class: "grow" }), this.choice), this.trouble, this.content);
    this.rest();
  }

  /** There is no answer. @param {string} [why] */
  rest(why = "Send it, with the button or Ctrl+Enter: the answer appears here.") {
    this.#clear();
    this.content.replaceChildren(note(why));
  }

  #clear() {
    clearInterval(this.ticking);
    this.view?.close();
    this.exchange = null;
    this.facts.replaceChildren();
    this.choice.replaceChildren();
    this.choice.hidden = true;
    this.trouble.replaceChildren();
  }

  /** It is on its way. */
  begin() {
    this.#clear();
    const began = performance.now(), time = h("span", { class: "dim" });
    this.stage = h("span", { class: "st stream", role: "status" }, icon("s-stream", "i12"), "sending");
    this.moved = h("span", { class: "dim" });
    this.facts.replaceChildren(this.stage, time, this.moved);
    this.content.replaceChildren();
    const tick = () => (time.textContent = duration((performance.now() - began) * 1000));
    tick();
    this.ticking = setInterval(tick, 100);
  }

  /** @param {any} event of the send */
  progress({ event, method, url, status, sent, received }) {
    const say = (/** @type {string} */ text) => this.stage?.lastChild?.replaceWith(text);
    if (event === "hop") say(`${visible(method)} ${visible(url).slice(0, 80)}`);
    else if (event === "head") say(`${status}, receiving`);
    else if (event === "progress" && this.moved) this.moved.textContent = `${bytes(sent)} sent, ${bytes(received)} received`;
  }

  /** @param {SendDetail} entry of the history */
  async showEntry(entry) {
    this.rest(entry.state === "running" ? "It is on its way still." : entry.exchange ? "Loading…" : "Nothing came back.");
    const mine = (this.asked = {});
    let exchange = null;
    try {
      if (entry.exchange) exchange = await fetchExchange(entry.exchange);
    } catch (error) {
      if (error instanceof ApiError && error.status !== 404) return this.rest(reasonOf(error));
    }
    if (this.asked === mine) this.show({ exchange, hops: entry.hops ?? [], error: entry.error, warnings: [] });
    if (this.asked === mine && !exchange && entry.exchange) this.content.replaceChildren(note("The response is no longer kept."));
  }

  /** @param {Pick<Sent, "exchange" | "hops" | "error" | "warnings">} answer */
  show({ exchange, hops, error, warnings }) {
    this.#clear();
    this.asked = {};
    this.exchange = exchange;
    this.hops = hops;
    const response = exchange?.response;
    const secure = exchange?.upstream_connection?.tls?.version, version = exchange?.response_version;
    this.facts.replaceChildren(...(exchange ? [outcomeMark(outcomeOf(exchange), response ? ` ${visible(response.line.split(" ").slice(2).join(" "))}` : "")] : error ? [outcomeMark({ color: "failed", shape: "s-failed", word: visible(error.stage) })] : []),
      ...[exchange && exchange.timings.end_us !== null && duration(exchange.timings.end_us), response && bytes(response.body.size), [version, secure].filter(Boolean).join(", ")].flatMap((fact) => (fact ? [h("span", { class: "dim" }, fact)] : [])));
    this.trouble.replaceChildren(...(error ? [this.#failure(error)] : []), ...warnings.map((warning) => banner("warn", "Note:", visible(warning))));
    this.#parts();
  }

  /** Which exchange to compare with. @param {string} id */
  against(id) {
    if (id === this.other) return;
    this.other = id;
    this.part = id ? "compare" : this.part === "compare" ? "body" : this.part;
    this.#parts();
  }

  #parts() {
    const { exchange, hops = [], other } = this, response = exchange?.response;
    /** @type {[string, string, () => Node][]} */
    const parts = [];
    if (exchange && response) {
      const cookies = response.headers.filter(({ name }) => name.toLowerCase() === "set-cookie").map(({ value }) => value);
      parts.push(["body", "Body", () => this.#body(exchange)], ["headers", `Headers ${response.headers.length}`, () => scroll("Headers", ...headers({ title: "Headers", fields: response.headers, line: response.line, what: "the headers" }), ...(response.trailers.length ? headers({ title: "Trailers", fields: response.trailers, what: "the trailers" }) : []))]);
      if (cookies.length) parts.push(["cookies", `Cookies ${cookies.length}`, () => scroll("Cookies", cookieTable(cookies))]);
    }
    if (exchange) parts.push(["sent", "Sent", () => scroll("Request as sent", ...headers({ title: "Request", fields: exchange.sent?.headers ?? exchange.request.headers, line: exchange.sent?.line ?? exchange.request.line, what: "the request" }), link(exchange.id, `Exchange ${exchange.id}`))], ["timing", "Timing", () => timing(exchange)]);
    if (exchange?.scheme === "https") parts.push(["tls", "TLS", () => tls(exchange)]);
    if (hops.length > 1) parts.push(["hops", `Redirects ${hops.length - 1}`, () => scroll("Redirects", hopTable(hops))]);
    if (exchange && other) parts.push(["compare", "Compare", () => comparing(other, exchange)]);
    this.choice.hidden = parts.length < 2;
    this.choice.replaceChildren(...parts.map(([id, word]) => h("button", { type: "button", onclick: () => pick(id) }, word)));
    const pick = (/** @type {string} */ id) => {
      this.part = id;
      const at = Math.max(0, parts.findIndex(([one]) => one === id));
      this.view?.close();
      parts.forEach(([,], n) => this.choice.children[n].setAttribute("aria-pressed", String(n === at)));
      this.content.replaceChildren(parts[at][2]());
    };
    if (parts.length) pick(this.part);
    else if (this.editor.at && !this.ticking && this.exchange === null && hops.length) this.content.replaceChildren(note("No response arrived."));
  }

  /** @param {Detail} exchange */
  #body(exchange) {
    const view = (this.view = new BodyView(exchange.id, "response", /** @type {NonNullable<Detail["response"]>} */ (exchange.response), exchange.omitted));
    return h("div", { class: "pane body" }, h("div", { class: "scroll body", tabindex: 0, "aria-label": "Response body" }, view.element), view.bar);
  }

  /** @param {SendError} error */
  #failure(error) {
    const [word, settings] = REMEDIES.find(([, , when]) => when(error)) ?? [];
    const out = error.stage === "variables" ? [button({ word: "Show the variables", class: "tiny line", onclick: () => go({ tab: "variables" }, { replace: true }) })]
      : settings && word ? [button({ word, class: "tiny line", onclick: () => this.editor.sendWith(settings) })] : [];
    return banner("err", `${visible(error.stage)}:`, visible(sentences(error)), ...out);
  }
}

/** What one press can do about a failure, for this request alone. @type {[string, Record<string, unknown>, (error: SendError) => boolean][]} */
const REMEDIES = [
  ["Send without verifying", { verify_chain: false, verify_name: false }, ({ stage, reason = "", message }) => stage === "tls" && /certificate|issuer|self-signed|host name|verif/i.test(`${reason} ${message}`)],
  ["Send without a limit of size", { max_response_bytes: 0 }, ({ stage, message }) => stage === "response" && /large|bytes|size/i.test(message)],
  ["Send without a time limit", { timeout_ms: 0 }, ({ reason = "", message }) => /time(d )?(out|limit)|timeout/i.test(`${reason} ${message}`)],
  ["Send without following", { follow_redirects: false }, ({ stage }) => stage === "redirect"],
  ["Send with HTTP of any version", { http_version: "auto" }, ({ message }) => /HTTP\/2 (is|was) not|not offer/i.test(message)],
];

/** @param {string} label @param {...(Node | string)} content */
const scroll = (label, ...content) => h("div", { class: "scroll body", tabindex: 0, "aria-label": label }, ...content);

/** @param {string} id @param {string} word */
const link = (id, word) => h("p", { class: "note" }, exchangeLink(id, word));

/** @param {string} id @param {Detail} exchange */
function comparing(id, exchange) {
  const element = scroll("Differences");
  void compare(id, exchange, element);
  return element;
}

/** @param {string[]} lines */
function cookieTable(lines) {
  return tableOf("", ["Cookie", "Attributes"], lines.map((line) => {
    const end = line.indexOf(";");
    return h("tr", null, h("td", { class: "mono" }, ...masked("set-cookie", visible(end < 0 ? line : line.slice(0, end)))), h("td", { class: "mono" }, end < 0 ? "for this session" : visible(line.slice(end + 1).trim())));
  }));
}

/** @param {Hop[]} hops */
function hopTable(hops) {
  return h("ol", { class: "hops" }, ...hops.map(({ id, method, url, status }) => h("li", null, h("span", { class: "m" }, visible(method)), status ? outcomeMark(outcomeOf(/** @type {any} */ ({ kind: "http", status, done: true, failure: null }))) : h("span", { class: "dim" }, "no answer"), h("span", { class: "mono grow" }, visible(url)), link(id, id))));
}
