// The state of the page. Rows are apart (table/columns.js): `revision` tells that they changed.

import { Store } from "./store.js";

/** @import { EnvironmentItem, Passthrough, Session, Status } from "./api-types.js" */
/** @import { Rejected } from "./rejections.js" */
/** @import { Route } from "./route.js" */

/**
 * @typedef {object} State
 * @property {"unknown" | "in" | "out"} login `out`: the daemon does not know this page
 * @property {string} refusal why the printed link did not sign this page in, or empty
 * @property {"connecting" | "connected" | "lost"} link the event stream
 * @property {number} retryAt when the next try is due, in milliseconds since the epoch
 * @property {Status | null} status
 * @property {Session[]} sessions
 * @property {Route} route
 * @property {{ message: string, hint: string, offset: number, length: number } | null} filterError the text in the field cannot be read as a filter
 * @property {string} applied the filter that the rows pass
 * @property {boolean} loaded a first page has arrived
 * @property {number | null} matched exchanges that pass the filter, loaded or not; `null` where counting stopped
 * @property {number} atLeast where it stopped
 * @property {number} total exchanges in the list's scope
 * @property {number | null} older cursor to what is older than the loaded rows
 * @property {string} next cursor to what follows the loaded rows, where the daemon sorts; or empty
 * @property {boolean} filterOff the filter is switched off for a moment
 * @property {number} checked rows that are ticked
 * @property {number} revision
 * @property {{ count: number, failed: number }} fresh rows that arrived out of sight
 * @property {string} selected id of the selected exchange
 * @property {Passthrough | null} passthrough hosts that are not intercepted, once known
 * @property {Rejected[]} rejected hosts for which clients refused the certificate, the most refused first
 * @property {string[]} announced patterns of automatic passthrough that the reader has seen
 * @property {{ text: string, act: () => unknown, until: number } | null} undo what can be undone, until a time in milliseconds since the epoch
 * @property {EnvironmentItem[]} environments
 * @property {"collections" | "history" | "environments"} listed on the left of the collections
 * @property {number} sendsAt counts changes of the history
 * @property {number} environmentsAt counts changes of environments
 * @property {number} collectionsAt counts changes of collections
 * @property {number} replaysAt counts changes of replays
 * @property {number} jarsAt counts changes of jars
 * @property {number} syncAt counts changes of what is synced
 * @property {number} agentAt counts changes of what web clients may do
 * @property {{ id: number } | null} conversation the one that changed last
 * @property {number} draftAt counts requests that were put into the editor unsaved
 * @property {number} consoleAt the newest entry of the console; 0 when it was cleared
 * @property {number} stale counts changes after which lists and totals must be asked for anew
 * @property {string} notice what just happened, in a few words
 */

/** @type {Store<State>} */
export const store = new Store(/** @type {State} */ ({
  login: "unknown",
  refusal: "",
  link: "connecting",
  retryAt: 0,
  status: null,
  sessions: [],
  route: { screen: "live", session: null, id: "", at: "", against: "", tab: "", message: 0, filter: "" },
  filterError: null,
  applied: "",
  loaded: false,
  matched: null,
  atLeast: 0,
  total: 0,
  older: null,
  next: "",
  filterOff: false,
  checked: 0,
  revision: 0,
  fresh: { count: 0, failed: 0 },
  selected: "",
  passthrough: null,
  rejected: [],
  announced: [],
  undo: null,
  environments: [],
  listed: "collections",
  sendsAt: 0,
  environmentsAt: 0,
  collectionsAt: 0,
  agentAt: 0,
  conversation: null,
  draftAt: 0,
  replaysAt: 0,
  jarsAt: 0,
  syncAt: 0,
  consoleAt: 0,
  stale: 0,
  notice: "",
}));

let clearing = 0;

/**
 * Says in the footer, and to assistive technology, what an action did.
 * @param {string} text
 */
export function notify(text) {
  store.set({ notice: text });
  clearTimeout(clearing);
  clearing = setTimeout(() => store.set({ notice: "" }), 6000);
}

/**
 * What this browser remembers of how the page is to look. With a value: remembers it.
 * @param {"waterfall" | "layout"} name
 * @param {string} [value]
 */
export function kept(name, value) {
  if (value !== undefined) localStorage.setItem(`waylay.${name}`, value);
  return localStorage.getItem(`waylay.${name}`);
}
