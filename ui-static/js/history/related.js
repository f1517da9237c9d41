// Earlier sends of the request that is open, and the captured exchange it began with.

import { history } from "../api-desk.js";
import { button, h } from "../dom.js";
import { clock, duration, visible } from "../format.js";
import { go } from "../route.js";
import { store } from "../state.js";
import { dayWord, sendLink, sendMark } from "./list.js";

/** @import { RequestEditor } from "../editor/request.js" */

const MOST = 100;

/** @param {RequestEditor} editor */
export function related(editor) {
  const list = h("ul", { class: "scroll body", "aria-label": "History of this request" }), element = h("aside", { class: "pane hide-m", "aria-label": "History of this request" }, h("div", { class: "sub" }, h("h2", null, "History"), h("span", { class: "dim" }, "this request")), list);
  let asked = "";
  const show = async () => {
    const { route, sendsAt } = store.state, like = Number(/^send\/(\d+)$/.exec(route.at)?.[1] ?? 0), key = `${route.at} ${sendsAt} ${route.against} ${editor.from}`;
    if (route.screen !== "collections" || key === asked) return;
    asked = key;
    const { items } = like ? await history({ like, limit: MOST }).catch(() => ({ items: [] })) : { items: [] };
    if (key !== asked) return;
    const comparing = (/** @type {string | null} */ exchange, /** @type {string} */ what) => exchange && route.at.startsWith("send/") && button({ icon: "diff", label: `Compare with ${what}`, class: "tiny", onclick: () => go({ against: exchange }, { replace: true }) });
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
  return { element, show };
}
