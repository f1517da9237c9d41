// Rules & hosts: what is not intercepted, who we are to servers that ask, and proxies on the way to them.

import { h } from "../dom.js";
import { refreshPassthrough } from "../passthrough.js";
import { store } from "../state.js";
import { certificatesPart } from "./certificates.js";
import { refreshWays } from "./known.js";
import { passedPart } from "./passed.js";
import { proxiesPart } from "./proxies.js";

/** The screen. */
export function rulesScreen() {
  store.watch(["route"], ({ route }) => {
    if (route.screen !== "rules") return;
    void refreshPassthrough();
    void refreshWays();
  });
  return h("div", { class: "main grow" },
    h("div", { class: "head" }, h("h1", null, "Rules & hosts")),
    h("div", { class: "scroll grow rules", tabindex: 0, "aria-label": "Rules and hosts" }, ...[passedPart(), certificatesPart(), proxiesPart()].map((part) => h("section", null, ...part))));
}
