// The bar at the top: whether anything is recorded, into which session, by which proxy, and whether this page is up to date.

import { copy } from "./copy.js";
import { button, h, icon } from "./dom.js";
import { bytes, count, plural, span } from "./format.js";
import { lazy } from "./lazy.js";
import { openEdit } from "./inline-edit.js";
import { store } from "./state.js";

/** @import { Rules, Session } from "./api-types.js" */
/** @import { State } from "./state.js" */

const LINK = {
  connecting: { color: "pending", shape: "s-pending", word: "Connecting", title: "Opening the stream of live updates" },
  connected: { color: "ok", shape: "s-ok", word: "Connected", title: "Live updates are arriving" },
  lost: { color: "client", shape: "s-pending", word: "Reconnecting", title: "Live updates have stopped" },
};

/** @param {(actions: typeof import("./sessions/actions.js")) => unknown} act */
const act = (act) => void lazy(() => import("./sessions/actions.js")).then((actions) => actions && act(actions));

/** Pauses recording, or resumes it. */
export const togglePause = () => act((actions) => actions.togglePause());

/** "What to record". */
export const openRules = () => void lazy(() => import("./record/dialog.js")).then((part) => part?.openRecord());

/** @param {HTMLElement} element */
export function topBar(element) {
  const state = h("span"), facts = h("span", { class: "facts hide-s" });
  const name = h("button", { type: "button", class: "btn sess trunc hide-s", title: "Rename this session", onclick: () => {
    const { session } = store.state.status ?? {};
    if (session) openEdit(name, session.name, "Name of the session", (text) => act((actions) => actions.change(session.id, { name: text })));
  } });
  const badge = h("span", { class: "badge" });
  const rules = button({ icon: "target", label: "What to record", word: " ", class: "hide-s", onclick: openRules });
  rules.lastChild?.replaceWith(h("span", { class: "hide-m" }, "What to record"), badge);
  const pause = button({ icon: "pause", word: "Pause", onclick: togglePause });
  const stop = button({ icon: "stop", word: "Stop", onclick: () => act((actions) => actions.stop()) });
  const begin = button({ icon: "plus", word: "New session", class: "hide-s", onclick: () => act((actions) => actions.begin()) });
  const more = button({ icon: "more", label: "More: session, what to record, proxy", class: "only-s", onclick: () => void lazy(() => import("./sessions/more-menu.js")).then((part) => part?.openMore(more)) });
  const proxy = h("button", { type: "button", class: "btn mono hide-m", title: "Copy the proxy address", onclick: () => void copy(address(), "the proxy address") });
  const power = button({ icon: "power", label: "Switch the proxy off", class: "hide-m", onclick: () => act((actions) => actions.toggleProxy()) });
  const link = h("span", { class: "conn" });
  stop.setAttribute("aria-label", "Stop");
  stop.title = "Stop and close this session";
  begin.setAttribute("aria-label", "New session");
  begin.title = "New session: the running one is stopped";
  for (const one of [pause, stop, begin]) one.lastChild?.replaceWith(h("span", { class: one === begin ? "hide-l" : "hide-s" }, one.textContent));
  const seps = [h("span", { class: "sep hide-s" }), h("span", { class: "sep hide-m" })];
  element.replaceChildren(state, seps[0], name, facts, h("span", { class: "grow" }), rules, seps[1], pause, stop, begin, more, h("span", { class: "sep hide-s" }), power, proxy, link);

  const showFacts = () => facts.replaceChildren(...factsOf(store.state.status?.session ?? null));
  store.watch(["status"], ({ status }) => {
    const current = status?.session ?? null, [look, word] = stateOf(status), paused = current?.state === "paused", active = current ? limits(current.rules) : 0;
    state.className = `state ${look}`;
    state.replaceChildren(...(look ? [h("span", { class: "dot" }), word] : []));
    name.textContent = current?.name ?? "";
    name.hidden = !current;
    name.title = current ? `Session ${current.id}${current.command ? `: ${current.command}` : ""}. Click to rename` : "";
    for (const one of [rules, pause, stop, ...seps]) one.hidden = !current;
    begin.hidden = more.hidden = !status;
    pause.title = `${paused ? "Resume" : "Pause"} (Space)`;
    pause.replaceChildren(icon(paused ? "send" : "pause"), h("span", { class: "hide-s" }, paused ? "Resume" : "Pause"));
    pause.setAttribute("aria-label", paused ? "Resume" : "Pause");
    badge.hidden = active === 0;
    badge.textContent = String(active);
    rules.setAttribute("aria-label", active ? `What to record, ${plural(active, "limit")} active` : "What to record");
    proxy.hidden = !status || status.proxy.on === false;
    proxy.replaceChildren(address(), " ", icon("copy"));
    power.hidden = status?.proxy.on === undefined;
    const label = status?.proxy.on === false ? "Switch the proxy on" : "Switch the proxy off";
    power.setAttribute("aria-label", label);
    power.title = label;
    showFacts();
  });
  store.watch(["link", "login"], ({ link: now, login }) => {
    const { color, shape, word, title } = LINK[now];
    link.title = title;
    link.replaceChildren(h("span", { class: color }, icon(shape, "i12")), h("span", { class: now === "connected" ? "hide-s" : null }, login === "out" ? "Not signed in" : word));
  });
  setInterval(() => !document.hidden && showFacts(), 1000);
}

/** @param {State["status"]} status @returns {[string, string]} how it looks, and the word */
function stateOf(status) {
  if (!status) return ["", ""];
  if (status.proxy.on === false) return ["off", "Proxy off"];
  const { state } = status.session ?? {};
  return state === "recording" ? ["recording", "Recording"] : state === "paused" ? ["paused", "Paused"] : ["off", "Not recording"];
}

/**
 * How long a session has been recording, its pauses apart.
 * @param {Session} session
 */
export const lasted = ({ started_us: from, ended_us: end, pause_us: pause, paused_us: paused = 0 }) => Math.max(0, (end ?? pause ?? Date.now() * 1000) - from - paused);

/** @param {Session | null} session */
function factsOf(session) {
  if (!session) return [];
  const facts = [span(lasted(session)), plural(session.exchanges, "exchange"), bytes(session.bytes)].map((fact) => h("span", null, fact));
  return [...facts, ...(session.failures ? [h("span", { class: "server" }, `${count(session.failures)} failed`)] : [])];
}

/**
 * How many of the rules are not as they are by default.
 * @param {Rules | undefined} rules
 */
export function limits(rules) {
  if (!rules) return 0;
  const lists = [rules.methods, rules.status, rules.hosts, rules.url_contains, rules.url_excludes, rules.content_types].filter((list) => list.length > 0).length;
  return lists + Number(!rules.save_responses) + Number(!rules.capture_cookies) + Number(rules.media);
}

/** The proxy's address to give to a client: IPv4 loopback if there is one. */
export function address() {
  const all = store.state.status?.proxy.addresses ?? [];
  return all.find((one) => one.startsWith("127.")) ?? all[0] ?? "";
}
