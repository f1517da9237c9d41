// Runs before the first paint, so that a chosen theme does not flash. Not a module: modules wait for the page.
(() => {
  const chosen = localStorage.getItem("waylay.theme");
  if (chosen === "light" || chosen === "dark") document.documentElement.dataset.theme = chosen;
})();
