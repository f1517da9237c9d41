// The web clients that are paired, and those that may pair just now.

import { pairingWindows, pairings } from "../api-agent.js";
import { Store } from "../store.js";

/** @import { Pairing, PairingWindow } from "./types.js" */

/** `null`: not known yet, or the daemon has no such thing. */
export const agent = new Store(/** @type {{ windows: PairingWindow[], pairings: Pairing[] | null }} */ ({ windows: [], pairings: null }));

/** Asks for both anew. */
export async function refreshAgent() {
  const [open, paired] = await Promise.all([pairingWindows(), pairings()]).catch(() => [null, null]);
  if (open && paired) agent.set({ windows: open.items, pairings: paired.items });
}
