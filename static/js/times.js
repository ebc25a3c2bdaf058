// Keeps every <time datetime="…"> true: "12 s ago" in its text, the exact time in its title. With class "exact" the text
// is the exact time, with class "due" it is "due now" once that time has come, with class "since" it is "for 12 s". In
// this machine's zone or in UTC, as chosen in the menu.
import { rough } from "./words.js";
import { store, stored } from "./stored.js";

// The page says what time it was when it was painted: a client's clock may be wrong.
const painted = Date.parse(document.body.dataset.now ?? "");
const offset = Number.isNaN(painted) ? 0 : painted - Date.now();
let zone = stored("times", "local");
let formats = formatsOf(zone);

export const now = () => Date.now() + offset;

export function exact(milliseconds) {
  return formats.long.format(milliseconds);
}

export function clock(milliseconds) {
  return formats.clock.format(milliseconds);
}

export function day(milliseconds) {
  return formats.day.format(milliseconds);
}

export const isUtc = () => zone === "utc";

export function ago(milliseconds) {
  const seconds = (now() - milliseconds) / 1000;
  if (seconds >= 1) return `${rough(Math.floor(seconds))} ago`;
  return seconds <= -1 ? `in ${rough(Math.floor(-seconds))}` : "now";
}

function told(element, instant, title) {
  const { classList } = element;
  if (classList.contains("exact")) return title;
  if (classList.contains("since")) return `for ${rough(Math.max(0, Math.floor((now() - instant) / 1000)))}`;
  return classList.contains("due") && now() >= instant ? "due now" : ago(instant);
}

export function refresh(within = document) {
  for (const element of within.querySelectorAll("time[datetime]")) {
    const instant = Date.parse(element.dateTime);
    if (Number.isNaN(instant)) continue;
    const title = exact(instant);
    const text = told(element, instant, title);
    if (element.textContent !== text) element.textContent = text;
    if (element.title !== title) element.title = title;
  }
}

function formatsOf(name) {
  const timeZone = name === "utc" ? "UTC" : undefined;
  const hours = { hour: "2-digit", minute: "2-digit", hourCycle: "h23", timeZone };
  const whole = { ...hours, day: "numeric", month: "short", second: "2-digit", year: "numeric", timeZoneName: "short" };
  return {
    long: new Intl.DateTimeFormat("en-GB", whole),
    clock: new Intl.DateTimeFormat("en-GB", { ...hours, second: "2-digit" }),
    day: new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "short", ...hours }),
  };
}

function choose(name) {
  zone = name;
  formats = formatsOf(name);
  store("times", name);
  mark();
  refresh();
  document.dispatchEvent(new CustomEvent("queueflow:times"));
}

function mark() {
  for (const button of document.querySelectorAll("[data-times-choice]")) {
    button.setAttribute("aria-pressed", String(button.dataset.timesChoice === zone));
  }
}

document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-times-choice]");
  if (button) choose(button.dataset.timesChoice);
});
document.addEventListener("htmx:afterSwap", () => refresh()); // before anything of it is painted
mark();
refresh();
setInterval(() => document.hidden || refresh(), 1000);
