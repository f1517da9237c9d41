// What the control API answers about an import. Names are the API's.

/** @import { Draft, Session } from "../api-types.js" */

/** @typedef {"har" | "collection" | "environment" | "globals" | "curl" | "several"} Kind */
/** @typedef {{ collections: number, requests: number, folders: number, examples: number, environments: number, variables: number, exchanges: number }} Counts */
/**
 * @typedef {object} Summary What is in what was given.
 * @property {Kind} kind
 * @property {string} name
 * @property {Counts} counts
 * @property {{ kind: Kind, name: string, counts: Counts }[]} parts of which some can be left out
 * @property {string[]} hosts
 * @property {number} scripts
 * @property {{ where: string, name: string }[]} secrets
 * @property {string[]} notes
 * @property {{ where: string, reason: string }[]} refused
 */
/** @typedef {{ import: string, summary: Summary, drafts: Draft[] }} Found */
/** @typedef {{ collection: number | null, name?: string, parts?: number[] }} Choice */
/** @typedef {{ collections: { id: number, name: string }[], environments: { id?: number | null, name?: string }[], sessions: { session: Session, exchanges: number }[] }} Committed */

export {};
