// Two exchanges side by side: how each ended, and how the later answer differs. What does not matter can be ignored from now on.

import { ApiError, exchange as fetchExchange } from "../api.js";
import { difference } from "../api-replay.js";
import { h, icon } from "../dom.js";
import { bytes, duration, visible } from "../format.js";
import { differenceView } from "../replay/difference.js";
import { ignoreFromNowOn } from "../replay/rules.js";
import { tableOf } from "../table-of.js";
import { outcomeMark, outcomeOf } from "../table/outcome.js";

/** @import { Detail } from "../api-types.js" */

/**
 * Fills `element` with the comparison.
 * @param {string} id of the earlier exchange
 * @param {Detail} later
 * @param {HTMLElement} element
 */
export async function compare(id, later, element) {
  try {
    const [earlier, found] = await Promise.all([fetchExchange(id), difference(id, later.id)]), one = word(earlier), other = word(later), [session] = id.split(".").map(Number);
    const [sum, ...parts] = differenceView(found, { a: one, b: other, onignore: (rule) => void ignoreFromNowOn(rule, session || undefined, () => void compare(id, later, element)) });
    /** @type {Element} */ (sum).append(h("span", { class: "dim" }, `${one.toLowerCase()}, ${other.toLowerCase()}`));
    element.replaceChildren(sum, outcomes(earlier, later), ...(earlier.response && later.response ? [] : [h("p", { class: "note" }, icon("info"), "Only one of them has a response: there is nothing more to compare.")]), ...parts);
  } catch (error) {
    if (error instanceof ApiError) element.replaceChildren(h("p", { class: "note" }, icon("info"), `${id} cannot be compared with: ${error.message}`));
  }
}

/**
 * @param {Detail} earlier
 * @param {Detail} later
 */
function outcomes(earlier, later) {
  const size = (/** @type {Detail} */ { response }) => (response ? bytes(response.body.size) : "none");
  const took = (/** @type {Detail} */ { timings }) => (timings.end_us === null ? "" : duration(timings.end_us));
  const ended = (/** @type {Detail} */ exchange) => h("span", null, outcomeMark(outcomeOf(exchange)), exchange.failure && h("span", { class: "dim" }, ` ${visible(exchange.failure.reason)}`));
  const rows = /** @type {[string, (exchange: Detail) => Node | string][]} */ ([["Status", ended], ["Duration", took], ["Body", size]]);
  return tableOf("", ["What", word(earlier), word(later)], rows.map(([name, of]) => h("tr", null, h("td", null, name), h("td", null, of(earlier)), h("td", null, of(later)))));
}

/** What was sent from here, or replayed, is not called captured. @param {Detail} exchange */
const word = ({ id, source }) => `${source === "send" ? "Sent" : source === "replay" ? "Replayed" : "Captured"} ${id}`;
