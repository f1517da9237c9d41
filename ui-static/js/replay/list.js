// All replays, the newest first.

import { replays } from "../api-replay.js";
import { h } from "../dom.js";
import { count, day, span, visible } from "../format.js";
import { linkTo } from "../route.js";
import { moment } from "../sessions/words.js";
import { tableOf } from "../table-of.js";
import { VERDICTS, verdictMark } from "./verdict.js";

/** @import { Replay } from "./types.js" */

export class ReplayList {
  constructor() {
    this.body = h("tbody");
    this.table = tableOf("", ["Replay", "Began", "Results", "State"], this.body);
    this.none = h("p", { class: "note" }, "Nothing was replayed yet. Tick exchanges, or open a session or a collection, and press Replay.");
    this.element = h("div", { class: "main grow" }, h("div", { class: "head" }, h("h1", null, "Replays")), h("div", { class: "scroll grow", tabindex: 0, "aria-label": "Replays" }, this.none, this.table));
  }

  async show() {
    const { items } = await replays().catch(() => ({ items: /** @type {Replay[]} */ ([]) }));
    this.none.hidden = items.length > 0;
    this.table.hidden = !items.length;
    this.body.replaceChildren(...items.map((item) => {
      return h("tr", null, h("td", null, linkTo({ screen: "replay", at: String(item.id), tab: "", against: "" }, null, visible(item.name || `Replay ${item.id}`))),
        h("td", { title: day(item.started_us) }, moment(item.started_us)), h("td", null, h("span", { class: "bar" }, ...VERDICTS.filter((verdict) => item[verdict] > 0).map((verdict) => verdictMark(verdict, `${count(item[verdict])} ${verdict}`)))),
        h("td", null, item.ended_us === null ? item.state : `${item.state}, ${span(item.ended_us - item.started_us)}`));
    }));
  }
}
