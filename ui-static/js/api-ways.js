// The control API, ways to servers: who we are to them, proxies on the way, and our own CA.

import { BASE, call, json } from "./api.js";

/** @import { CaFacts, ClientCertificate, ProxyChange, UpstreamProxies } from "./rules/types.js" */

/** @type {() => Promise<{ items: ClientCertificate[] }>} */
export const certificates = () => json("/certificates");

/**
 * @param {{ pattern: string, files: string[], passphrase: string | null }} of `files`: their bytes in base64
 * @returns {Promise<ClientCertificate>}
 */
export const addCertificate = (of) => json("/certificates", { method: "POST", body: JSON.stringify(of) });

/** @param {number} id */
export const removeCertificate = (id) => call(`${BASE}/certificates/${id}`, { method: "DELETE" });

/** @type {() => Promise<UpstreamProxies>} */
export const upstreamProxies = () => json("/upstream-proxies");

/** @param {ProxyChange} to @returns {Promise<UpstreamProxies>} */
export const setUpstreamProxies = (to) => json("/upstream-proxies", { method: "PUT", body: JSON.stringify(to) });

/** @type {() => Promise<CaFacts>} */
export const ca = () => json("/ca");

/** Where its certificate can be had. */
export const CA_PEM = `${BASE}/ca.pem`;
