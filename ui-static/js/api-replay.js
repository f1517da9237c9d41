// The control API, replays and differences.

import { BASE, call, json, search } from "./api.js";

/** @import { Diff, DiffRules, Replay, ReplayOrder, ResultPage } from "./replay/types.js" */

/**
 * @param {string} method
 * @param {object} body
 */
const write = (method, body) => ({ method, body: JSON.stringify(body) });

/** @param {ReplayOrder} order @returns {Promise<Replay>} */
export const startReplay = (order) => json("/replays", write("POST", order));

/** @type {() => Promise<{ items: Replay[] }>} */
export const replays = () => json("/replays");

/** @param {number} id @returns {Promise<Replay>} */
export const replay = (id) => json(`/replays/${id}`);

/**
 * @param {number} id
 * @param {{ verdict?: string, details?: string, cursor?: number, limit?: number }} query
 * @returns {Promise<ResultPage>}
 */
export const results = (id, query) => json(`/replays/${id}/results?${search(query)}`);

/** @param {number} id */
export const cancelReplay = (id) => call(`${BASE}/replays/${id}`, { method: "DELETE" });

/**
 * Where a report can be had, for a download.
 * @param {number} id
 * @param {"json" | "junit"} format
 */
export const reportUrl = (id, format) => `${BASE}/replays/${id}/report?${search({ format })}`;

/**
 * How the response of `b` differs from that of `a`.
 * @param {string} a
 * @param {string} b
 * @param {AbortSignal} [signal]
 * @returns {Promise<Diff>}
 */
export const difference = (a, b, signal) => json(`/diff?${search({ a, b })}`, { signal });

/** @param {number} [session] without it: for all @returns {Promise<DiffRules>} */
export const diffRules = (session) => json(`/diff/rules?${search({ session })}`);

/** @param {Pick<DiffRules, "noise" | "ignore">} rules @param {number} [session] */
export const changeDiffRules = ({ noise, ignore }, session) => call(`${BASE}/diff/rules?${search({ session })}`, write("PUT", { noise, ignore }));
