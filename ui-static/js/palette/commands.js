// What the palette can do: the actions of the page, each with its key if it has one.

import { openConsole } from "../console/open.js";
import { toggleFilter } from "../filter/bar.js";
import { lazy } from "../lazy.js";
import { count, visible } from "../format.js";
import { go, inCollections, listShown } from "../route.js";
import { scopeOf, within } from "../scope.js";
import { store } from "../state.js";
import { openRules, togglePause } from "../top-bar.js";
import { chooseImport } from "../transfer/drop.js";
import { begin, stop, toggleProxy } from "../sessions/actions.js";

/** @import { LiveScreen } from "../live.js" */

/** @typedef {{ icon: string, word: string, more?: string, act: () => unknown }} Command */

/**
 * What can be done now.
 * @param {LiveScreen} live
 * @returns {Command[]}
 */
export function commands(live) {
  const { status, route, matched, atLeast, checked, selected } = store.state, session = status?.session, list = listShown(route), number = matched ?? atLeast;
  /** @type {(Command | "" | false | null | undefined)[]} */
  const all = [
    session && { icon: session.state === "paused" ? "send" : "pause", word: session.state === "paused" ? "Resume recording" : "Pause recording", more: "Space", act: togglePause },
    session && { icon: "stop", word: "Stop and close this session", act: stop },
    { icon: "plus", word: "New session", act: begin },
    session && { icon: "target", word: "What to record", act: openRules },
    status?.proxy.on !== undefined && { icon: "power", word: status.proxy.on ? "Switch the proxy off" : "Switch the proxy on", act: toggleProxy },
    list && { icon: "filter", word: "Edit the filter", more: "/", act: () => live.filter.focus() },
    list && route.filter && { icon: "filter", word: "Switch the filter off or on", more: "\\", act: toggleFilter },
    list && route.filter && { icon: "x", word: "Clear the filter", act: () => go({ filter: "" }) },
    list && { icon: "export", word: "Export the filtered list as HAR", more: `${count(number)} rows`, act: () => lazy(() => import("../transfer/export.js")).then((part) => part?.showExport({ filter: within(route.filter, scopeOf(store.state)).text }, `${count(number)} exchanges`)) },
    list && number > 0 && { icon: "check", word: "Select everything that matches", act: () => live.grid.checked.setMatching() },
    checked > 0 && { icon: "x", word: "Unselect all", act: () => live.grid.checked.clear() },
    { icon: "import", word: "Import: HAR, collection, environment, curl", act: () => chooseImport() },
    list && { icon: "layout", word: "Layout: exchange beside or below", more: "v", act: () => live.toggleLayout() },
    list && { icon: "live", word: "Waterfall: show or hide", more: "w", act: () => live.toggleWaterfall() },
    list && { icon: "down", word: "Go to the newest exchange", more: "G", act: () => live.toEnd() },
    { icon: "live", word: "Live", more: "1", act: () => go({ screen: "live" }) },
    { icon: "sessions", word: "Sessions", more: "2", act: () => go({ screen: "sessions" }) },
    { icon: "cookies", word: "Cookies", more: "3", act: () => go({ screen: "cookies" }) },
    { icon: "collections", word: "Collections", more: "4", act: () => shown("collections") },
    { icon: "resend", word: "Replays", act: () => go({ screen: "replay", at: "", tab: "" }) },
    list && number > 0 && { icon: "bookmark", word: "Save the filtered list to a collection", more: `${count(number)} rows`, act: () => lazy(() => import("../collections/save.js")).then((part) => part?.saveCaptured({ filter: within(route.filter, scopeOf(store.state)).text }, `${count(number)} exchanges`)) },
    list && number > 0 && { icon: "resend", word: "Replay the filtered list", more: `${count(number)} rows`, act: () => lazy(() => import("../replay/start.js")).then((part) => part?.askReplay({ filter: within(route.filter, scopeOf(store.state)).text }, `${count(number)} exchanges`)) },
    { icon: "plus", word: "New request", act: () => go(inCollections("")) },
    { icon: "clock", word: "History of what was sent", act: () => shown("history") },
    selected && list && { icon: "plus", word: "Add the selected exchange to the history", act: () => lazy(() => import("../editor/actions.js")).then((part) => part?.remember(selected)) },
    selected && list && { icon: "resend", word: "Resend with the cookies as they were then", act: () => lazy(() => import("../editor/actions.js")).then((part) => part?.resend(selected, true)) },
    selected && list && { icon: "cookies", word: "Put its cookies into the jar", more: "b", act: () => lazy(() => import("../cookies/seen.js")).then((part) => part?.putExchange(selected)) },
    { icon: "eye", word: "Environments and variables", act: () => shown("environments") },
    { icon: "rules", word: "Settings for all requests", act: () => go(inCollections("settings")) },
    { icon: "console", word: "Console", more: "`", act: openConsole },
    { icon: "rules", word: "Rules & hosts", more: "5", act: () => go({ screen: "rules" }) },
    { icon: "lock", word: "Add a client certificate", act: () => lazy(() => import("../rules/certificates.js")).then((part) => part?.openAdding()) },
    { icon: "console", word: "Setup: commands, CA, web clients", more: "6", act: () => go({ screen: "setup" }) },
    { icon: "plus", word: "Pair a web client", act: () => lazy(() => import("../setup/pair.js")).then((part) => part?.askPairing()) },
    { icon: "theme", word: "Switch light or dark", act: () => /** @type {HTMLButtonElement | null} */ (document.querySelector("[data-theme-switch]"))?.click() },
    { icon: "help", word: "Keyboard shortcuts", more: "?", act: () => lazy(() => import("../keys-sheet.js")).then((part) => part?.showKeys()) },
    { icon: "help", word: "Filter language", act: () => lazy(() => import("../filter/help.js")).then((part) => part?.showHelp()) },
    ...[...store.state.sessions].reverse().map(({ id, name, exchanges }) => ({ icon: "sessions", word: `Open session ${visible(name)}`, more: `${count(exchanges)} rows`, act: () => go({ screen: "session", session: id, id: "", tab: "" }) })),
  ];
  return all.filter((one) => Boolean(one)).map((one) => /** @type {Command} */ (one));
}

/** @param {"collections" | "history" | "environments"} listed */
function shown(listed) {
  store.set({ listed });
  if (store.state.route.screen !== "collections") go({ screen: "collections", at: "" });
}
