// Says in [data-live-state] how live the page is. The age is not read out by screen readers: it changes every second.
import { make } from "./elements.js";
import { rough } from "./words.js";

const WORDS = {
  live: "live",
  connecting: "connecting",
  reconnecting: "reconnecting",
  away: "the store is away",
  paused: "paused",
  off: "off",
  ended: "logged out",
};

export function showState(state, heard) {
  const seconds = Math.floor((performance.now() - heard) / 1000);
  const age = state === "live" && seconds >= 2 ? ` · ${rough(seconds)} ago` : "";
  for (const place of document.querySelectorAll("[data-live-state]")) {
    if (place.dataset.value !== state || !place.firstChild) {
      place.dataset.value = state;
      place.replaceChildren(WORDS[state], make("span", { "aria-hidden": "true" }));
    }
    if (place.lastChild.textContent !== age) place.lastChild.textContent = age;
  }
}
