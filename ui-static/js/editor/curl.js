// An exchange as a curl command for a POSIX shell. Everything captured is quoted: it must not reach the shell as code.

/** @import { Detail } from "../api-types.js" */

const TOKEN = /^[!#$%&'*+.^\x60|~\w-]+$/;
/** Fields curl writes itself, or that belong to the connection. */
const OWN = /^(content-length|transfer-encoding|connection|proxy-connection|keep-alive|proxy-authorization|te|upgrade|expect)$/i;

/**
 * @param {Detail} exchange
 * @param {string | null} body the text of the request's body; `null` if it is not text
 * @returns {string}
 */
export function curl(exchange, body) {
  const { method, url, request, host, port, id } = exchange, hasBody = request.body.size > 0;
  const fields = request.headers.filter(({ name, value, bytes }) => TOKEN.test(name) && !OWN.test(name) && bytes === undefined && !/[\r\n\0]/.test(value));
  /** @type {string[]} One option with its value each. */
  const options = [];
  if (/[[\]{}]/.test(url)) options.push("--globoff");
  if (/\/\.\.?(\/|\?|$)/.test(url)) options.push("--path-as-is");
  if (method === "HEAD") options.push("--head");
  else if (method !== (hasBody ? "POST" : "GET")) options.push(`-X ${quote(method)}`);
  for (const { name, value } of fields) {
    if (name.toLowerCase() === "host" && (value === host || value === `${host}:${port}`)) continue;
    options.push(`-H ${quote(value === "" ? `${name};` : `${name}: ${value}`)}`);
  }
  if (fields.some(({ name }) => name.toLowerCase() === "accept-encoding")) options.push("--compressed");
  const piped = hasBody && (body === null || body.includes("\0"));
  if (hasBody) options.push(piped ? "--data-binary @-" : `--data-raw ${quote(body ?? "")}`);
  const command = [`curl ${quote(url)}`, ...options].join(" \\\n  ");
  return piped ? `waylay body ${id} --request --raw | ${command}` : command;
}

/**
 * One word of a POSIX shell.
 * @param {string} text
 */
export function quote(text) {
  return /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}
