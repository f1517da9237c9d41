// Which jar is shown, and what can be done with it.

import { addJar, changeJar, changeSync } from "../api-cookies.js";
import { button, h } from "../dom.js";
import { visible } from "../format.js";
import { openMenu } from "../popover.js";
import { go } from "../route.js";
import { askName } from "../sessions/ask.js";
import { changing, removing } from "./known.js";

/** @import { Jar } from "./types.js" */

/** @param {number} id */
const open = (id) => go({ screen: "cookies", at: String(id), filter: "", tab: "" });

/** The choice of a jar, and behind it a menu. @param {() => Jar | undefined} current */
export function jarChoice(current) {
  const select = h("select", { class: "field", "aria-label": "Jar", onchange: () => open(Number(select.value)) });
  const more = button({ icon: "more", label: "More about this jar", onclick: () => {
    const jar = current();
    if (jar) openJarMenu(more, jar);
  } });
  const show = (/** @type {Jar[]} */ jars, /** @type {number} */ id) => {
    select.replaceChildren(...jars.map((jar) => h("option", { value: jar.id }, jarName(jar))));
    select.value = String(id);
  };
  return { select, more, show };
}

/** @param {Jar} jar */
export const jarName = ({ name, default: first }) => `${visible(name)}${first && name.toLowerCase() !== "default" ? ", the default" : ""}`;

/** @param {Element} anchor @param {Jar} jar */
function openJarMenu(anchor, { id, name, default: first }) {
  openMenu(anchor, "Jar", [
    ["plus", "New jar", async () => {
      const text = await askName("New jar", ""), made = text && (await changing(addJar(text), `${visible(text)} is there`));
      if (made) open(made.id);
    }],
    ["edit", "Rename", async () => {
      const text = await askName("Rename this jar", name);
      if (text) await changing(changeJar(id, { name: text }), "Renamed");
    }],
    !first && ["check", "Make it the default", () => changing(changeJar(id, { default: true }), "It is used where nothing else is said")],
    ["sync", "Sync from traffic into it", () => changing(changeSync({ jar: id }), "What is synced goes into this jar from now on")],
    ["clock", "As it was at an exchange", () => import("./past.js").then(({ askPast }) => askPast(id))],
    !first && ["trash", "Delete this jar", async () => (await removing({ jar: id }, `jar ${visible(name)}`)) && open(0), "danger"],
  ]);
}
