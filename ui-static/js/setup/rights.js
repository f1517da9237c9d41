// What a web client may do: in sentences, and as choices.

import { h, icon } from "../dom.js";

/** @import { Rights } from "./types.js" */

/** What one gets who asks for nothing. @type {Rights} */
export const LEAST = { jar: "own", client_certificates: false, private_addresses: false, metadata_addresses: false };

/** @type {[Exclude<keyof Rights, "jar">, string, string][]} Name, as a choice, as what it can do. */
const FLAGS = [
  ["private_addresses", "Private addresses: this machine, its network", "reach this machine and its private network"],
  ["client_certificates", "Client certificates", "use your client certificates"],
  ["metadata_addresses", "Metadata services of clouds", "reach the metadata services of clouds, which hand out credentials"],
];

/**
 * What somebody with these rights can do, and what not.
 * @param {Rights} rights
 * @returns {{ can: string[], cannot: string[] }}
 */
export function grants(rights) {
  const own = rights.jar === "own", [can, cannot] = [true, false].map((on) => FLAGS.flatMap(([name, , words]) => (rights[name] === on ? [words] : [])));
  return {
    can: [`send HTTP requests from this machine, with its network and ${own ? "its own cookie jar" : "your cookies: where you are signed in, it is"}`, ...can],
    cannot: [`read captured traffic${own ? " or your cookies" : ""}`, "reach Waylay's own API", ...cannot],
  };
}

/** The same to be read. @param {Rights} rights */
export function grantLists(rights) {
  const { can, cannot } = grants(rights);
  const list = (/** @type {string} */ title, /** @type {string[]} */ lines, /** @type {string} */ look) => h("div", null, h("h2", null, title), h("ul", { class: "grants" }, ...lines.map((line) => h("li", null, h("span", { class: look }, icon(look === "ok" ? "s-ok" : "s-failed", "i12")), line))));
  return h("div", { class: "importing" }, list("It will be able to", can, "ok"), list("It will not be able to", cannot, "failed"));
}

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
  return h("div", { class: "importing" }, box("The default cookie jar, not one of its own", rights.jar === "default", (on) => (rights.jar = on ? "default" : "own")), ...FLAGS.map(([name, word]) => box(word, rights[name], (on) => (rights[name] = on))));
}

/** In as few words as a table has room for. @param {Rights} rights */
export const rightWords = (rights) => [rights.jar === "own" ? "own jar" : "default jar", rights.private_addresses && "private addresses", rights.client_certificates && "certificates", rights.metadata_addresses && "metadata"].filter(Boolean).join(", ");
