// The address bar: every screen, exchange, tab and filter has a URL.
//
//   /?filter=…                       the list
//   /exchange/7.42?filter=…#timing   the list with an exchange
//   /exchange/7.42#messages/17       one of its messages
//   /exchange/0.3?against=7.42       the answer to a request sent again, beside what was captured
//   /exchange/7.42/edit              the editor
//   /rules                           hosts that are not intercepted

import { store } from "./state.js";

/**
 * @typedef {object} Route
 * @property {"live" | "exchange" | "edit" | "rules"} screen
 * @property {string} id of the exchange, or empty
 * @property {string} against the captured exchange to compare with, or empty
 * @property {string} tab or empty for the usual one
 * @property {number} message that is open in the tab of messages; 0 for none
 * @property {string} filter
 */

/**
 * @param {Location | URL} location
 * @returns {Route}
 */
export function parse({ pathname, search, hash }) {
  const query = new URLSearchParams(search), [, id = "", edit] = /^\/exchange\/(\d+\.\d+)(\/edit)?$/.exec(pathname) ?? [];
  const [tab, message = ""] = hash.slice(1).split("/");
  return {
    screen: pathname === "/rules" ? "rules" : edit ? "edit" : id ? "exchange" : "live",
    id,
    against: query.get("against") ?? "",
    tab,
    message: /^[1-9]\d{0,14}$/.test(message) ? Number(message) : 0,
    filter: query.get("filter") ?? "",
  };
}

/**
 * @param {Route} route
 * @returns {string}
 */
export function href({ screen, id, against, tab, message, filter }) {
  const query = [filter && `filter=${readable(filter)}`, against && screen === "exchange" && `against=${against}`].filter(Boolean).join("&");
  const bare = screen === "live" || screen === "rules";
  const path = screen === "live" ? "/" : screen === "rules" ? "/rules" : `/exchange/${id}${screen === "edit" ? "/edit" : ""}`;
  return path + (query && `?${query}`) + (tab && !bare ? `#${tab}${tab === "messages" && message ? `/${message}` : ""}` : "");
}

/** @param {string} text Encoded for a query, as far as it must be. */
const readable = (text) => encodeURIComponent(text).replaceAll("%20", "+").replaceAll("%3A", ":").replaceAll("%2F", "/").replaceAll("%2C", ",");

/**
 * Goes somewhere; what is not given stays as it is.
 * @param {Partial<Route>} change
 * @param {{ replace?: boolean }} [how] `replace`: the way back skips where we are now
 */
export function go(change, { replace = false } = {}) {
  const from = store.state.route;
  const route = { ...from, ...(change.id !== undefined && change.id !== from.id ? { against: "", message: 0 } : {}), ...change };
  const url = href(route);
  if (url === href(from)) return;
  history[replace ? "replaceState" : "pushState"](null, "", url);
  store.set({ route });
}

/** Follows the browser's own way back and forth. */
export function listen() {
  store.set({ route: parse(location) });
  addEventListener("popstate", () => store.set({ route: parse(location) }));
}
