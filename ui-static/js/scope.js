// Which exchanges a list is about: one session, or on Live whatever began since the running session did.

/** @import { Session, Summary } from "./api-types.js" */
/** @import { State } from "./state.js" */

/**
 * @typedef {object} Scope
 * @property {number | null} session a session of its own, or none
 * @property {number} from otherwise: microseconds since the epoch, what began earlier is past; 0 for everything
 */

/**
 * @param {Readonly<State>} state
 * @returns {Scope}
 */
export function scopeOf({ route, sessions, status }) {
  if (route.session !== null) return { session: route.session, from: 0 };
  const begun = sessions.filter(({ source }) => source === "proxy").map(({ started_us: at }) => at);
  const from = status?.session?.started_us ?? Math.max(0, ...begun);
  // Dates of the page have milliseconds.
  return { session: null, from: Math.floor(from / 1000) * 1000 };
}

/**
 * What stands before and behind the reader's filter to ask the daemon for the exchanges of a scope.
 * @param {Scope} scope
 * @returns {[string, string]}
 */
function around({ session, from }) {
  const term = session !== null ? `session:${session}` : from ? `since:${new Date(from / 1000).toISOString()}` : "";
  return term ? [`${term} (`, ")"] : ["", ""];
}

/**
 * The filter for the daemon, and how far the reader's own text is from its beginning.
 * @param {string} filter
 * @param {Scope} scope
 */
export function within(filter, scope) {
  const [before, after] = around(scope);
  if (filter.trim() === "") return { text: before.slice(0, -2), shift: 0 };
  return { text: before + filter + after, shift: before.length };
}

/**
 * A test for what the page can judge itself: whether an exchange belongs to the scope.
 * @param {Scope} scope
 * @returns {(item: Summary) => boolean}
 */
export const belongs = ({ session, from }) => (item) => (session !== null ? item.id.startsWith(`${session}.`) : item.started_us >= from);

/**
 * How many exchanges a scope has, as far as the totals of the sessions tell.
 * @param {Scope} scope
 * @param {Session[]} sessions
 */
export function totalOf({ session, from }, sessions) {
  const inside = sessions.filter(({ id, started_us: at, source }) => (session !== null ? id === session : at >= from && source !== "import"));
  return inside.reduce((sum, { exchanges }) => sum + exchanges, 0);
}
