// The environments there are, and which of them is active.

import { activate, environments } from "../api-desk.js";
import { saying } from "../reason.js";
import { store } from "../state.js";

/** Asks the daemon for them anew. */
export async function refreshEnvironments() {
  const { items } = await environments().catch(() => ({ items: [] }));
  store.set({ environments: items });
}

/** @param {number | null} id `null`: none is active */
export const choose = (id) => saying(activate(id).then(refreshEnvironments), "");

