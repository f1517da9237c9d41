// Beside the request that is open: the examples kept with it, earlier sends of it, and the captured exchange it began with.

import { addItem } from "../api-collections.js";
import { history } from "../api-desk.js";
import { changing, known } from "../collections/known.js";
import { button, h, icon } from "../dom.js";
import { clock, duration, visible } from "../format.js";
import { follow, go, href, inCollections } from "../route.js";
import { store } from "../state.js";
import { outcome } from "../table/outcome.js";
import { dayWord, sendLink, sendMark } from "./list.js";

/** @import { RequestEditor } from "../editor/request.js" */
/** @import { Outline } from "../collections/types.js" */

const MOST = 100;

/** @param {RequestEditor} editor */
export function related(editor) {
  const list = h("ul", { class: "scroll body", "aria-label": "History of this request" }), examples = h("ul", { class: "scroll", "aria-label": "Examples" }), number = h("span", { class: "dim" });
  const keep = button({ icon: "plus", label: "Keep the response as an example", word: "From this response", class: "tiny", onclick: async () => {
    const { item, response: { exchange } } = editor;
    if (item && exchange) await changing(addItem(item.collection, { parent: item.id, from: exchange.id }), "Kept as an example");
  } });
  const kept = h("div", { class: "ruled" }, h("div", { class: "sub" }, h("h2", null, "Examples"), number, h("span", { class: "grow" }), keep), examples);
  const element = h("aside", { class: "pane hide-m", "aria-label": "Examples and history of this request" }, kept, h("div", { class: "sub" }, h("h2", null, "History"), h("span", { class: "dim" }, "this request")), list);
  const showExamples = () => {
    const { item } = editor, found = item && children([...known.state.outlines.values()].flat(), item.id);
    const shown = found?.map(({ id, name, status }) => ({ id, name, status: status ?? null })) ?? item?.examples ?? [];
    kept.hidden = !item;
    keep.hidden = !editor.response.exchange?.response;
    number.textContent = shown.length ? String(shown.length) : "";
    examples.replaceChildren(...shown.slice(0, MOST).map(({ id, name, status }) => {
      const to = () => inCollections(`item/${id}`), { color, shape } = outcome({ kind: "http", status: status ?? 0, done: true, failed: false });
      return h("li", null, follow(h("a", { class: "item", href: href({ ...store.state.route, ...to(), filter: "" }) }, h("span", { class: `st ${status ? color : ""}` }, icon(shape, "i12"), status ?? "–"), h("span", { class: "trunc grow" }, visible(name))), to));
    }));
  };
  let asked = "";
  const show = async () => {
    const { route, sendsAt } = store.state, like = editor.sent || Number(/^send\/(\d+)$/.exec(route.at)?.[1] ?? 0), key = `${route.at} ${like} ${sendsAt} ${route.against} ${editor.from}`;
    if (route.screen !== "collections") return;
    showExamples();
    if (key === asked) return;
    asked = key;
    const { items } = like ? await history({ like, limit: MOST }).catch(() => ({ items: [] })) : { items: [] };
    if (key !== asked) return;
    const comparing = (/** @type {string | null} */ exchange, /** @type {string} */ what) => exchange && editor.response.exchange && button({ icon: "diff", label: `Compare with ${what}`, class: "tiny", onclick: () => go({ against: exchange }, { replace: true }) });
    const lines = items.flatMap((item) => {
      if (item.kind !== "send") return [];
      const when = clock(item.at_us).slice(0, 8), that = dayWord(item.at_us), link = sendLink(item, sendMark(item), h("span", { class: "dim trunc" }, visible(item.environment ?? "")), h("span", { class: "r" }, `${that === "Today" ? when : that}${item.duration_us === null ? "" : `, ${duration(item.duration_us)}`}`));
      if (item.id === like) link.setAttribute("aria-current", "page");
      return [h("li", null, link, item.id !== like && comparing(item.exchange, `the send of ${when}`))];
    });
    const { from } = editor;
    if (from) lines.push(h("li", null, h("button", { type: "button", class: "item", onclick: () => go({ screen: "exchange", session: null, id: from, tab: "" }) }, h("span", { class: "dim" }, "captured"), h("span", { class: "r" }, from)), comparing(from, `captured ${from}`)));
    list.replaceChildren(...(lines.length ? lines : [h("li", { class: "note" }, "What you send of this request is listed here.")]));
  };
  store.watch(["route", "sendsAt"], () => void show());
  known.watch(["outlines"], showExamples);
  return { element, show };
}

/** The examples of a request, where it is known. @param {Outline[]} nodes @param {number} id @returns {Outline[] | null} */
function children(nodes, id) {
  for (const node of nodes) {
    if (node.id === id) return (node.children ?? []).filter(({ kind }) => kind === "example");
    const found = children(node.children ?? [], id);
    if (found) return found;
  }
  return null;
}
