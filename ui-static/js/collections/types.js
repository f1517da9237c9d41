// What the control API answers about collections. Names are the API's.

/** @import { Draft, DraftAuth, DraftField, SendSettings } from "../api-types.js" */

/** @typedef {{ key: string, value?: string, secret?: boolean, disabled?: boolean, description?: string | null, extra?: object }} OwnVariable */
/** @typedef {{ id: number, name: string, requests: number, folders: number, examples: number, scripts: number, changed_us: number, live: number | null }} CollectionItem */
/** @typedef {"collection" | "folder" | "request" | "example"} NodeKind */
/**
 * @typedef {object} Outline What is in a collection, without contents.
 * @property {number} id
 * @property {"folder" | "request" | "example"} kind
 * @property {number | null} parent
 * @property {string} name
 * @property {string | null} [method]
 * @property {string | null} [url]
 * @property {number | null} [status]
 * @property {boolean} [scripts]
 * @property {Outline[]} [children]
 */
/**
 * @typedef {object} Model What collections and folders have.
 * @property {string} name
 * @property {string | null} [description]
 * @property {DraftAuth} [auth]
 * @property {OwnVariable[]} [variables]
 * @property {unknown[]} [scripts]
 * @property {SendSettings} [settings]
 * @property {object} [extra]
 */
/** @typedef {Model & { id: number, tree: Outline[], live?: number | null }} CollectionDetail */
/** @typedef {Model & { kind: "folder" }} FolderModel */
/** @typedef {{ kind: "request", name: string, description?: string | null, request: Draft, variables?: OwnVariable[], scripts?: unknown[], from?: string | null, extra?: object }} SavedModel */
/** @typedef {{ mode: "none" } | { mode: "text", text: string } | { mode: "bytes", base64: string }} ExampleBody */
/** @typedef {{ kind: "example", name: string, request?: Draft | null, status?: number | null, reason?: string, headers?: DraftField[], body?: ExampleBody, language?: string, time_ms?: number | null, from?: string | null }} ExampleModel */
/**
 * @typedef {object} ItemDetail
 * @property {number} id
 * @property {number} collection
 * @property {string} collection_name
 * @property {number | null} parent
 * @property {{ id: number, name: string }[]} path what it is in, the outermost first
 * @property {FolderModel | SavedModel | ExampleModel} item
 * @property {{ id: number, name: string, status: number | null }[]} [examples]
 * @property {{ auth: DraftAuth, from: { id: number | null, name: string } } | null} [inherited]
 * @property {(OwnVariable & { from: { id: number | null, name: string } })[]} [variables] in scope
 */
/** @typedef {{ id: number, collection: { id: number, name: string }, kind: "folder" | "request" | "example", name: string, method?: string, url?: string, status?: number | null, path: { id: number, name: string }[] }} Found */
/** @typedef {{ host: string, template: string, count?: number, inferred?: boolean, exceptions?: string[] }} Template */
/**
 * @typedef {object} SaveOptions
 * @property {"none" | "domain" | "endpoint" | "domain_endpoint"} folders
 * @property {boolean} merge
 * @property {boolean} examples
 * @property {boolean} preflights
 * @property {boolean} media
 * @property {"keep" | "helper" | "variable"} auth
 * @property {boolean} base_url
 * @property {Template[]} templates
 */
/** @typedef {{ filter?: string, session?: number, exchanges?: string[] }} SaveFrom */
/** @typedef {{ from: SaveFrom, options: SaveOptions }} Saving */
/** @typedef {{ kind: "folder" | "request", name: string, method?: string | null, count?: number, examples?: number, children?: PreviewNode[] }} PreviewNode */
/**
 * @typedef {object} SavePreview
 * @property {PreviewNode[]} tree
 * @property {number} requests
 * @property {number} examples
 * @property {{ preflights: number, media: number, merged: number, other: number }} left_out
 * @property {Template[]} templates
 * @property {{ key: string, where: string }[]} variables
 */

export {};
