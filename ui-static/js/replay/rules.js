// What is ignored when responses are compared: for everything, or for one session.

import { ApiError } from "../api.js";
import { changeDiffRules, diffRules } from "../api-replay.js";
import { openDialog } from "../dialog.js";
import { button, h, icon } from "../dom.js";
import { plural, visible } from "../format.js";
import { notify } from "../state.js";

/**
 * @param {number | undefined} session
 * @param {() => void} done
 */
export async function showRules(session, done) {
  const [all, own] = await Promise.all([diffRules(), session === undefined ? { rules: [] } : diffRules(session)]).catch(() => [{ rules: [] }, { rules: [] }]);
  const trouble = h("div", { role: "alert" });
  const area = (/** @type {string} */ label, /** @type {string[]} */ rules) => h("textarea", { class: "field mono", rows: 6, "aria-label": label, spellcheck: "false", autocomplete: "off", value: rules.join("\n") });
  const general = area("Ignored in everything", all.rules), here = area(`Ignored in session ${session}`, own.rules);
  const lines = (/** @type {HTMLTextAreaElement} */ from) => from.value.split("\n").map((line) => line.trim()).filter(Boolean);
  const save = button({ label: "Save", word: "Save", class: "primary", onclick: async () => {
    try {
      await changeDiffRules(lines(general));
      if (session !== undefined) await changeDiffRules(lines(here), session);
      dialog.close();
      done();
    } catch (error) {
      trouble.replaceChildren(h("p", { class: "ferr" }, icon("s-failed", "i12"), h("span", null, error instanceof ApiError ? visible(`${error.message} ${error.hint}`) : "Not saved.")));
    }
  } });
  const dialog = openDialog({ title: "Ignore rules", lead: "One per line: header:NAME, status, body, or a JSON path such as $.items[*].updated_at and $..id.", class: "medium", foot: [h("span", { class: "grow" }), button({ label: "Cancel", word: "Cancel", class: "line", onclick: () => dialog.close() }), save] },
    h("h2", null, "In everything"), general, ...(session === undefined ? [] : [h("h2", null, `In session ${session}`), here]), trouble);
  general.focus();
}

/** Adds a rule. @param {string} rule @param {number | undefined} session @param {() => void} done */
export async function ignoreFromNowOn(rule, session, done) {
  try {
    const { rules } = await diffRules(session);
    if (!rules.includes(rule)) await changeDiffRules([...rules, rule], session);
    notify(`${visible(rule)} is ignored from now on: ${plural(rules.length + 1, "rule")}`);
    done();
  } catch (error) {
    notify(error instanceof ApiError ? `Not done: ${error.message} ${error.hint}` : "Not done");
  }
}
