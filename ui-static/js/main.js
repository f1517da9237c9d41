// Start: signs in, loads the newest exchanges, opens the event stream, and ties keys to what they do.

import { ApiError, login, resume, sessions, status } from "./api.js";
import { button, h } from "./dom.js";
import { EventLink } from "./events.js";
import { Feed } from "./feed.js";
import { bindKeys, showKeys } from "./keys.js";
import { LiveScreen } from "./live.js";
import { banners, liveRegion } from "./notices.js";
import { refreshPassthrough, stopIntercepting } from "./passthrough.js";
import { countRejections } from "./rejections.js";
import { go, listen } from "./route.js";
import { notify, store } from "./state.js";
import { Columns } from "./table/columns.js";
import { Order } from "./table/order.js";
import { themeSwitch } from "./theme.js";
import { topBar } from "./top-bar.js";
import { undoBar } from "./undo.js";

/** @import { Session, Status } from "./api-types.js" */
/** @import { EditScreen } from "./editor/screen.js" */
/** @import { RulesScreen } from "./rules/screen.js" */

/** The one-time code of the printed link; out of the address bar and the history at once. */
const code = /^#login=([\w-]+)$/.exec(location.hash)?.[1] ?? "";
if (code) history.replaceState(null, "", location.pathname + location.search);
listen();

const columns = new Columns();
const feed = new Feed(columns, new Order(columns));
const live = new LiveScreen(feed);
const link = new EventLink({
  exchanges: (items) => {
    feed.apply(items);
    live.detail?.changed(items);
    countRejections(items);
  },
  session: (session) => sessionChanged(session),
  status: (now) => showStatus(now),
  resync: () => void load(),
  again: () => {
    void refreshStatus();
    void feed.catchUp();
  },
});

/** @type {EditScreen | null} */
let editor = null;
/** @type {RulesScreen | null} */
let rules = null;
const main = element("main"), banner = banners(() => link.retry()), screen = h("div", { class: "main grow" }, live.element);
live.element.classList.add("grow");
main.replaceChildren(banner, screen, undoBar(), liveRegion(columns));
topBar(element("top"));
element("rail-end").append(button({ icon: "help", label: "Keyboard shortcuts", key: "?", class: "hide-s", onclick: showKeys }), themeSwitch());

/** @param {"live" | "rules"} name */
const toScreen = (name) => go({ screen: name, id: "", tab: "" });
const screens = /** @type {NodeListOf<HTMLAnchorElement>} */ (document.querySelectorAll(".rail a"));
for (const to of screens) {
  to.addEventListener("click", (event) => {
    if (event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    toScreen(to.pathname === "/rules" ? "rules" : "live");
  });
}

store.watch(["route"], ({ route }) => {
  const now = route.screen === "rules" ? "/rules" : "/", title = route.screen === "rules" ? "Rules & hosts" : route.screen === "edit" ? "Edit and resend" : "Live";
  document.title = `${route.id ? `${route.id} · ` : ""}${title} · Waylay`;
  for (const to of screens) {
    if (to.pathname === now && to.classList.contains("nav")) to.setAttribute("aria-current", "page");
    else to.removeAttribute("aria-current");
  }
  void showScreen();
  if (store.state.loaded && route.filter !== asked) void load();
});

let asked = "";
void start();

async function start() {
  try {
    await signIn();
  } catch (error) {
    const out = error instanceof ApiError && error.status !== 0;
    store.set(out ? { login: "out", refusal: code ? error.message : "", link: "lost", retryAt: 0 } : { link: "lost" });
    if (!out) link.retry();
    return void store.watch(["link"], (state) => state.link === "connected" && !state.loaded && begin());
  }
  link.open();
  begin();
}

function begin() {
  store.set({ login: "in" });
  void refreshStatus();
  void load();
}

/** By the code of the link, or by the cookie that an earlier one left. */
async function signIn() {
  if (!code) return resume();
  await login(code).catch((error) => resume().catch(() => Promise.reject(error)));
}

async function load() {
  asked = store.state.route.filter;
  if (await feed.load(asked)) live.restart();
  preload();
}

/** What the first screen does without is fetched while nothing else is to do, to be there even if the daemon goes away. */
const preload = once(() => setTimeout(() => {
  for (const part of [import("./detail/pane.js"), import("./editor/screen.js"), import("./editor/compare.js"), import("./rules/screen.js")]) part.catch(() => {});
}, 400));

/** @param {() => void} action */
function once(action) {
  let done = false;
  return () => {
    if (!done) action();
    done = true;
  };
}

async function refreshStatus() {
  const [now, all] = await Promise.all([status(), sessions()]).catch(() => [null, null]);
  if (now) showStatus(now);
  if (all) store.set({ sessions: all.items });
}

/** @param {Status} now */
function showStatus(now) {
  if (JSON.stringify(now.passthrough) !== JSON.stringify(store.state.status?.passthrough)) void refreshPassthrough();
  store.set({ status: now, total: now.store.exchanges ?? store.state.total });
}

/** @param {Session} session */
function sessionChanged(session) {
  const rest = store.state.sessions.filter(({ id }) => id !== session.id), { status: now } = store.state;
  store.set({ sessions: [...rest, session].sort((a, b) => a.id - b.id) });
  if (now?.session?.id === session.id) store.set({ status: { ...now, session } });
}

async function showScreen() {
  const { route } = store.state;
  if (route.screen === "edit") {
    const part = await import("./editor/screen.js").catch(() => null);
    if (!part) return notify("The editor cannot be shown: the daemon does not answer");
    if (store.state.route.screen !== "edit") return;
    if (editor?.id !== route.id) {
      editor?.close();
      editor = new part.EditScreen(route.id);
    }
    if (!editor.element.isConnected) screen.replaceChildren(editor.element);
  } else if (route.screen === "rules") {
    const part = await import("./rules/screen.js").catch(() => null);
    if (!part) return notify("The rules cannot be shown: the daemon does not answer");
    if (store.state.route.screen !== "rules") return;
    if (!rules) rules = new part.RulesScreen();
    else void refreshPassthrough();
    if (!rules.element.isConnected) screen.replaceChildren(rules.element);
  } else if (!live.element.isConnected) {
    screen.replaceChildren(live.element);
    live.grid.refresh();
  }
}

/** Does something with the selected exchange, if there is one and it can be sent again. @param {(actions: typeof import("./editor/actions.js"), id: string) => void} act */
function withSelected(act) {
  const { route, selected } = store.state, id = route.id || selected;
  if (!id) return notify("Select an exchange first");
  void import("./editor/actions.js").then((actions) => act(actions, id), () => notify("The daemon does not answer"));
}

/** @param {1 | -1} step To the neighbouring tab. */
function turn(step) {
  (store.state.route.screen === "edit" ? editor : live.detail)?.turn(step);
}

const listShown = () => store.state.route.screen === "live" || store.state.route.screen === "exchange";

/** @param {() => void} action Only where the list is. */
const inList = (action) => () => listShown() && action();

/** @param {() => void} action Likewise, and not while the focus is on something that has its own use for the key. */
const inRows = (action) => () => {
  const free = document.activeElement === document.body || document.activeElement === main || live.grid.focused;
  return free && listShown() && action();
};

bindKeys({
  j: inList(() => live.move(1)),
  k: inList(() => live.move(-1)),
  gg: inList(() => live.move("first")),
  G: inList(() => live.move("last")),
  ArrowDown: inRows(() => live.move(1)),
  ArrowUp: inRows(() => live.move(-1)),
  PageDown: inRows(() => live.move(live.grid.page)),
  PageUp: inRows(() => live.move(-live.grid.page)),
  Home: inRows(() => live.move("first")),
  End: inRows(() => live.move("last")),
  Enter: inRows(() => live.openSelected()),
  Escape: () => (store.state.route.screen === "edit" ? go({ screen: "exchange", tab: "" }) : store.state.route.screen === "exchange" && live.close()),
  "/": inList(() => live.filter.focus()),
  "[": () => turn(-1),
  "]": () => turn(1),
  r: inList(() => withSelected((actions, id) => void actions.resend(id))),
  e: inList(() => withSelected((actions, id) => actions.edit(id))),
  c: inList(() => withSelected((actions, id) => void actions.copyAsCurl(id))),
  i: inList(() => withSelected((_, id) => void stopIntercepting(id))),
  1: () => toScreen("live"),
  5: () => toScreen("rules"),
  "?": showKeys,
});

/** @param {string} id */
function element(id) {
  const found = document.getElementById(id);
  if (!found) throw new Error(`index.html has no element ${id}`);
  return found;
}
