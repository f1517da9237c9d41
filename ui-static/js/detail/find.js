// Looking for something in a body: text is marked where it stands, a JSON path leaves only what it leads to.

import { button, h } from "../dom.js";
import { count, plural } from "../format.js";
import { parseJson } from "./json.js";
import { select } from "./json-path.js";

/** @import { Views } from "./views.js" */

/** Matches that are marked. */
const MOST = 5000;

/**
 * A field over a text; beside it stands what was found.
 * @param {Views} views what shows the text
 * @param {string} text
 * @param {[string, () => Node][]} offered the views of it
 */
export function finder(views, text, offered) {
  const said = h("span", { class: "dim", role: "status" });
  /** @type {Range[]} */
  let found = [];
  let at = -1, filtered = false;
  const input = h("input", { class: "field mono find", type: "search", "aria-label": "Find in the body, or a JSON path", placeholder: "Find, or $.path", spellcheck: "false", autocomplete: "off", oninput: () => look(input.value), onkeydown: (/** @type {KeyboardEvent} */ event) => {
    if (event.key !== "Enter" || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    go(event.shiftKey ? -1 : 1);
  } });
  const look = (/** @type {string} */ wanted) => {
    found = [];
    at = -1;
    CSS.highlights?.delete("found");
    CSS.highlights?.delete("here");
    said.textContent = "";
    if (wanted.startsWith("$")) return path(wanted);
    if (filtered) views.offer(offered);
    filtered = false;
    if (!wanted) return;
    views.pick("Raw");
    found = ranges(views.content, wanted.toLowerCase());
    CSS.highlights?.set("found", new Highlight(...found));
    said.textContent = found.length ? plural(found.length, "match", "matches") : "no match";
    go(1);
  };
  const path = (/** @type {string} */ wanted) => {
    const root = parseJson(text), nodes = root && select(root, wanted);
    if (!nodes) return void (said.textContent = root ? "not a path yet" : "not JSON");
    said.textContent = plural(nodes.length, "match", "matches");
    filtered = true;
    views.offer([["Tree", () => views.tree(nodes.length === 1 ? nodes[0] : { kind: "array", items: nodes }, "What the path leads to")]]);
  };
  const go = (/** @type {1 | -1} */ step) => {
    if (found.length === 0) return;
    at = (at + step + found.length) % found.length;
    CSS.highlights?.set("here", new Highlight(found[at]));
    if (found.length > 1) said.textContent = `${count(at + 1)} of ${count(found.length)}${found.length === MOST ? "+" : ""}`;
    const pane = views.content.closest(".scroll"), place = found[at].getBoundingClientRect(), box = pane?.getBoundingClientRect();
    if (pane && box && (place.top < box.top || place.bottom > box.bottom)) pane.scrollTop += place.top - box.top - box.height / 2;
  };
  return h("span", { class: "bar" }, said, input, button({ icon: "down", label: "Next match", key: "Enter", class: "tiny", onclick: () => go(1) }));
}

/**
 * @param {Node} root
 * @param {string} wanted in lower case
 */
function ranges(root, wanted) {
  const found = [], walker = document.createTreeWalker(root, NodeFilter.SHOW_TEXT);
  for (let node = walker.nextNode(); node && found.length < MOST; node = walker.nextNode()) {
    const text = (node.nodeValue ?? "").toLowerCase();
    for (let from = text.indexOf(wanted); from >= 0 && found.length < MOST; from = text.indexOf(wanted, from + wanted.length)) {
      const range = document.createRange();
      // Some letters have more characters in lower case.
      if (from + wanted.length > (node.nodeValue ?? "").length) break;
      range.setStart(node, from);
      range.setEnd(node, from + wanted.length);
      found.push(range);
    }
  }
  return found;
}
