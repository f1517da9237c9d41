// The web clients that are paired, those that may pair just now, and origins that are blocked.

import { blockedOrigins, pairingWindows, pairings } from "../api-agent.js";
import { Store } from "../store.js";

/** @import { Pairing, PairingWindow } from "./types.js" */

/** `null`: not known yet, or the daemon has no such thing. */
export const agent = new Store(/** @type {{ windows: PairingWindow[], pairings: Pairing[] | null, blocked: string[] }} */ ({ windows: [], pairings: null, blocked: [] }));

/** Asks for all of it anew. */
export async function refreshAgent() {
  const [open, paired, blocked] = await Promise.all([pairingWindows(), pairings(), blockedOrigins()]).catch(() => []);
  if (open && paired && blocked) agent.set({ windows: open.items, pairings: paired.items, blocked: blocked.items });
}
