// What stands in for the list or above it when there is something to say: one sentence, one way out.

import { copyButton } from "./copy.js";
import { button, h, icon, s, sprite } from "./dom.js";
import { count } from "./format.js";
import { go } from "./route.js";
import { store } from "./state.js";

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
    const bars = due(store.state), key = bars.join();
    const { retryAt } = store.state, seconds = Math.max(0, Math.ceil((retryAt - Date.now()) / 1000));
    countdown.textContent = retryAt ? ` Next try in ${seconds} s.` : " Trying now.";
    if (key === shown) return;
    shown = key;
    element.replaceChildren(...bars.map((bar) => BARS[bar](countdown, retry)));
  };
  store.watch(["login", "link", "loaded", "retryAt", "status", "matched", "total", "route", "filterError"], show);
  setInterval(() => store.state.link === "lost" && show(), 1000);
  return element;
}

/** @typedef {"signedOut" | "away" | "failing" | "shed" | "noMatch"} Bar */

/**
 * @param {Readonly<import("./state.js").State>} state
 * @returns {Bar[]}
 */
function due({ login, link, loaded, status, matched, route, filterError }) {
  /** @type {(Bar | false | null | undefined)[]} */
  const bars = [
    login === "out" && loaded && "signedOut",
    login !== "out" && link === "lost" && "away",
    status?.store.error ? "failing" : status && status.store.shed > 0 && "shed",
    loaded && matched === 0 && route.filter !== "" && !filterError && "noMatch",
  ];
  return bars.filter((bar) => typeof bar === "string");
}

/** @type {Record<Bar, (countdown: Node, retry: () => void) => Node>} */
const BARS = {
  signedOut: () => banner("warn", "This page is no longer signed in.", "Open the link that this command prints:", h("code", null, "waylay status")),
  away: (countdown, retry) => {
    const made = banner("warn", "Not connected to the daemon.", store.state.loaded ? "What you see is what had arrived." : "Start it with waylay start.",
      button({ label: "Try now", word: "Try now", class: "tiny line", onclick: retry }));
    made.querySelector("span")?.append(countdown);
    return made;
  },
  failing: () => banner("err", "Capture is failing.", `Traffic goes on. ${store.state.status?.store.error ?? ""}`),
  shed: () => banner("warn", "Some of what passed was not kept:", "it came faster than it could be written, or the disk failed. Traffic was not touched."),
  noMatch: () => banner("info", `No match among ${count(store.state.total)}.`, "", button({ label: "Clear the filter", word: "Clear the filter", class: "tiny line", onclick: () => go({ filter: "" }) })),
};

/**
 * One sentence, what goes with it, and the way out.
 * @param {"warn" | "err" | "info"} look
 * @param {string} strong
 * @param {string} rest
 * @param {...Node} out
 */
export function banner(look, strong, rest, ...out) {
  return h("div", { class: `banner ${look}` }, look !== "info" && icon("info"), h("span", null, h("b", null, strong), rest && ` ${rest}`), h("span", { class: "grow" }), ...out);
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
    else if (nothing) {
      const lead = status?.session ? "Recording is on and the proxy is listening. Send one request through it:" : "The proxy is listening. What is run like this is recorded in a session of its own:";
      element.replaceChildren(mark, h("h2", null, "Nothing captured yet."), h("p", { class: "mid" }, lead), command("waylay run -- curl https://example.com"));
    }
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
