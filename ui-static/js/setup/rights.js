// What a web client may do: in sentences, and as choices.

import { h, icon } from "../dom.js";

/** @import { Rights } from "./types.js" */

/** What one gets who asks for nothing. @type {Rights} */
export const LEAST = { jar: "own", client_certificates: false, private_addresses: false, metadata_addresses: false };

/** Name, what it lets one do, in short. @type {[Exclude<keyof Rights, "jar">, string, string][]} */
const FLAGS = [
  ["private_addresses", "reach this machine itself and its private network", "private addresses"],
  ["client_certificates", "use your client certificates", "certificates"],
  ["metadata_addresses", "reach the metadata services of clouds, which hand out credentials", "metadata"],
];

/**
 * What somebody with these rights can do, and what not.
 * @param {Rights} rights
 * @returns {[string[], string[]]}
 */
export function grants(rights) {
  const own = rights.jar === "own", [can, cannot] = [true, false].map((on) => FLAGS.flatMap(([name, words]) => (rights[name] === on ? [words] : [])));
  return [
    [`send HTTP requests from this machine, with its network and ${own ? "its own cookie jar" : "your cookies: where you are signed in, it is"}`, ...can],
    [`read captured traffic${own ? " or your cookies" : ""}`, "reach Waylay's own API", ...cannot],
  ];
}

/** The same to be read. @param {Rights} rights */
export const grantLists = (rights) => h("div", { class: "importing" }, ...grants(rights).map((lines, not) => h("div", null, h("h2", null, `It will ${not ? "not " : ""}be able to`), h("ul", { class: "grants" }, ...lines.map((line) => h("li", null, h("span", { class: not ? "failed" : "ok" }, icon(not ? "s-failed" : "s-ok", "i12")), line))))));

/**
 * The choices.
 * @param {Rights} rights changed in place
 * @param {() => void} onchange
 */
export function rightChoices(rights, onchange) {
  const box = (/** @type {string} */ word, /** @type {boolean} */ checked, /** @type {(on: boolean) => void} */ set) => {
    const input = h("input", { type: "checkbox", checked, onchange: () => {
      set(input.checked);
      onchange();
    } });
    return h("label", { class: "check" }, input, word);
  };
  return h("div", { class: "importing" }, box("use the default cookie jar, not one of its own", rights.jar === "default", (on) => (rights.jar = on ? "default" : "own")), ...FLAGS.map(([name, word]) => box(word, rights[name], (on) => (rights[name] = on))));
}

/** In as few words as a table has room for. @param {Rights} rights */
export const rightWords = (rights) => [`${rights.jar} jar`, ...FLAGS.flatMap(([name, , word]) => (rights[name] ? [word] : []))].join(", ");
