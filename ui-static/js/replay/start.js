// Before a replay: against which host, how fast, how many at once, with which cookies and environment.

import { jars } from "../api-cookies.js";
import { startReplay } from "../api-replay.js";
import { jarName } from "../cookies/jars.js";
import { openDialog } from "../dialog.js";
import { button, h, icon } from "../dom.js";
import { choice, field } from "../editor/ink.js";
import { refreshEnvironments } from "../environments/known.js";
import { visible } from "../format.js";
import { command } from "../notices.js";
import { reasonOf } from "../reason.js";
import { go } from "../route.js";
import { store } from "../state.js";

/** @import { ReplayOrder } from "./types.js" */

/** @typedef {Pick<ReplayOrder, "exchanges" | "session" | "filter" | "collection" | "item">} What */

/**
 * @param {What} what
 * @param {string} words
 */
export function askReplay(what, words) {
  /** @type {ReplayOrder} */
  const order = { ...what, timing: "fast", concurrency: what.collection !== undefined || what.item !== undefined ? 1 : "captured", cookies: "evolve", diff: true };
  const said = h("div"), trouble = h("div", { role: "alert" });
  const show = () => said.replaceChildren(command(commandOf(order)));
  const change = (/** @type {Partial<ReplayOrder>} */ to) => {
    Object.assign(order, to);
    show();
  };
  const interval = field("Milliseconds between requests", "200", (text) => change({ interval_ms: Number(text) || 0 }), { type: "number", min: 0, max: 3_600_000, hidden: true });
  const many = field("Requests at once", "4", (text) => change({ concurrency: Math.max(1, Number(text) || 1) }), { type: "number", min: 1, max: 64, hidden: true });
  const target = field("Send to", "", (text) => change({ target: text.trim() || undefined }), { placeholder: "The hosts they were captured from", inputmode: "url", id: "replay-target" });
  const start = button({ icon: "send", word: "Replay", class: "primary", onclick: async () => {
    start.disabled = true;
    try {
      const { id } = await startReplay(order);
      dialog.close();
      go({ screen: "replay", at: String(id), tab: "" });
    } catch (error) {
      start.disabled = false;
      trouble.replaceChildren(h("p", { class: "ferr" }, icon("s-failed", "i12"), h("span", null, reasonOf(error, "It could not be begun."))));
    }
  } });
  const environments = h("span", { class: "two" });
  const line = (/** @type {string} */ word, /** @type {(Node | false)[]} */ ...parts) => [h("span", { class: "l" }, word), h("span", { class: "two" }, ...parts)];
  const pickTiming = choice("Timing", [["fast", "As fast as they go"], ["asis", "With the gaps they had"], ["fixed", "One every so many ms"]], "fast", (value) => {
    interval.hidden = value !== "fixed";
    change({ timing: /** @type {"fast"} */ (value), interval_ms: value === "fixed" ? Number(interval.value) : undefined });
  });
  const pickMany = choice("Concurrency", [["captured", "As they overlapped"], ["1", "One after the other"], ["n", "Several at once"]], String(order.concurrency), (value) => {
    many.hidden = value !== "n";
    change({ concurrency: value === "captured" ? "captured" : value === "n" ? Number(many.value) : 1 });
  });
  const past = field("Exchange that the cookies are from", what.exchanges?.[0] ?? "", () => changeCookies(), { placeholder: "such as 7.42", hidden: true });
  const changeCookies = () => {
    const { value } = pickCookies, jar = /^jar:(\d+)$/.exec(value)?.[1];
    past.hidden = value !== "then";
    change({ cookies: jar ? { jar: Number(jar) } : value === "then" ? { as_of: past.value.trim() } : /** @type {"none"} */ (value) });
  };
  const pickCookies = choice("Cookies", [["evolve", "As captured, then as the replies set them"], ["captured", "As captured"], ["none", "None"], ["then", "Those a client had at an exchange"]], "evolve", changeCookies);
  void jars().then(({ items }) => pickCookies.append(...items.map((jar) => h("option", { value: `jar:${jar.id}` }, `Those of jar ${jarName(jar)}, then as the replies set them`))), () => {});
  const compare = h("input", { type: "checkbox", checked: true, onchange: () => change({ diff: compare.checked }) });
  const dialog = openDialog({ title: `Replay ${words}`, lead: "The requests are sent again, for real. Each result is kept beside what was captured.", class: "medium", act: start },
    h("div", { class: "form" }, h("label", { for: "replay-target" }, "Send to"), target, ...line("Timing", pickTiming, interval), ...line("At once", pickMany, many),
      ...line("Cookies", pickCookies, past),
      ...line("Environment", environments), ...line("Compare", h("label", { class: "check" }, compare, "Each response with the captured one"))),
    trouble, said);
  void refreshEnvironments().then(() => environments.replaceChildren(choice("Environment", [["", "The active one"], .../** @type {[string, string][]} */ (store.state.environments.map(({ id, name }) => [String(id), visible(name)]))], "", (value) => change({ environment: value ? Number(value) : undefined }))));
  show();
  start.focus();
}

/** @param {ReplayOrder} order */
function commandOf({ exchanges, session, filter, collection, item, target, timing, interval_ms: interval = 0, concurrency, cookies, diff }) {
  const what = exchanges ? (exchanges.length === 1 ? exchanges[0] : `'id:${exchanges.slice(0, 20).join(",")}${exchanges.length > 20 ? ",…" : ""}'`) : session !== undefined ? `session:${session}` : collection !== undefined ? `collection:${collection}` : item !== undefined ? `item:${item}` : `'${(filter ?? "").replaceAll("'", "'\\''")}'`;
  return ["waylay replay", what, target && `--target ${target}`, timing === "asis" && "--timing asis", timing === "fixed" && `--timing fixed:${interval}`, concurrency !== "captured" && `--concurrency ${concurrency}`, cookies !== "evolve" && `--cookies ${typeof cookies === "object" ? (cookies.as_of === undefined ? `jar:${cookies.jar}` : `then:${cookies.as_of}`) : cookies}`, !diff && "--no-diff"].filter(Boolean).join(" ");
}
