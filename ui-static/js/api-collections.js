// The control API, collections: what is in them, and what captured requests become there.

import { BASE, call, json, search } from "./api.js";

/** @import { CollectionDetail, CollectionItem, Found, ItemDetail, Saving, SavePreview } from "./collections/types.js" */

/**
 * @param {string} method
 * @param {object} [body]
 */
const write = (method, body = {}) => ({ method, body: JSON.stringify(body) });

/** @type {() => Promise<{ items: CollectionItem[] }>} */
export const collections = () => json("/collections");

/** @param {object} of its model: a name at least @returns {Promise<{ id: number, name: string }>} */
export const addCollection = (of) => json("/collections", write("POST", of));

/** @param {number} id @returns {Promise<CollectionDetail>} */
export const collection = (id) => json(`/collections/${id}`);

/** @param {number} id @param {object} to its model without its items */
export const changeCollection = (id, to) => call(`${BASE}/collections/${id}`, write("PUT", to));

/** @param {number} id @param {{ host: string, template: string, exceptions: string[] }[]} templates @returns {Promise<{ renamed: number, moved: number, merged: number }>} */
export const regroup = (id, templates) => json(`/collections/${id}/regroup`, write("POST", { templates }));

/** @param {number} id @returns {Promise<{ id: number }>} */
export const duplicateCollection = (id) => json(`/collections/${id}/duplicate`, write("POST"));

/**
 * @param {number} id of the collection
 * @param {{ parent: number | null, position?: number, item?: object, from?: string }} what
 * @returns {Promise<{ id: number }>}
 */
export const addItem = (id, what) => json(`/collections/${id}/items`, write("POST", what));

/** @param {number} id @returns {Promise<ItemDetail>} */
export const item = (id) => json(`/items/${id}`);

/** @param {number} id @param {object} to */
export const changeItem = (id, to) => call(`${BASE}/items/${id}`, write("PUT", to));

/** @param {{ items: number[], collection: number, parent: number | null, position: number }} where */
export const moveItems = (where) => call(`${BASE}/items/move`, write("POST", where));

/** @param {number} id @returns {Promise<{ id: number }>} */
export const duplicateItem = (id) => json(`/items/${id}/duplicate`, write("POST"));

/** @type {(q: string, signal?: AbortSignal) => Promise<{ items: Found[] }>} */
export const findItems = (q, signal) => json(`/collections/search?${search({ q, limit: 200 })}`, { signal });

/**
 * What saving would make.
 * @param {Saving} order
 * @param {AbortSignal} [signal]
 * @returns {Promise<SavePreview>}
 */
export const savePreview = (order, signal) => json("/collections/save/preview", { ...write("POST", order), signal });

/**
 * @param {Saving & { collection: number | null, name?: string, parent?: number | null }} order
 * @returns {Promise<{ id: number, name: string, requests: number, examples: number }>}
 */
export const saveTo = (order) => json("/collections/save", write("POST", order));

/** What a session records from now on is added. @param {number} id @param {number} session @param {object} options */
export const fillFrom = (id, session, options) => call(`${BASE}/collections/${id}/live`, write("PUT", { session, options }));

/** @param {number} id */
export const stopFilling = (id) => call(`${BASE}/collections/${id}/live`, { method: "DELETE" });

/**
 * Where a file of a collection can be had, for a download.
 * @param {number} id
 * @param {{ format: string, secrets: string, archive: string }} how
 */
export const collectionUrl = (id, how) => `${BASE}/collections/${id}/export?${search(how)}`;
