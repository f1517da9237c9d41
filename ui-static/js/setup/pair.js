// Pairing: which origin may do what, then a code that is typed into the web client. Typing it is the consent.

import { closePairingWindow, openPairingWindow } from "../api-agent.js";
import { openDialog } from "../dialog.js";
import { button, h, icon } from "../dom.js";
import { choice, field } from "../editor/ink.js";
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
  const form = h("form", { class: "form", id: "pair" }, h("label", { for: "pair-origin" }, "Origin"), origin, h("span", { class: "l" }, "Web client"), kind, h("span", { class: "l" }, "It may use"), rightChoices(rights, () => {}), fault.element);
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    show.disabled = true;
    try {
      const made = await openPairingWindow({ origin: origin.value.trim(), hoppscotch: kind.value === "hoppscotch", rights });
      dialog.close();
      showCode({ ...made, rights });
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

/** Shows the code while the window is open. @param {PairingWindow} opened */
export function showCode(opened) {
  const { id, origin, code, rights = LEAST } = opened, digits = visible(code), left = h("span", { "aria-hidden": "true" }), tries = h("span", { role: "status" });
  const cancel = button({ label: "Cancel", word: "Cancel", class: "line", onclick: () => void closePairingWindow(id).then(refreshAgent, () => {}).then(() => dialog.close()) });
  const dialog = openDialog({ title: "Let this web client send requests?", class: "medium", lead: "Type the code into the web client only if you started this yourself, just now.", foot: [h("span", { class: "dim" }, "Revoke at any time in Setup."), h("span", { class: "grow" }), cancel] },
    h("div", { class: "cmd val" }, h("code", null, visible(origin)), h("span", { class: "tag" }, "origin")),
    h("div", { class: "otp", role: "text", "aria-label": `Code ${[...digits].join(" ")}` }, digits.replace(/^(\d{3})(\d{3})$/, "$1 $2")),
    h("p", { class: "bar mid" }, icon("clock"), h("span", null, left, tries)), grantLists(rights));
  let over = false;
  const end = (/** @type {string} */ why) => {
    if (over) return;
    over = true;
    left.textContent = "";
    tries.textContent = why;
    dialog.querySelector(".otp")?.remove();
    cancel.lastChild?.replaceWith("Close");
  };
  const tick = () => {
    const us = opened.expires_us - Date.now() * 1000;
    if (us <= 0) end("The two minutes are over: nothing was paired. Begin anew if you still want to.");
    else if (!over) left.textContent = `Valid for ${span(us + 999_999)}. `;
  };
  const known = new Set((agent.state.pairings ?? []).map((one) => one.id)), timer = setInterval(tick, 500);
  const unwatch = [store.watch(["agentAt"], () => void refreshAgent()), agent.watch(["windows", "pairings"], ({ windows, pairings }) => {
    const now = windows.find((one) => one.id === id), made = pairings?.find((one) => one.origin === origin && one.created_us > opened.expires_us - 120_000_000 && !known.has(one.id));
    if (made) {
      notify(`${visible(origin)} is paired`);
      dialog.close();
    } else if (now?.tries_left === 0) end("5 wrong codes: the window is locked. Somebody is guessing, or begin anew.");
    else if (now) tries.textContent = `${plural(now.tries_left, "try", "tries")} left.`;
  })];
  dialog.addEventListener("close", () => {
    clearInterval(timer);
    unwatch.forEach((stop) => stop());
  });
  tries.textContent ||= `${plural(opened.tries_left, "try", "tries")} left.`;
  tick();
  cancel.focus();
}
