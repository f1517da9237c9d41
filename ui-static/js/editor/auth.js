// Who asks: the kinds of authorization that can be sent, and what becomes of them.

import { isSecret, masked } from "../detail/secrets.js";
import { button, h, icon } from "../dom.js";
import { visible } from "../format.js";
import { choice, field, inked } from "./ink.js";

/** @import { Part } from "./fields.js" */
/** @import { DraftAuth, Preview } from "../api-types.js" */
/** @import { ItemDetail } from "../collections/types.js" */

/** @type {[string, string, [string, string][]][]} Kind, word, fields. */
const KINDS = [
  ["inherit", "Inherit", []], ["none", "None", []], ["basic", "Basic", [["username", "User name"], ["password", "Password"]]], ["bearer", "Bearer token", [["token", "Token"]]],
  ["apikey", "API key", [["key", "Name"], ["value", "Key"]]], ["digest", "Digest", [["username", "User name"], ["password", "Password"]]],
];
const HIDDEN = /^(password|token|value)$/;
/** @type {Record<string, string>} */
const SAYS = { none: "Nothing is sent.", digest: "The first request goes without. What the server asks is then answered." };

/**
 * @typedef {object} AuthOwner
 * @property {{ auth: DraftAuth }} draft
 * @property {Preview | null} preview what would be sent, once known
 * @property {ItemDetail["inherited"]} [inherited] what is said around it
 * @property {boolean} [whole] it is a collection, around which there is nothing
 * @property {() => void} changed
 */

/** What inheriting comes to. @param {AuthOwner} owner */
function inheriting({ inherited, whole }) {
  if (whole) return "Nothing is sent, where a folder or a request does not say otherwise.";
  if (!inherited) return "As the collection around it says; nothing there says anything, so nothing is sent.";
  const word = KINDS.find(([kind]) => kind === inherited.auth.type)?.[1] ?? inherited.auth.type;
  return `As ${visible(inherited.from.name)} says: ${visible(word)}.`;
}

/** @param {AuthOwner} editor @returns {Part} */
export function authPart(editor) {
  const { draft } = editor, known = KINDS.some(([kind]) => kind === draft.auth.type), form = h("div", { class: "form pad" }), sent = h("div", { class: "two" });
  /** What was written for each kind. @type {Record<string, any>} */
  const written = { [draft.auth.type]: draft.auth };
  let revealed = false;
  const reveal = button({ icon: "eye", word: "Reveal", class: "tiny", onclick: () => {
    revealed = !revealed;
    show();
  } });
  const show = () => {
    const { auth } = draft, fields = KINDS.find(([kind]) => kind === auth.type)?.[2] ?? [];
    const options = /** @type {[string, string][]} */ ([...KINDS.map(([kind, word]) => [kind, word]), ...(known ? [] : [[draft.auth.type, `${draft.auth.type}, cannot be sent yet`]])]);
    form.replaceChildren(h("label", { for: "auth-type" }, "Type"), type(options), ...fields.flatMap(([name, word]) => {
      const input = field(word, auth[name] ?? "", (value) => {
        auth[name] = value;
        input.classList.toggle("secret", hidden());
        editor.changed();
      });
      const hidden = () => HIDDEN.test(name) && !revealed && !/\{\{/.test(input.value);
      input.classList.toggle("secret", hidden());
      return [h("span", { class: "l" }, word), inked(input)];
    }), ...(auth.type === "apikey" ? [h("span", { class: "l" }, "Goes into"), choice("Goes into", [["header", "A header"], ["query", "The query"]], auth.in ?? "header", (place) => {
      auth.in = place;
      editor.changed();
    })] : []), ...(fields.length ? [h("span", { class: "l" }, "Sent as"), sent] : [h("p", { class: "note" }, icon("info"), auth.type === "inherit" ? inheriting(editor) : SAYS[auth.type] ?? "Kept as it was found. This kind cannot be sent yet: choose another.")]));
    update();
  };
  const type = (/** @type {[string, string][]} */ options) => {
    const select = choice("Type", options, draft.auth.type, (kind) => {
      draft.auth = written[kind] ??= { type: kind, ...Object.fromEntries((KINDS.find(([one]) => one === kind)?.[2] ?? []).map(([name]) => [name, ""])), ...(kind === "apikey" ? { in: "header" } : {}) };
      show();
      editor.changed();
      /** @type {HTMLElement | null} */ (form.querySelector("select"))?.focus();
    });
    select.id = "auth-type";
    return select;
  };
  const update = () => {
    const { auth } = draft, name = auth.type === "apikey" ? auth.key : "Authorization";
    const found = editor.preview?.headers.find(({ key }) => key.toLowerCase() === String(name).toLowerCase());
    const said = auth.type === "digest" ? SAYS.digest : auth.type === "apikey" && auth.in === "query" ? `?${auth.key}=…` : "";
    const shown = found && !said ? [`${found.key}: `, ...(revealed ? [visible(found.value)] : isSecret(found.key) || auth.type === "apikey" ? masked(found.key, found.value) : [visible(found.value)])] : [said || "nothing yet"];
    reveal.lastChild?.replaceWith(revealed ? "Hide" : "Reveal");
    sent.replaceChildren(said ? h("span", { class: "mid" }, said) : h("code", null, ...shown), reveal);
  };
  show();
  return { element: h("div", { class: "scroll body" }, form), update };
}
