// A link to an exchange.

import { linkTo } from "./route.js";

/** @param {string} id @param {string} [word] */
export const exchangeLink = (id, word = id) => linkTo({ screen: "exchange", session: null, id, tab: "", against: "", at: "" }, null, word);
