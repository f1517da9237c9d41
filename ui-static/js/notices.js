// What stands in for the list or above it when there is something to say: one sentence, one way out.

import { copyButton } from "./copy.js";
import { button, h, icon, s, sprite } from "./dom.js";
import { bytes, count, plural, visible } from "./format.js";
import { intercept, letThroughSaying, whyPassed } from "./passthrough.js";
import { dismissRejections } from "./rejections.js";
import { go, listShown } from "./route.js";
import { store } from "./state.js";

/** @import { State } from "./state.js" */

/**
 * A command to copy.
 * @param {string} text
 */
export function command(text) {
  return h("div", { class: "cmd" }, h("code", null, text), copyButton({ label: `Copy the command ${text}`, what: "the command", text: () => text }));
}

/**
 * The bars over the list.
 * @param {() => void} retry
 */
export function banners(retry) {
  const element = h("div", { role: "status" });
  // Counts down every second, and must not be read out every second.
  const countdown = h("span", { "aria-hidden": "true" });
  let shown = "";
  const show = () => {
    const bars = due(store.state), key = bars.map((bar) => `${bar} ${DETAILS[bar]?.(store.state) ?? ""}`).join();
    const { retryAt } = store.state, seconds = Math.max(0, Math.ceil((retryAt - Date.now()) / 1000));
    countdown.textContent = retryAt ? ` Next try in ${seconds} s.` : " Trying now.";
    if (key === shown) return;
    shown = key;
    element.replaceChildren(...bars.map((bar) => BARS[bar](countdown, retry)));
  };
  store.watch(["login", "link", "loaded", "retryAt", "status", "matched", "total", "route", "filterError", "filterOff", "rejected", "passthrough", "announced"], show);
  setInterval(() => store.state.link === "lost" && show(), 1000);
  return element;
}

/** @typedef {"signedOut" | "away" | "failing" | "shed" | "rejected" | "automatic" | "noMatch"} Bar */

/**
 * @param {Readonly<State>} state
 * @returns {Bar[]}
 */
function due(state) {
  const { login, link, loaded, matched, route, filterError, filterOff, rejected } = state, storing = storeTrouble(state);
  /** @type {(Bar | false | null | undefined)[]} */
  const bars = [
    login === "out" && loaded && "signedOut",
    login !== "out" && link === "lost" && "away",
    storing.why !== null ? "failing" : storing.lost !== "" && "shed",
    rejected.length > 0 && "rejected",
    unannounced(state).length > 0 && "automatic",
    loaded && matched === 0 && route.filter !== "" && !filterError && !filterOff && listShown(route) && "noMatch",
  ];
  return bars.filter((bar) => typeof bar === "string");
}

/**
 * Why nothing is stored at the moment, or `null`; and what could not be stored so far, or an empty text.
 * @param {Readonly<State>} state
 */
export function storeTrouble({ status }) {
  const capture = status?.capture, rows = capture?.shed_rows ?? status?.store.shed ?? 0, lost = capture?.shed_bytes ?? status?.store.shed_bytes ?? 0;
  const storing = capture?.storing ?? (status?.store.error ? "failing" : "ok");
  const what = [rows > 0 && plural(rows, "record"), lost > 0 && `${bytes(lost)} of bodies`].filter(Boolean).join(" and ");
  return { why: storing === "ok" ? null : capture?.why || status?.store.error || "", lost: what };
}

/** Hosts that got onto the list by themselves and were not put away. @param {Readonly<State>} state */
const unannounced = ({ passthrough, announced }) => (passthrough?.items ?? []).filter(({ origin, pattern }) => origin === "automatic" && !announced.includes(pattern));

/** Whether some client trusts the certificate for no host at all. */
const distrust = () => (store.state.passthrough?.distrustful ?? []).length > 0;

/** What a bar says besides its sentence: when it changes, the bar is built anew. @type {Partial<Record<Bar, (state: Readonly<State>) => string>>} */
const DETAILS = {
  failing: (state) => JSON.stringify(storeTrouble(state)),
  shed: (state) => storeTrouble(state).lost,
  rejected: ({ rejected }) => JSON.stringify([rejected, distrust()]),
  automatic: (state) => unannounced(state).map(({ pattern }) => pattern).join(" "),
  noMatch: ({ total }) => String(total),
};

/** @type {Record<Bar, (countdown: Node, retry: () => void) => Node>} */
const BARS = {
  signedOut: () => banner("warn", "This page is no longer signed in.", "Open the link that this command prints:", h("code", null, "waylay status")),
  away: (countdown, retry) => {
    const made = banner("warn", "Not connected to the daemon.", store.state.loaded ? "What you see is what had arrived." : "Start it with waylay start.",
      button({ word: "Try now", class: "tiny line", onclick: retry }));
    made.querySelector("span")?.append(countdown);
    return made;
  },
  failing: () => {
    const { why, lost } = storeTrouble(store.state);
    return banner("err", "Capture is paused, traffic goes on.", [sentence(why ?? ""), lost && `${lost} could not be kept.`].filter(Boolean).join(" "));
  },
  shed: () => banner("warn", `${storeTrouble(store.state).lost} could not be kept:`, "they came faster than they could be written, or the disk failed. Traffic was not touched."),
  rejected: () => {
    const { rejected } = store.state, [{ pattern }] = rejected, times = rejected.reduce((sum, host) => sum + host.count, 0), one = rejected.length === 1;
    const word = `Pass ${one ? "it" : visible(pattern)} through`;
    const where = one ? `to ${visible(pattern)}` : `to ${count(rejected.length)} hosts`;
    return news(`${plural(times, "connection")} ${where} ${times === 1 ? "was" : "were"} refused by the client:`, distrust() ? "it trusts the certificate for no host, so the CA is not installed there." : "it does not trust the certificate.",
      command("waylay ca export"), button({ word, class: "tiny line", onclick: () => void letThroughSaying(pattern) }), button({ icon: "x", label: "Put this away", class: "tiny", onclick: dismissRejections }));
  },
  automatic: () => {
    const hosts = unannounced(store.state), [host] = hosts, one = hosts.length === 1, seen = () => store.set({ announced: [...store.state.announced, ...hosts.map(({ pattern }) => pattern)] });
    const word = one ? "Intercept it again" : "Show the hosts";
    return news(one ? `${visible(host.pattern)} is now passed through:` : `${count(hosts.length)} hosts are now passed through:`, one ? whyPassed(host) : "their clients do not trust the certificate.",
      button({ word, class: "tiny line", onclick: () => {
        seen();
        if (one) void intercept(host.pattern);
        else go({ screen: "rules" });
      } }), button({ icon: "x", label: "Put this away", class: "tiny", onclick: seen }));
  },
  noMatch: () => banner("info", `No match among ${count(store.state.total)}.`, "", button({ word: "Clear the filter", class: "tiny line", onclick: () => go({ filter: "" }) }), h("span", { class: "mid hide-s" }, "or press ", h("kbd", null, "\\"), " to switch it off for a moment")),
};

/** @param {string} text */
const sentence = (text) => text && text[0].toUpperCase() + text.slice(1) + (/[.!?]$/.test(text) ? "" : ".");

/**
 * One sentence, what goes with it, and the way out.
 * @param {"warn" | "err" | "info"} look
 * @param {string} strong
 * @param {string | Node} rest
 * @param {...Node} out
 */
export function banner(look, strong, rest, ...out) {
  return h("div", { class: `banner ${look}` }, look !== "info" && icon("info"), h("span", null, h("b", null, strong), rest && " ", rest), h("span", { class: "grow" }), ...out);
}

/**
 * A bar that can wait while an exchange fills a small window.
 * @param {string} strong
 * @param {string} rest
 * @param {...Node} out
 */
function news(strong, rest, ...out) {
  const made = banner("warn", strong, rest, ...out);
  made.classList.add("news");
  return made;
}

/** Why there is nothing, and what would change that. @param {State["status"]} status */
function lead(status) {
  const { state, left_out: left } = status?.session ?? {};
  if (status?.proxy.on === false) return "The proxy is off: nothing passes through it. What is run like this has a proxy of its own:";
  if (state === "paused") return "Recording is paused: press Space to resume. What is run like this is recorded in a session of its own:";
  if (state !== "recording") return "The proxy is listening. What is run like this is recorded in a session of its own:";
  return `Recording is on and the proxy is listening. ${left ? `What to record has left out ${plural(left, "exchange")} so far. ` : ""}Send one request through it:`;
}

/** What is shown while there is no row at all; hidden otherwise. */
export function empty() {
  const element = h("div", { class: "empty", hidden: true });
  store.watch(["login", "loaded", "total", "revision", "status", "filterError", "route"], ({ login, refusal, loaded, total, matched, status, route }) => {
    const out = login === "out" && !loaded, nothing = loaded && total === 0 && !matched && !route.filter;
    if (element.hidden === !(out || nothing) && !nothing) return;
    element.hidden = !(out || nothing);
    const mark = s("svg", { class: "wordmark", role: "img", "aria-label": "Waylay" }, s("use", { href: sprite("wordmark") }));
    if (out) element.replaceChildren(mark, h("h2", null, "This page is not signed in."), ...(refusal ? [h("p", { class: "server" }, `${refusal[0].toUpperCase()}${refusal.slice(1)}`)] : []), h("p", { class: "mid" }, "Open the link that this command prints. It works once, and this browser stays signed in."), command("waylay status"));
    else if (nothing && route.session !== null) element.replaceChildren(h("h2", null, "Nothing was recorded in this session."));
    else if (nothing) element.replaceChildren(mark, h("h2", null, "Nothing captured yet."), h("p", { class: "mid" }, lead(status)), command("waylay run -- curl https://example.com"));
  });
  return element;
}

/**
 * Tells assistive technology what arrived, at most every five seconds.
 * @param {{ failed: number }} columns
 */
export function liveRegion(columns) {
  const element = h("div", { class: "sr", "aria-live": "polite" });
  let total = -1, failed = 0, timer = 0;
  const say = () => {
    timer = 0;
    const came = store.state.total - total, broke = columns.failed - failed;
    ({ total } = store.state);
    ({ failed } = columns);
    if (came > 0) element.textContent = `${count(came)} new${broke > 0 ? `, ${count(broke)} failed` : ""}`;
  };
  store.watch(["total", "loaded"], (state) => {
    if (!state.loaded || total < 0) ({ total } = state), ({ failed } = columns);
    else timer ||= setTimeout(say, 5000);
  });
  return element;
}
