// ⌘K: pages, queues, schedules, and a job by its id.
import { icon, make } from "./elements.js";
import { open } from "./dialogs.js";
import { nextTheme } from "./themes.js";

const MOST = 12;
const JOB_ID = /^[A-Za-z0-9][A-Za-z0-9._:-]{5,127}$/;
const dialog = document.getElementById("palette");
const input = dialog?.querySelector("input");
const list = dialog?.querySelector("[role=listbox]");
let queues = [];
let views = [];
let schedules = [];
let entries = [];
let at = 0;

export async function openPalette() {
  if (!dialog) return;
  input.value = "";
  paint();
  open(dialog);
  input.focus();
  const { views: viewsAt, scheduleNames } = dialog.dataset;
  [queues, views, schedules] = await Promise.all([items("/api/queues", queues), items(viewsAt, views), items(scheduleNames, schedules)]);
  paint();
}

// What an address lists; what was known before where it does not answer.
async function items(address, known) {
  const answer = address ? await fetch(address, { headers: { Accept: "application/json" } }).catch(() => null) : null;
  return answer?.ok && !answer.redirected ? (await answer.json()).items ?? [] : known;
}

function places() {
  const links = [...document.querySelectorAll(".nav a.nav-link")];
  return links.map((link) => ({
    word: link.querySelector(".word").textContent,
    icon: link.querySelector("use").getAttribute("href").slice(3),
    hint: link.dataset.key ? `g ${link.dataset.key}` : "",
    go: () => location.assign(link.href),
  }));
}

function queueEntries() {
  return queues.map((queue) => ({
    word: queue.name,
    icon: "queues",
    hint: queue.paused ? "paused" : `${queue.pending.toLocaleString("en-US")} pending`,
    go: () => location.assign(`${dialog.dataset.queues}#queue-${encodeURIComponent(queue.name)}`),
  }));
}

function scheduleEntries() {
  return schedules.map(({ name, paused }) => ({
    word: name,
    icon: "scheduled",
    hint: paused ? "schedule, paused" : "schedule",
    go: () => location.assign(`${dialog.dataset.schedules}${encodeURIComponent(name)}/`),
  }));
}

function viewEntries() {
  return views.map((view) => ({ word: view.name, icon: "bookmark", hint: view.page, go: () => location.assign(view.address) }));
}

function deeds() {
  const { enqueue, newSchedule } = dialog.dataset;
  const known = [["Enqueue a job", enqueue], ["New schedule", newSchedule]];
  return known.filter(([, at]) => at).map(([word, at]) => ({ word, icon: "plus", hint: "", go: () => location.assign(at) }));
}

function wanted(text) {
  const found = [...places(), ...deeds(), ...viewEntries(), ...queueEntries(), ...scheduleEntries(), { word: "Change the theme", icon: "settings", hint: "", go: nextTheme }];
  const words = text.toLowerCase().split(/\s+/).filter(Boolean);
  const fitting = found.filter((entry) => words.every((word) => entry.word.toLowerCase().includes(word)));
  if (JOB_ID.test(text) && dialog.dataset.jobs) {
    const go = () => location.assign(`${dialog.dataset.jobs}${encodeURIComponent(text)}/`);
    fitting.push({ word: `Open job ${text}`, icon: "jobs", hint: "", go });
  }
  return fitting.slice(0, MOST);
}

function paint() {
  entries = wanted(input.value.trim());
  at = 0;
  list.replaceChildren(...entries.map((entry, index) => {
    const hint = make("span", { class: "hint" }, entry.hint);
    const item = make("div", { class: "menu-item", role: "option", id: `palette-${index}` }, icon(entry.icon), make("span", { class: "truncate" }, entry.word), hint);
    item.addEventListener("click", () => run(entry));
    return item;
  }));
  if (!entries.length) list.append(make("p", { class: "palette-none" }, "Nothing fits. A job is found by its whole id."));
  mark();
}

function mark() {
  for (const [index, item] of [...list.querySelectorAll("[role=option]")].entries()) {
    item.setAttribute("aria-selected", String(index === at));
    if (index === at) item.scrollIntoView({ block: "nearest" });
  }
  if (entries.length) input.setAttribute("aria-activedescendant", `palette-${at}`);
  else input.removeAttribute("aria-activedescendant");
}

function run(entry) {
  dialog.close();
  entry?.go();
}

input?.addEventListener("input", paint);
input?.addEventListener("keydown", (event) => {
  const by = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (by && entries.length) at = (at + by + entries.length) % entries.length;
  else if (event.key === "Enter") run(entries[at]);
  else return;
  event.preventDefault();
  mark();
});
document.addEventListener("click", (event) => {
  if (event.target.closest("[data-palette]")) openPalette();
});
