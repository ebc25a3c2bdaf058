// Runs before the first paint, so that a page never flashes in the wrong colours: what this browser was told last.
(() => {
  const root = document.documentElement;
  root.classList.add("has-js");
  try {
    const theme = localStorage.getItem("queueflow.theme");
    if (theme === "light" || theme === "dark") root.dataset.theme = theme;
    if (localStorage.getItem("queueflow.nav") === "narrow") root.dataset.nav = "narrow";
  } catch {
    // A browser without storage follows the system.
  }
})();
