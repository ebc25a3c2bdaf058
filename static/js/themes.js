// The choice of a theme, and of a narrow navigation; theme.js reads them at the next page.
import { store, stored } from "./stored.js";

const root = document.documentElement;

function choose(theme) {
  if (theme === "system") delete root.dataset.theme;
  else root.dataset.theme = theme;
  store("theme", theme);
  mark();
  document.dispatchEvent(new CustomEvent("queueflow:theme"));
}

export function nextTheme() {
  const dark = root.dataset.theme ? root.dataset.theme === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
  choose(dark ? "light" : "dark");
}

function mark() {
  for (const button of document.querySelectorAll("[data-theme-choice]")) {
    button.setAttribute("aria-pressed", String(button.dataset.themeChoice === stored("theme", "system")));
  }
}

document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-theme-choice]");
  if (button) choose(button.dataset.themeChoice);
  if (event.target.closest("[data-nav-fold]")) {
    const narrow = root.dataset.nav === "narrow" ? "wide" : "narrow";
    root.dataset.nav = narrow;
    store("nav", narrow);
    window.dispatchEvent(new Event("resize"));
  }
});
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => {
  document.dispatchEvent(new CustomEvent("queueflow:theme"));
});
mark();
