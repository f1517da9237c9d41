// The console is fetched when it is first opened.

import { button } from "../dom.js";
import { lazy } from "../lazy.js";

/** Opens the console at the foot of the page, or closes it. */
export const openConsole = () => void lazy(() => import("./drawer.js")).then((part) => part?.toggleConsole());

export const consoleButton = () => button({ icon: "console", label: "Console", word: "Console", key: "`", class: "tiny hide-s", onclick: openConsole });
