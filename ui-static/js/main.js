// Start: signs in, loads the newest exchanges, opens the event stream, and ties keys to what they do.

import { ApiError, login, resume, sessions, status } from "./api.js";
import { openConsole } from "./console/open.js";
import { button } from "./dom.js";
import { EventLink } from "./events.js";
import { Feed } from "./feed.js";
import { toggleFilter } from "./filter/bar.js";
import { noticeLine } from "./footer.js";
import { bindKeys } from "./keys.js";
import { lazy } from "./lazy.js";
import { LiveScreen } from "./live.js";
import { banners, liveRegion } from "./notices.js";
import { refreshPassthrough, stopIntercepting } from "./passthrough.js";
import { countRejections } from "./rejections.js";
import { go, listShown, listen, toList } from "./route.js";
import { scopeOf, totalOf } from "./scope.js";
import { Screens } from "./screens.js";
import { notify, store } from "./state.js";
import { Columns } from "./table/columns.js";
import { Order } from "./table/order.js";
import { themeSwitch } from "./theme.js";
import { togglePause, topBar } from "./top-bar.js";
import { dropFiles } from "./transfer/drop.js";
import { undoBar } from "./undo.js";

/** @import { Session, Status } from "./api-types.js" */

/** The one-time code of the printed link; out of the address bar and the history at once. */
const code = /^#login=([\w-]+)$/.exec(location.hash)?.[1] ?? "";
if (code) history.replaceState(null, "", location.pathname + location.search);
listen();

const columns = new Columns();
const feed = new Feed(columns, new Order(columns));

/** What the list was last asked for. */
let asked = "";
/** What it is to show: filter and scope. */
const wanted = () => ({ filter: store.state.filterOff ? "" : store.state.route.filter, scope: scopeOf(store.state) });

// Before whatever shows something: the daemon is at work meanwhile.
store.watch(["route", "filterOff", "status", "sessions"], (state) => {
  if (!state.loaded) return;
  store.set({ total: totalOf(scopeOf(state), state.sessions) });
  if (listShown(state.route) && JSON.stringify(wanted()) !== asked) void load();
});

const live = new LiveScreen(feed);
const link = new EventLink({
  exchanges: (items) => {
    feed.apply(items);
    screens.changed(items);
    countRejections(items);
  },
  session: (session) => sessionChanged(session),
  gone: (ids) => feed.remove(ids),
  proxy: (proxy) => store.state.status && store.set({ status: { ...store.state.status, proxy } }),
  status: (now) => showStatus(now),
  resync: () => void load(),
  again: () => {
    void refreshStatus();
    void feed.catchUp();
  },
});

const main = element("main"), banner = banners(() => link.retry()), screens = new Screens(live);
main.replaceChildren(banner, screens.element, noticeLine(), undoBar(), liveRegion(columns));
topBar(element("top"));
const showKeys = () => void lazy(() => import("./keys-sheet.js")).then((part) => part?.showKeys());
const showPalette = () => void lazy(() => import("./palette/palette.js")).then((part) => part?.openPalette(live));
element("rail-end").append(button({ icon: "search", label: "Commands", key: "Ctrl+K", class: "hide-s", onclick: showPalette }), button({ icon: "help", label: "Keyboard shortcuts", key: "?", class: "hide-s", onclick: showKeys }), themeSwitch());
dropFiles(() => store.state.route.screen === "cookies" && screens.cookies);

let stale = 0;
store.watch(["stale"], (state) => {
  if (state.stale === stale) return;
  ({ stale } = state);
  void refreshStatus().then(load);
});

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

async function begin() {
  store.set({ login: "in" });
  await refreshStatus();
  void load();
}

/** By the code of the link, or by the cookie that an earlier one left. */
async function signIn() {
  if (!code) return resume();
  await login(code).catch((error) => resume().catch(() => Promise.reject(error)));
}

async function load() {
  const { filter, scope } = wanted();
  asked = JSON.stringify({ filter, scope });
  store.set({ total: totalOf(scope, store.state.sessions) });
  if (await feed.load(filter, scope)) live.restart();
  preload();
}

/** What the first screen does without is fetched while nothing else is to do, to be there even if the daemon goes away. */
const preload = once(() => setTimeout(() => {
  /** @type {(() => Promise<unknown>)[]} */
  const parts = [() => import("./detail/pane.js"), () => import("./editor/screen.js"), () => import("./editor/compare.js"), () => import("./rules/screen.js"), () => import("./setup/screen.js"), () => import("./sessions/page.js"), () => import("./sessions/screen.js"), () => import("./replay/screen.js"), () => import("./cookies/screen.js"),
    () => import("./bulk.js"), () => import("./sessions/actions.js"), () => import("./record/dialog.js"), () => import("./keys-sheet.js"), () => import("./palette/palette.js")];
  for (const part of parts) void lazy(part);
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
  if (all) store.set({ sessions: all.items });
  if (now) showStatus(now);
}

/** @param {Status} now */
function showStatus(now) {
  if (JSON.stringify(now.passthrough) !== JSON.stringify(store.state.status?.passthrough)) void refreshPassthrough();
  store.set({ status: now });
}

/** @param {Session & { deleted?: boolean }} session */
function sessionChanged(session) {
  const rest = store.state.sessions.filter(({ id }) => id !== session.id), { status: now } = store.state, open = session.state === "recording" || session.state === "paused";
  store.set({ sessions: session.deleted ? rest : [...rest, session].sort((a, b) => a.id - b.id) });
  if (now?.session?.id === session.id) store.set({ status: { ...now, session: open ? session : null } });
  else if (now && open && session.source === "proxy" && !session.deleted) store.set({ status: { ...now, session } });
}

/** Does something with the selected exchange, if there is one and it can be sent again. @param {(actions: typeof import("./editor/actions.js"), id: string) => void} act */
function withSelected(act) {
  const { route, selected } = store.state, id = route.id || selected;
  if (!id) return notify("Select an exchange first");
  void lazy(() => import("./editor/actions.js")).then((actions) => actions && act(actions, id));
}

/** Deletes what is ticked, or else the selected exchange. */
function deleteSome() {
  const { checked, selected, route } = store.state, id = route.id || selected;
  if (checked > 0) return void lazy(() => import("./bulk.js")).then((part) => part?.deleteChecked(live.grid.checked, feed));
  if (!id) return notify("Select an exchange first");
  void lazy(() => import("./deleting.js")).then(async (part) => {
    if (!(await part?.deleteExchanges({ exchanges: [id] }))) return;
    live.move(1);
    if (store.state.route.screen === "exchange" && store.state.route.id === id) toList();
  });
}

/** The forms in which what is ticked, or else the selected exchange, can be copied. */
function copySome() {
  const { checked, selected, route } = store.state, ids = checked > 0 ? live.grid.checked.ids : [route.id || selected].filter(Boolean);
  if (ids.length === 0) return notify("Select an exchange first");
  void lazy(() => import("./copy-menu.js")).then((part) => part?.openCopyMenu(document.querySelector(".rows .row[aria-selected=true]") ?? main, ids));
}

/** What is ticked, or else the selected exchange, with words for it. @param {(of: import("./bulk.js").Picked) => unknown} act */
function withPicked(act) {
  const { checked, selected, route } = store.state, id = route.id || selected;
  if (!checked && !id) return notify("Select an exchange first");
  void lazy(() => import("./bulk.js")).then((part) => part && act(checked ? part.picked(live.grid.checked, feed) : { what: { exchanges: [id] }, words: id }));
}

/** Puts the chosen cookie of a session, or those that the selected exchange sets, into the default jar. */
function addCookies() {
  const { route, selected } = store.state, id = route.id || selected;
  if (screens.session?.addCookie()) return;
  if (!listShown(route)) return false;
  if (!id) return notify("Select an exchange first");
  void lazy(() => import("./cookies/seen.js")).then((part) => part?.putExchange(id));
}

/** Compares the two that are ticked. */
function diffSome() {
  const ids = live.grid.checked.ids;
  if (ids.length !== 2) return notify("Tick two exchanges to compare them");
  void lazy(() => import("./bulk.js")).then((part) => part?.compareTwo(ids));
}

function back() {
  const { route, checked } = store.state;
  if (route.screen === "collections") return route.at.startsWith("from/") && go({ screen: "exchange", id: route.at.slice(5), tab: "" });
  if (route.screen === "replay") return route.at ? go({ at: "", tab: "" }) : go({ screen: "sessions" });
  if (route.screen === "exchange") return live.close();
  if (checked > 0 && listShown(route)) return live.grid.checked.clear();
  if (route.screen === "session") go({ screen: "sessions" });
}

/** @param {() => void} action Only where the list is. */
const inList = (action) => () => listShown(store.state.route) && action();

/** @param {() => void} action Likewise, and not while the focus is on something that has its own use for the key. */
const inRows = (action) => () => {
  const free = document.activeElement === document.body || document.activeElement === main || live.grid.focused;
  return free && listShown(store.state.route) && action();
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
  Escape: back,
  "/": inList(() => live.filter.focus()),
  "\\": inList(toggleFilter),
  "[": () => screens.turn(-1),
  "]": () => screens.turn(1),
  x: inList(() => live.check(false)),
  X: inList(() => live.check(true)),
  v: inList(() => live.toggleLayout()),
  w: inList(() => live.toggleWaterfall()),
  y: inList(copySome),
  s: inList(() => withPicked((of) => lazy(() => import("./collections/save.js")).then((part) => part?.saveCaptured(of.what, of.words)))),
  d: inList(diffSome),
  Delete: inList(deleteSome),
  " ": togglePause,
  r: inList(() => withSelected((actions, id) => void actions.resend(id))),
  e: inList(() => withSelected((actions, id) => actions.edit(id))),
  c: inList(() => withSelected((actions, id) => void actions.copyAsCurl(id))),
  b: addCookies,
  i: inList(() => withSelected((_, id) => void stopIntercepting(id))),
  1: () => go({ screen: "live" }),
  2: () => go({ screen: "sessions" }),
  3: () => go({ screen: "cookies" }),
  4: () => screens.toCollections(),
  5: () => go({ screen: "rules" }),
  6: () => go({ screen: "setup" }),
  "?": showKeys,
  "`": openConsole,
}, showPalette);

/** @param {string} id */
function element(id) {
  const found = document.getElementById(id);
  if (!found) throw new Error(`index.html has no element ${id}`);
  return found;
}
