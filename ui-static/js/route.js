// The address bar: every screen, session, exchange, tab and filter has a URL.
//
//   /?filter=…                       what is captured now
//   /exchange/7.42?filter=…#timing   the same with an exchange
//   /exchange/7.42#messages/17       one of its messages
//   /exchange/0.3?against=7.42       the answer to a request sent again, beside what was captured
//   /collections                     a new request
//   /collections/from/7.42           a captured exchange as a request
//   /collections/send/12#headers     what was sent, with its answer, a part of the request chosen
//   /collections/send/12?against=0.3 the same beside another answer
//   /collections/collection/3        a collection itself
//   /collections/item/12#auth        what is in one: a folder, a saved request, an example
//   /collections/environment/3       an environment; also globals, and settings for the general ones
//   /sessions                        all sessions
//   /session/7?filter=…              one of them, its requests
//   /session/7#overview              its graphs
//   /session/7/exchange/7.42         its requests with an exchange
//   /replay                          all replays
//   /replay/5#17                     one of them, its eighteenth result open
//   /session/7#cookies               cookies that were seen in it
//   /cookies                         the default jar
//   /cookies/2?domain=a.test#17      another one, a domain of it, a cookie open
//   /rules                           hosts that are not intercepted, client certificates, upstream proxies
//   /setup                           how clients are led here

import { h } from "./dom.js";
import { store } from "./state.js";

/**
 * @typedef {object} Route
 * @property {"live" | "exchange" | "collections" | "cookies" | "replay" | "rules" | "setup" | "sessions" | "session"} screen
 * @property {number | null} session whose exchanges are listed; `null` for those of now
 * @property {string} id of the exchange, or empty
 * @property {string} at what is open among the collections: `item/12`, `collection/3`, `send/12`, `from/7.42`, `environment/3`, `globals`, `settings`, or empty; or the number of a replay or of a jar
 * @property {string} against the captured exchange to compare with, or empty
 * @property {string} tab or empty for the usual one
 * @property {number} message that is open in the tab of messages; 0 for none
 * @property {string} filter or the domain of a jar
 */

/**
 * @param {Location | URL} location
 * @returns {Route}
 */
export function parse({ pathname, search, hash }) {
  const query = new URLSearchParams(search);
  const [, session = null, rest = pathname] = /^\/session\/(\d{1,15})(\/.*)?$/.exec(pathname) ?? [];
  const [, id = ""] = /^\/exchange\/(\d+\.\d+)$/.exec(rest) ?? [];
  const [collections, at = ""] = /^\/collections(?:\/((?:send|item|collection|environment)\/\d{1,15}|from\/\d+\.\d+|globals|settings))?$/.exec(pathname) ?? [];
  const [numbered, apart = "", run = ""] = /^\/(replay|cookies)(?:\/(\d{1,15}))?$/.exec(pathname) ?? [];
  const [tab, message = ""] = hash.slice(1).split("/"), name = pathname.slice(1);
  return {
    screen: collections ? "collections" : numbered ? /** @type {"replay" | "cookies"} */ (apart) : id ? "exchange" : isBare(name) ? name : session !== null ? "session" : "live",
    session: session === null ? null : Number(session),
    id,
    at: at || run,
    against: query.get("against") ?? "",
    tab,
    message: /^[1-9]\d{0,14}$/.test(message) ? Number(message) : 0,
    filter: query.get(apart === "cookies" ? "domain" : "filter") ?? "",
  };
}

/**
 * @param {Route} route
 * @returns {string}
 */
export function href({ screen, session, id, at, against, tab, message, filter }) {
  const bare = screen === "live" || isBare(screen);
  const query = [filter && `${screen === "cookies" ? "domain" : "filter"}=${readable(filter)}`, against && (screen === "exchange" || screen === "collections") && `against=${against}`].filter(Boolean).join("&");
  const of = session !== null && !bare ? `/session/${session}` : "";
  const path = isApart(screen) ? `/${screen}${at && `/${at}`}` : screen === "session" ? of : bare ? (screen === "live" ? "/" : `/${screen}`) : `${of}/exchange/${id}`;
  return path + (query && `?${query}`) + (tab && !bare ? `#${tab}${tab === "messages" && message ? `/${message}` : ""}` : "");
}

/** @param {string} screen Whether it is about no list of exchanges, but opens something by itself. */
const isApart = (screen) => screen === "collections" || screen === "replay" || screen === "cookies";

/** @param {string} screen @returns {screen is "rules" | "setup" | "sessions"} Whether it is one of those whose address is their name alone. */
export const isBare = (screen) => ["rules", "setup", "sessions"].includes(screen);

/** @param {string} text Encoded for a query, as far as it must be. */
const readable = (text) => encodeURIComponent(text).replaceAll("%20", "+").replaceAll("%3A", ":").replaceAll("%2F", "/").replaceAll("%2C", ",");

/**
 * Where some change leads; what is not given stays as it is.
 * @param {Route} from
 * @param {Partial<Route>} change
 * @returns {Route}
 */
export function changed(from, change) {
  const route = { ...from, ...(change.id !== undefined && change.id !== from.id ? { against: "", message: 0 } : {}), ...change }, apart = isApart(route.screen);
  if (route.screen !== from.screen && (apart || isApart(from.screen))) Object.assign(route, { at: "", against: "", tab: "", filter: "", ...change });
  if (apart) Object.assign(route, { session: null, id: "" });
  if (route.screen === "live" || isBare(route.screen)) Object.assign(route, { session: null, id: "", tab: "" });
  if (route.screen === "session" && from.screen !== "session" && change.tab === undefined) route.tab = "";
  // A filter is about the list it was written for.
  if (route.session !== from.session && change.filter === undefined) route.filter = "";
  return route;
}

/**
 * Goes somewhere; what is not given stays as it is.
 * @param {Partial<Route>} change
 * @param {{ replace?: boolean }} [how] `replace`: the way back skips where we are now
 */
export function go(change, { replace = false } = {}) {
  const from = store.state.route, route = changed(from, change), url = href(route);
  if (url === href(from)) return;
  history[replace ? "replaceState" : "pushState"](null, "", url);
  store.set({ route });
}

/** Back to the list an exchange stands in. */
export const toList = () => go({ screen: store.state.route.session !== null ? "session" : "live", id: "", tab: "" });

/** Whether the list of exchanges is on the screen. @param {Route} route */
export const listShown = ({ screen, tab }) => screen === "live" || screen === "exchange" || (screen === "session" && tab !== "overview" && tab !== "cookies");

/**
 * A link that goes somewhere without loading the page anew.
 * @param {HTMLAnchorElement} link
 * @param {() => Partial<Route>} to
 */
export function follow(link, to) {
  link.addEventListener("click", (event) => {
    if (event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
    event.preventDefault();
    go(to());
  });
  return link;
}

/** Something on the screen of collections: `send/12`, `item/7`. @param {string} at */
export const inCollections = (at) => ({ screen: /** @type {const} */ ("collections"), at, tab: "", against: "" });

/**
 * A link to a place in the page.
 * @param {Partial<Route>} to
 * @param {import("./dom.js").Attributes | null} attributes
 * @param {...import("./dom.js").Child} inside
 */
export const linkTo = (to, attributes, ...inside) => follow(h("a", { ...attributes, href: href({ ...store.state.route, filter: "", ...to }) }, ...inside), () => to);

/** Follows the browser's own way back and forth. */
export function listen() {
  store.set({ route: parse(location) });
  addEventListener("popstate", () => store.set({ route: parse(location) }));
}
