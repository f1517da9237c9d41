// What the control API answers about replays and differences. Names are the API's.

/**
 * @typedef {object} ReplayOrder One of the first five says what.
 * @property {string[]} [exchanges]
 * @property {number} [session]
 * @property {string} [filter]
 * @property {number} [collection]
 * @property {number} [item]
 * @property {string} [target]
 * @property {"fast" | "asis" | "fixed"} [timing]
 * @property {number} [interval_ms]
 * @property {"captured" | number} [concurrency]
 * @property {"evolve" | "captured" | "none" | { jar?: number, as_of?: string }} [cookies] an object: those of a jar at first, the default one if it does not say which; or those a client had when an exchange began
 * @property {number | null} [environment]
 * @property {boolean} [diff]
 * @property {string} [name]
 * @property {string[]} [ignore]
 */
/**
 * @typedef {object} Replay
 * @property {number} id
 * @property {number} session
 * @property {string} [name]
 * @property {"running" | "done" | "cancelled" | "failed" | "interrupted"} state
 * @property {number} total
 * @property {number} done
 * @property {number} same
 * @property {number} changed
 * @property {number} failed
 * @property {number} skipped
 * @property {number} sent those that were not compared
 * @property {number} started_us
 * @property {number | null} ended_us
 * @property {ReplayOrder} what as it was asked for
 * @property {string | null} [error]
 */
/** @typedef {"same" | "changed" | "failed" | "skipped" | "sent"} Verdict */
/**
 * @typedef {object} Result
 * @property {number} position from 1
 * @property {{ id: string | null, item: number | null, name: string | null, method: string, url: string, status: number | null }} original
 * @property {{ id: string, status: number | null, duration_us: number | null } | null} result
 * @property {Verdict} verdict
 * @property {string[]} summary
 * @property {{ message: string, stage?: string, hint?: string } | null} error
 * @property {Diff} [comparison] the first differences, where they were asked for
 */
/** @typedef {{ items: Result[], next?: number | null }} ResultPage */
/** @typedef {{ part: "status" | "header" | "json" | "text" | "body" | "trailer", path: string, kind: "changed" | "added" | "removed", a: string | null, b: string | null }} Difference */
/** @typedef {{ same: boolean, differences: Difference[], total?: number, ignored: number, notes?: string[], info: { size: [number, number], duration_us: [number | null, number | null] }, truncated: boolean }} Diff */
/**
 * @typedef {object} DiffRules
 * @property {string[] | null} noise header fields that do not count; `null`: for a session those of all, for all the usual ones
 * @property {string[]} ignore
 * @property {string[]} [usual_noise]
 */

export {};
