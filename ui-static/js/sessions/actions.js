// What can be done with sessions and the proxy.

import { act, changeSession, startSession, switchProxy } from "../api-control.js";
import { visible } from "../format.js";
import { saying as said } from "../reason.js";
import { go } from "../route.js";
import { notify, store } from "../state.js";
import { askName } from "./ask.js";

/** @import { SessionChange } from "../api-control.js" */
/** @import { Session } from "../api-types.js" */

const current = () => store.state.status?.session ?? null;

export async function togglePause() {
  const session = current();
  if (!session) return notify("Nothing is recorded: begin a session first");
  const paused = session.state === "paused";
  await saying(act(session.id, paused ? "resume" : "pause"), paused ? "Recording again" : "Paused: traffic goes on, nothing new is recorded");
}

export async function stop() {
  const session = current();
  if (session) await saying(act(session.id, "stop"), `Stopped: ${visible(session.name)} is among the sessions`);
}

/** Stops a session of which nothing more is to be said. @param {number} id */
export const end = (id) => saying(act(id, "stop"), "");

/** Begins a session, and shows it. */
export async function begin() {
  const made = await saying(startSession(), "A new session is recorded");
  if (made) go({ screen: "live", filter: "" });
}

/**
 * @param {number} id
 * @param {SessionChange} what
 */
export const change = (id, what) => saying(changeSession(id, what), "Saved");

/** @param {Session} session */
export async function editNote({ id, note }) {
  const text = await askName("Note on this session", note ?? "", { label: "Note", optional: true });
  if (text !== null) await change(id, { note: text || null });
}

export async function toggleProxy() {
  const { status } = store.state, on = status?.proxy.on === false;
  if (!status) return;
  const proxy = await saying(switchProxy(on), on ? "The proxy listens again" : "The proxy is off: nothing new passes through it");
  if (proxy && store.state.status) store.set({ status: { ...store.state.status, proxy } });
}

/**
 * Says how it went, and keeps the session that comes of it.
 * @template T
 * @param {Promise<T>} doing
 * @param {string} done
 */
async function saying(doing, done) {
  const answer = await said(doing, done), session = /** @type {Session | null} */ (/** @type {unknown} */ (answer));
  if (session?.started_us) keep(session);
  return answer;
}

/** @param {Session} session As it is now; the stream of events tells the same a moment later. */
export function keep(session) {
  const { sessions, status } = store.state, open = session.state === "recording" || session.state === "paused";
  store.set({ sessions: [...sessions.filter(({ id }) => id !== session.id), session].sort((a, b) => a.id - b.id) });
  if (!status) return;
  if (status.session?.id === session.id) store.set({ status: { ...status, session: open ? session : null } });
  else if (open && session.source === "proxy") store.set({ status: { ...status, session } });
}
