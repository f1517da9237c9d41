// What does not count when responses are compared: in everything, or in one session.

import { changeDiffRules, diffRules } from "../api-replay.js";
import { openDialog } from "../dialog.js";
import { button, h, icon } from "../dom.js";
import { plural, visible } from "../format.js";
import { reasonOf, saying } from "../reason.js";
import { notify } from "../state.js";

/**
 * @param {number | undefined} session
 * @param {() => void} done
 */
export async function showRules(session, done) {
  const found = await Promise.all([diffRules(), session === undefined ? null : diffRules(session)]).catch((error) => notify(reasonOf(error, "The rules could not be read")));
  if (!found) return;
  const [all, own] = found, trouble = h("div", { role: "alert" }), usual = all.usual_noise ?? [];
  const area = (/** @type {string} */ label, /** @type {string[]} */ rules, rows = 5) => h("textarea", { class: "field mono", rows, "aria-label": label, spellcheck: "false", autocomplete: "off", value: rules.join("\n") });
  const general = area("Ignored in everything", all.ignore), here = area(`Ignored in session ${session}`, own?.ignore ?? []), noise = area("Header fields that do not count", all.noise ?? usual, 4);
  const lines = (/** @type {HTMLTextAreaElement} */ from) => from.value.split("\n").map((line) => line.trim()).filter(Boolean);
  const save = button({ word: "Save", class: "primary", onclick: async () => {
    const names = lines(noise);
    try {
      await changeDiffRules({ noise: names.join() === usual.join() ? null : names, ignore: lines(general) });
      if (own) await changeDiffRules({ noise: own.noise, ignore: lines(here) }, session);
      dialog.close();
      done();
    } catch (error) {
      trouble.replaceChildren(h("p", { class: "ferr" }, icon("s-failed", "i12"), h("span", null, reasonOf(error, "Not saved."))));
    }
  } });
  const dialog = openDialog({ title: "Ignore rules", lead: "One per line: header:NAME, status, body, or a JSON path such as $.items[*].updated_at and $..id.", class: "medium", act: save },
    h("h2", null, "In everything"), general, ...(own ? [h("h2", null, `In session ${session}`), here] : []), h("h2", null, "Header fields that do not count"), noise, trouble);
  general.focus();
}

/** Adds a rule. @param {string} rule @param {number | undefined} session @param {() => void} done */
export async function ignoreFromNowOn(rule, session, done) {
  const changed = async () => {
    const { noise, ignore } = await diffRules(session), rules = ignore.includes(rule) ? ignore : [...ignore, rule];
    await changeDiffRules({ noise, ignore: rules }, session);
    notify(`${visible(rule)} is ignored from now on: ${plural(rules.length, "rule")}`);
  };
  if ((await saying(changed(), "")) !== null) done();
}
