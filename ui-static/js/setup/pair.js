// Pairing: which origin may do what, then a code that is typed into the web client. Typing it is the consent.

import { block, closePairingWindow, openPairingWindow } from "../api-agent.js";
import { openDialog } from "../dialog.js";
import { button, h, icon } from "../dom.js";
import { choice, field } from "../editor/ink.js";
import { saying } from "../reason.js";
import { faultLine } from "../fault.js";
import { plural, span, visible } from "../format.js";
import { notify, store } from "../state.js";
import { agent, refreshAgent } from "./known.js";
import { LEAST, grantLists, rightChoices } from "./rights.js";

/** @import { PairingWindow } from "./types.js" */

/** Asks for the origin and what it may do. */
export function askPairing() {
  const rights = { ...LEAST };
  const origin = field("Origin", "", () => fault.say(""), { id: "pair-origin", inputmode: "url", placeholder: "https://client.example" });
  const kind = choice("Kind of web client", [["native", "One that speaks to Waylay"], ["hoppscotch", "Hoppscotch, as its agent"]], "native", () => {});
  const fault = faultLine(origin), show = h("button", { class: "btn primary", type: "submit", form: "pair" }, "Show a code");
  const form = h("form", { class: "form", id: "pair" }, h("label", { for: "pair-origin" }, "Origin"), origin, h("span", { class: "l" }, "Web client"), kind, h("span", { class: "l" }, "It may"), rightChoices(rights, () => {}), fault.element);
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    show.disabled = true;
    try {
      const made = await openPairingWindow({ origin: origin.value.trim(), hoppscotch: kind.value === "hoppscotch", rights });
      dialog.close();
      showCode(made);
      void refreshAgent();
    } catch (error) {
      fault.say(error);
    } finally {
      show.disabled = false;
    }
  });
  const dialog = openDialog({ title: "Pair a web client", class: "medium", lead: "A page of this origin may then hand requests to Waylay, which sends them from this machine.", foot: [h("span", { class: "grow" }), button({ label: "Cancel", word: "Cancel", class: "line", onclick: () => dialog.close() }), show] }, form);
  origin.focus();
}

/** How a window may have come to its end without a pairing. @type {Record<string, string>} */
const ENDS = {
  locked: "5 wrong codes: the window is locked. If it was not you who typed them, somebody is guessing.",
  expired: "Its time is over: nothing was paired.",
  closed: "It was closed: nothing was paired.",
};

/** Shows the code while the window is open. @param {PairingWindow} opened */
export function showCode({ id, origin, code, rights, ...opened }) {
  const digits = code ?? "", left = h("span", { "aria-hidden": "true" }), says = h("span", { role: "status" });
  const shown = h("div", { class: "otp", role: "text", "aria-label": `Code ${[...digits].join(" ")}` }, digits.replace(/^(...)(...)$/, "$1 $2"));
  const cancel = button({ label: "Cancel", word: "Cancel", class: "line", onclick: () => {
    dialog.close();
    if (!shown.hidden) void saying(closePairingWindow(id), "").then(refreshAgent);
  } });
  const shut = button({ label: "Block this origin", word: "Block this origin", class: "danger", onclick: () => {
    dialog.close();
    void saying(block(origin), `${visible(origin)} is blocked`).then(refreshAgent);
  } });
  const dialog = openDialog({ title: "Let this web client send requests?", class: "medium", lead: "Type the code into the web client only if you started this yourself, just now.", foot: [h("span", { class: "dim" }, "Revoke at any time in Setup."), h("span", { class: "grow" }), cancel, shut] },
    h("div", { class: "cmd val" }, h("code", null, visible(origin)), h("span", { class: "tag" }, "origin")), shown, h("p", { class: "bar mid" }, icon("clock"), h("span", null, left, says)), grantLists(rights));
  const show = (/** @type {PairingWindow["state"]} */ state, /** @type {number} */ tries) => {
    const us = opened.expires_us - Date.now() * 1000, now = state === "open" && us <= 0 ? "expired" : state;
    shown.hidden = now !== "open";
    left.textContent = shown.hidden ? "" : `Valid for ${span(us + 999_999)}. `;
    says.textContent = shown.hidden ? (ENDS[now] ?? "") : `${plural(tries, "try", "tries")} left.`;
    cancel.lastChild?.replaceWith(shown.hidden ? "Close" : "Cancel");
    if (now !== "paired" || !dialog.open) return;
    notify(`${visible(origin)} is paired`);
    dialog.close();
  };
  const look = () => {
    const now = agent.state.windows.find((one) => one.id === id);
    show(now?.state ?? "open", now?.tries_left ?? opened.tries_left);
  };
  const timer = setInterval(look, 500), stops = [store.watch(["agentAt"], () => void refreshAgent()), agent.watch(["windows"], look)];
  dialog.addEventListener("close", () => {
    clearInterval(timer);
    stops.forEach((stop) => stop());
  });
  cancel.focus();
}
