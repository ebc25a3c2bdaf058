// The keys that work on every page; none while somebody types, except ⌘K.
import { open } from "./dialogs.js";
import { isTyping } from "./elements.js";
import { openPalette } from "./palette.js";
import { choose, clear, openRow, step } from "./rows.js";

const LEADER_MS = 1200;
let leader = -Infinity; // when g was pressed

function search() {
  const field = document.querySelector("[data-search]");
  field?.focus();
  field?.select();
  return Boolean(field);
}

function help() {
  document.getElementById("you")?.hidePopover();
  open(document.getElementById("help"));
}

function goTo(key) {
  document.querySelector(`.nav a[data-key="${CSS.escape(key)}"]`)?.click();
}

const KEYS = {
  "/": search,
  "?": help,
  j: () => step(1),
  k: () => step(-1),
  x: () => choose(false),
  X: () => choose(true),
  g: () => { leader = performance.now(); },
};

document.addEventListener("keydown", (event) => {
  if ((event.metaKey || event.ctrlKey) && event.key.toLowerCase() === "k") {
    event.preventDefault();
    openPalette();
    return;
  }
  if (event.metaKey || event.ctrlKey || event.altKey || document.querySelector("dialog[open]")) return;
  if (event.key === "Escape" && isTyping(event.target)) event.target.blur();
  else if (event.key === "Escape") clear();
  if (isTyping(event.target)) return;
  if (performance.now() - leader < LEADER_MS) {
    leader = -Infinity;
    goTo(event.key);
  } else if (event.key === "Enter" && event.target === document.body) openRow();
  else if (KEYS[event.key]) {
    event.preventDefault();
    KEYS[event.key]();
  }
});
document.addEventListener("click", (event) => {
  if (event.target.closest("[data-help]")) help();
});
