// Light or dark: the system's choice until the switch is used. `early-theme.js` applies the choice on the next load.

import { button } from "./dom.js";

export function themeSwitch() {
  const made = button({
    icon: "theme",
    label: "Switch light or dark",
    onclick: () => {
      const root = document.documentElement;
      const dark = root.dataset.theme ? root.dataset.theme === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
      root.dataset.theme = dark ? "light" : "dark";
      localStorage.setItem("waylay.theme", root.dataset.theme);
    },
  });
  made.toggleAttribute("data-theme-switch", true);
  return made;
}
