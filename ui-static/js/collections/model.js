// What is said about a collection or a folder itself, and the two ways of writing a variable.

/** @import { Variable } from "../api-types.js" */
/** @import { CollectionDetail, Model, OwnVariable } from "./types.js" */

/** A collection without what it is in the store, and without what is in it. @param {CollectionDetail} found @returns {Model} */
export function ownModel({ name, description, auth, variables, scripts, settings, extra }) {
  const said = Object.entries({ description, auth, variables, scripts, settings, extra }).filter(([, value]) => value !== undefined && value !== null && value !== "" && !(Array.isArray(value) && value.length === 0));
  return { name, ...Object.fromEntries(said) };
}

/** Variables as their table has them. @param {OwnVariable[]} variables */
export const tableRows = (variables) => variables.map(({ secret, ...rest }) => ({ ...rest, type: /** @type {"default" | "secret"} */ (secret ? "secret" : "default") }));

/** @param {(Omit<OwnVariable, "secret"> & Pick<Variable, "type">)[]} rows @returns {OwnVariable[]} */
export const ownVariables = (rows) => rows.filter(({ key, value }) => key || value).map(({ key, value, type, disabled, description, extra }) => ({ key, value: value ?? "", ...(type === "secret" && { secret: true }), ...(disabled && { disabled }), ...(description && { description }), ...(extra && { extra }) }));

/** The lines of a script, however they are written. @param {any} script */
export function scriptText({ listen, script } = {}) {
  const { exec = script } = script ?? {}, lines = Array.isArray(exec) ? exec.filter((line) => typeof line === "string") : typeof exec === "string" ? exec.split("\n") : [];
  return { when: typeof listen === "string" ? listen : "script", text: lines.join("\n") };
}
