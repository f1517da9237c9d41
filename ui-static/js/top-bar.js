// The bar at the top: whether anything is recorded, into which session, by which proxy, and whether this page is up to date.

import { copy } from "./copy.js";
import { h, icon } from "./dom.js";
import { bytes, plural, span } from "./format.js";
import { store } from "./state.js";

/** @import { Session } from "./api-types.js" */

const LINK = {
  connecting: { color: "pending", shape: "s-pending", word: "Connecting", title: "Opening the stream of live updates" },
  connected: { color: "ok", shape: "s-ok", word: "Connected", title: "Live updates are arriving" },
  lost: { color: "client", shape: "s-pending", word: "Reconnecting", title: "Live updates have stopped" },
};

/** @param {HTMLElement} element */
export function topBar(element) {
  const state = h("span"), session = h("span", { class: "sess trunc hide-s" }), facts = h("span", { class: "facts hide-s" });
  const proxy = h("button", { type: "button", class: "btn mono hide-m", title: "Copy the proxy address" });
  const link = h("span", { class: "conn" });
  proxy.addEventListener("click", () => void copy(address(), "the proxy address"));
  element.replaceChildren(state, h("span", { class: "sep hide-s" }), session, facts, h("span", { class: "grow" }), proxy, link);

  const showFacts = () => facts.replaceChildren(...factsOf(store.state.status?.session ?? null).map((fact) => h("span", null, fact)));
  store.watch(["status"], ({ status }) => {
    const current = status?.session ?? null;
    const [look, word] = !status ? ["", ""] : current?.state === "recording" ? ["recording", "Recording"] : current?.state === "paused" ? ["paused", "Paused"] : ["off", "Not recording"];
    state.className = `state ${look}`;
    state.replaceChildren(...(look ? [h("span", { class: "dot" }), word] : []));
    session.textContent = current?.name ?? "";
    session.title = current ? `Session ${current.id}${current.command ? `: ${current.command}` : ""}` : "";
    proxy.hidden = !status;
    proxy.replaceChildren(address(), " ", icon("copy"));
    showFacts();
  });
  store.watch(["link", "login"], ({ link: now, login }) => {
    const { color, shape, word, title } = LINK[now];
    link.title = title;
    link.replaceChildren(h("span", { class: color }, icon(shape, "i12")), h("span", { class: now === "connected" ? "hide-s" : null }, login === "out" ? "Not signed in" : word));
  });
  setInterval(() => !document.hidden && showFacts(), 1000);
}

/** @param {Session | null} session */
function factsOf(session) {
  if (!session) return [];
  const until = session.ended_us ?? Date.now() * 1000;
  return [span(until - session.started_us), plural(session.exchanges, "exchange"), bytes(session.bytes)];
}

/** The proxy's address to give to a client: IPv4 loopback if there is one. */
function address() {
  const all = store.state.status?.proxy.addresses ?? [];
  return all.find((one) => one.startsWith("127.")) ?? all[0] ?? "";
}
