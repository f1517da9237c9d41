// How a gRPC call ended: the names of the status codes, and whose fault each of them is.

/** @import { Detail } from "./api-types.js" */

/** By number, as https://grpc.io/docs/guides/status-codes/ has them. */
const NAMES = [
  "OK", "CANCELLED", "UNKNOWN", "INVALID_ARGUMENT", "DEADLINE_EXCEEDED", "NOT_FOUND", "ALREADY_EXISTS", "PERMISSION_DENIED", "RESOURCE_EXHAUSTED",
  "FAILED_PRECONDITION", "ABORTED", "OUT_OF_RANGE", "UNIMPLEMENTED", "INTERNAL", "UNAVAILABLE", "DATA_LOSS", "UNAUTHENTICATED",
];
/** What google.rpc.Code maps to a status of 5xx; the other failures are the caller's. */
const SERVER = new Set([2, 4, 12, 13, 14, 15]);

/**
 * `NOT_FOUND`; empty for a number that has no name.
 * @param {number} code
 */
export const grpcName = (code) => NAMES[code] ?? "";

/**
 * Whether a status is an error of the service rather than of the call.
 * @param {number} code
 */
export const isServerFault = (code) => SERVER.has(code) || code >= NAMES.length;

/**
 * What the service said about it: `grpc-message`, percent-decoded. Empty if it said nothing.
 * @param {Detail} exchange
 */
export function grpcMessage({ response }) {
  const fields = response ? [...response.trailers, ...response.headers] : [];
  const text = fields.find(({ name }) => name.toLowerCase() === "grpc-message")?.value ?? "";
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
