// All sessions, the newest first.

import { button, h } from "../dom.js";
import { bytes, count, day, span, visible } from "../format.js";
import { follow, href } from "../route.js";
import { store } from "../state.js";
import { lasted } from "../top-bar.js";
import { chooseImport } from "../transfer/drop.js";
import { begin, change } from "./actions.js";
import { openMenuAt } from "./row-menu.js";
import { removeSession } from "./remove.js";
import { moment, originOf, stateMark } from "./words.js";

/** @import { Session } from "../api-types.js" */

/** The screen. */
export function sessionsScreen() {
  const number = h("span", { class: "dim" }), list = h("div");
  const element = h("div", { class: "main grow" },
    h("div", { class: "head" }, h("h1", null, "Sessions"), number, h("span", { class: "grow" }),
      button({ icon: "import", label: "Import a file, text or address; or drop a file anywhere", word: "Import", onclick: () => chooseImport() }),
      button({ icon: "plus", word: "New session", class: "line hide-s", onclick: () => void begin() })),
    h("div", { class: "scroll grow", tabindex: 0, "aria-label": "Sessions" }, list));
  const body = h("tbody"), table = h("table", { class: "tbl sessions" }, h("thead", null, h("tr", null, ...COLUMNS.map(([word, look]) => h("th", { scope: "col", class: look }, word || h("span", { class: "sr" }, "Actions"))))), body);
  /** @type {Map<number, { element: HTMLElement, update: (session: Session) => void }>} */
  const rows = new Map();
  const show = () => {
    const { sessions, route } = store.state;
    if (route.screen !== "sessions") return;
        // What is sent by hand has a session that is always there.
    const all = [...sessions].reverse().filter(({ id, exchanges }) => id > 0 || exchanges > 0);
    for (const id of rows.keys()) if (!sessions.some((session) => session.id === id)) rows.delete(id);
    number.textContent = all.length ? count(all.length) : "";
    const elements = all.map((session) => {
      const known = rows.get(session.id) ?? row(session);
      rows.set(session.id, known);
      known.update(session);
      return known.element;
    });
    // What stands where it belongs is left alone: the focus may be in it.
    if (elements.length !== body.children.length || elements.some((one, at) => body.children[at] !== one)) body.replaceChildren(...elements);
    if (all.length === 0) list.replaceChildren(h("p", { class: "note" }, "No sessions yet. One begins with New session, with waylay start, and with every waylay run."));
    else if (list.firstElementChild !== table) list.replaceChildren(table);
  };
  store.watch(["sessions", "route"], show);
  setInterval(() => !document.hidden && show(), 1000);
  return element;
}

/** @type {[string, string][]} */
const COLUMNS = [["Name", "t-name"], ["State", "t-state"], ["Began", "t-began"], ["Duration", "t-dur num"], ["Exchanges", "t-count num"], ["Failed", "t-fail num"], ["Size", "t-size num"], ["Source", "t-source"], ["", "t-act"]];

/** @param {Session} first */
function row(first) {
  let session = first;
  const { id } = first;
  const link = follow(h("a", { href: href({ ...store.state.route, screen: "session", session: id, id: "", tab: "", filter: "" }) }), () => ({ screen: "session", session: id, tab: "", filter: "" }));
  const pin = button({ icon: "pin", label: "Pin", class: "tiny", onclick: () => void change(id, { pinned: !session.pinned }) });
  const more = button({ icon: "more", label: "More", class: "tiny", onclick: () => openMenuAt(more, session) });
  const note = h("span", { class: "dim trunc" }), cells = COLUMNS.slice(1, -1).map(([, look]) => h("td", { class: look }));
  const element = h("tr", null,
    h("td", { class: "t-name" }, h("div", { class: "bar" }, link, note)), ...cells,
    h("td", { class: "t-act" }, h("div", { class: "acts" }, pin, button({ icon: "trash", label: `Delete session ${id}`, class: "tiny danger hide-s", onclick: () => removeSession(session) }), more)));
  let drawn = "";
  const update = (/** @type {Session} */ now) => {
    session = now;
    const took = span(lasted(now)), key = JSON.stringify(now) + took;
    if (key === drawn) return;
    drawn = key;
    link.textContent = visible(now.name);
    note.textContent = visible(now.note ?? "").replaceAll("\\u000a", " ");
    note.title = visible(now.note ?? "");
    const label = `${now.pinned ? "Unpin" : "Pin"} ${visible(now.name)}`;
    pin.setAttribute("aria-pressed", String(now.pinned));
    pin.setAttribute("aria-label", label);
    pin.title = now.pinned ? "Pinned: retention never deletes it" : "Pin: retention will not delete it";
    more.setAttribute("aria-label", `More about ${visible(now.name)}`);
    const values = [stateMark(now.state), moment(now.started_us), took, count(now.exchanges), now.failures ? count(now.failures) : "", bytes(now.bytes), originOf(now.source)];
    values.forEach((value, at) => cells[at].replaceChildren(value));
    cells[1].title = day(now.started_us);
    cells[4].classList.toggle("server", now.failures > 0);
    cells[6].title = visible(now.command ?? "");
  };
  return { element, update };
}
