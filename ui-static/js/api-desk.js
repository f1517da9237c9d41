// The control API, what requests are written and sent with: drafts, history, environments, files, console.

import { ApiError, BASE, call, json, search } from "./api.js";
import { withConsent } from "./consent.js";

/** @import { Deletion, Draft, Environment, EnvironmentItem, ConsoleEntry, HistoryPage, Order, Preview, SendDetail, SendSettings, Sent, Variable } from "./api-types.js" */

/**
 * @param {string} method
 * @param {object} [body]
 */
const write = (method, body = {}) => ({ method, body: JSON.stringify(body) });

/** @param {File} file */
const upload = (file) => ({ body: file, headers: { "content-type": "application/octet-stream" } });

/** @param {string} id of a captured exchange @returns {Promise<Draft>} */
export const draftOf = (id) => json(`/exchanges/${id}/request`);

/**
 * What would be sent.
 * @param {Order} order
 * @param {AbortSignal} [signal]
 * @returns {Promise<Preview>}
 */
export const preview = (order, signal) => json("/send/preview", { ...write("POST", order), signal });

/**
 * Sends, and tells what happens meanwhile. Aborted, the send is cancelled.
 * @param {Order} order
 * @param {(event: any) => void} [tell]
 * @param {AbortSignal} [signal]
 * @returns {Promise<Sent>}
 */
export const send = (order, tell = () => {}, signal) => withConsent(order, (order) => sendNow(order, tell, signal));

/** @param {Order} order @param {(event: any) => void} tell @param {AbortSignal} [signal] @returns {Promise<Sent>} */
async function sendNow(order, tell, signal) {
  const { body } = await call(`${BASE}/send?events=true`, { ...write("POST", order), signal });
  const reader = /** @type {ReadableStream<BufferSource>} */ (body).pipeThrough(new TextDecoderStream()).getReader();
  for (let rest = ""; ;) {
    const { value, done } = await reader.read();
    if (done) throw new ApiError(0, "The daemon went away before there was an answer.", { hint: "waylay status" });
    const lines = (rest + value).split("\n");
    rest = lines.pop() ?? "";
    for (const line of lines.filter(Boolean)) {
      const event = JSON.parse(line);
      if (event.event === "done") return event;
      if (event.event === "error") throw new ApiError(500, event.error?.message ?? "The send broke off.", event.error);
      tell(event);
    }
  }
}

/** @type {() => Promise<{ settings: SendSettings, defaults: SendSettings, cipher_suites: string[] }>} */
export const sendSettings = () => json("/send/settings");

/** @param {SendSettings} settings */
export const changeSendSettings = (settings) => call(`${BASE}/send/settings`, write("PUT", settings));

/**
 * @param {{ filter?: string, limit?: number, cursor?: string, like?: number }} query
 * @param {AbortSignal} [signal]
 * @returns {Promise<HistoryPage>}
 */
export const history = (query, signal) => json(`/history?${search(query)}`, { signal });

/** @param {number} id @returns {Promise<SendDetail>} */
export const sendOf = (id) => json(`/history/${id}`);

/** @param {number} [id] all sends without it @returns {Promise<Deletion>} */
export const forget = (id) => json(id === undefined ? "/history" : `/history/${id}`, { method: "DELETE" });

/** @param {string} exchange that is added to the history @returns {Promise<{ id: number }>} */
export const addToHistory = (exchange) => json("/history", write("POST", { exchange }));

/** @type {() => Promise<{ save_responses: boolean }>} */
export const historySettings = () => json("/history/settings");

/** @param {boolean} on */
export const saveResponses = (on) => call(`${BASE}/history/settings`, write("PUT", { save_responses: on }));

/** @type {() => Promise<{ items: EnvironmentItem[] }>} */
export const environments = () => json("/environments");

/** Where an environment is, or the globals. @param {number | null} id */
const place = (id) => (id === null ? "/globals" : `/environments/${id}`);

/**
 * @param {number | null} id `null`: the globals
 * @param {boolean} [secrets] with their values
 * @returns {Promise<Environment>}
 */
export const environment = (id, secrets) => json(place(id) + (secrets ? "?secrets=show" : ""));

/** @param {string} name @returns {Promise<Environment>} */
export const addEnvironment = (name) => json("/environments", write("POST", { name, variables: [] }));

/**
 * @param {number | null} id
 * @param {{ name?: string, variables: Variable[] }} to
 */
export const changeEnvironment = (id, to) => call(BASE + place(id), write("PUT", to));

/** @param {number} id */
export const removeEnvironment = (id) => call(BASE + place(id), { method: "DELETE" });

/** @param {number | null} id */
export const activate = (id) => call(`${BASE}/environments/active`, write("PUT", { id }));

/** @param {File} file @returns {Promise<Environment & { notes?: string[] }>} */
export const importEnvironment = (file) => json("/environments/import", { method: "POST", ...upload(file) });

/** @param {number | null} id */
export const exportUrl = (id) => `${BASE}${place(id)}/export`;

/** @type {() => Promise<{ items: { name: string, size: number }[] }>} */
export const files = () => json("/files");

/** @param {File} file */
export const putFile = (file) => call(`${BASE}/files/${encodeURIComponent(file.name)}`, { method: "PUT", ...upload(file) });

/** @type {(query: { after?: number, level?: string, filter?: string, limit?: number }) => Promise<{ items: ConsoleEntry[] }>} */
export const consoleEntries = (query) => json(`/console?${search(query)}`);

export const clearConsole = () => call(`${BASE}/console`, { method: "DELETE" });
