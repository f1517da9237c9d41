// What the control API answers about an import. Names are the API's.

/** @import { Draft, Session } from "../api-types.js" */

/**
 * @typedef {object} Summary What is in what was given.
 * @property {string} kind
 * @property {string} name
 * @property {{ requests?: number, folders?: number, examples?: number, environments?: number, variables?: number, exchanges?: number, collections?: number }} counts
 * @property {string[]} hosts
 * @property {number} scripts
 * @property {{ where: string, name: string }[]} secrets
 * @property {string[]} notes
 * @property {{ where: string, reason: string }[]} refused
 */
/** @typedef {{ import: string, summary: Summary, drafts?: Draft[] }} Found */
/** @typedef {{ collections?: { id: number, name: string }[], environments?: { id: number, name: string }[], session?: Session | null }} Committed */

export {};
