// The console is fetched when it is first opened.

import { button } from "../dom.js";
import { lazy } from "../lazy.js";

/** Opens the console at the foot of the page, or closes it. */
export const openConsole = () => void lazy(() => import("./drawer.js")).then((part) => part?.toggleConsole());

/** @param {string} [look] */
export const consoleButton = (look = "") => button({ icon: "console", word: "Console", key: "`", class: `tiny ${look}`, onclick: openConsole });
