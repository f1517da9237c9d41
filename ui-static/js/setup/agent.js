// The desktop agent: web clients that may send requests through this machine, and those that may pair just now.

import { changeRights, revoke, unblock } from "../api-agent.js";
import { openDialog } from "../dialog.js";
import { button, h } from "../dom.js";
import { saying } from "../reason.js";
import { plural, visible } from "../format.js";
import { command } from "../notices.js";
import { moment } from "../sessions/words.js";
import { store } from "../state.js";
import { agent, refreshAgent } from "./known.js";
import { askPairing, showCode } from "./pair.js";
import { grantLists, rightChoices, rightWords } from "./rights.js";

/** @import { Pairing } from "./types.js" */

export function agentPart() {
  const open = h("div"), list = h("div"), shut = h("div");
  store.watch(["agentAt"], () => void refreshAgent());
  agent.watch(["windows"], ({ windows }) => open.replaceChildren(...windows.filter(({ state }) => state === "open" || state === "locked").map((one) => h("div", { class: "bar" }, h("span", { class: "mono trunc" }, visible(one.origin)), h("span", { class: "dim grow" }, one.code ? "may pair now" : "locked: too many wrong codes"), one.code && button({ icon: "eye", label: `Show the code for ${visible(one.origin)}`, word: "Show the code", class: "tiny", onclick: () => showCode(one) })))));
  agent.watch(["pairings"], ({ pairings }) => list.replaceChildren(pairings?.length ? table(pairings) : h("p", { class: "mid" }, pairings ? "No web client is paired." : "Not known yet.")));
  agent.watch(["blocked"], ({ blocked }) => shut.replaceChildren(...blocked.map((origin) => h("div", { class: "bar" }, h("span", { class: "mono trunc" }, visible(origin)), h("span", { class: "dim grow" }, "blocked"), button({ label: `Unblock ${visible(origin)}`, word: "Unblock", class: "tiny", onclick: () => void saying(unblock(origin), `${visible(origin)} may be paired again`).then(refreshAgent) })))));
  return [open, list, shut, h("div", { class: "bar" }, button({ icon: "plus", label: "Pair a web client", word: "Pair a web client", class: "line", onclick: askPairing })), command("waylay agent pair https://client.example")];
}

/** @param {Pairing[]} pairings */
function table(pairings) {
  return h("table", { class: "tbl pairings" }, h("thead", null, h("tr", null, ...["Origin", "May use", "Last used", "Action"].map((word) => h("th", { scope: "col" }, word)))), h("tbody", null, ...pairings.map((one) => {
    const { id, origin, kind, last_used_us: last, requests, rights } = one;
    return h("tr", null, h("td", { class: "mono" }, visible(origin), kind === "hoppscotch" && h("span", { class: "tag" }, "Hoppscotch")),
      h("td", null, h("button", { type: "button", class: "btn tiny", title: `Change what ${visible(origin)} may use`, onclick: () => openRights(one) }, rightWords(rights))),
      h("td", { class: "dim", title: `paired ${moment(one.created_us)}` }, last === null ? "never" : `${moment(last)}, ${plural(requests, "request")}`),
      h("td", null, button({ label: `Revoke ${visible(origin)}`, word: "Revoke", class: "tiny danger", onclick: () => void saying(revoke(id), `${visible(origin)} may send nothing any more`).then(refreshAgent) })));
  })));
}

/** @param {Pairing} pairing */
function openRights({ id, origin, rights }) {
  const chosen = { ...rights }, said = h("div");
  const show = () => said.replaceChildren(grantLists(chosen));
  const cancel = button({ label: "Cancel", word: "Cancel", class: "line", onclick: () => dialog.close() });
  const dialog = openDialog({ title: "What this web client may use", class: "medium", lead: visible(origin), foot: [h("span", { class: "grow" }), cancel, button({ label: "Save", word: "Save", class: "primary", onclick: async () => {
    dialog.close();
    await saying(changeRights(id, chosen), "From its next request on");
    await refreshAgent();
  } })] }, rightChoices(chosen, show), said);
  show();
  cancel.focus();
}
