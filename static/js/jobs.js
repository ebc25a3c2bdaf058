// Lists of jobs. The rows of a first page without filters come by themselves (live-rows.js); while somebody is at work
// among them, a pill tells how many wait, and its click shows them. Of other lists a pill tells that jobs were enqueued
// since they were painted, or that others are in their states, and its click asks for the list anew. Only of all jobs it
// says how many: which of them a filter means is not known here. What was chosen stays chosen.
import { release } from "./live-rows.js";
import { figure } from "./words.js";

let latest = null; // how many jobs there have ever been
let shown = null; // the same when the list was painted
let coming = null; // the same when the list that is on its way was asked for
let counted = ""; // how many jobs are in the states that the list is about
let painted = null; // the same when it was painted
let chosen = [];

const list = () => document.getElementById("list");
const liveBody = () => list()?.querySelector("tbody[data-live-rows]");
const boxes = (part) => [...part.querySelectorAll("tbody .select")];

function tell(fresh, more = "") {
  const pill = list()?.querySelector("[data-pill]");
  if (!pill) return;
  pill.hidden = !(fresh > 0);
  const count = pill.querySelector("[data-live-new-count]");
  if (count) count.textContent = `${figure(fresh)}${more}`;
}

// Of a list of some states: 1 where their counts have changed. Of others: how many jobs came.
const news = () => (counted ? Number(painted !== counted) : latest - shown);

function refetch() {
  const part = list();
  if (part.classList.contains("htmx-request")) return;
  coming = latest;
  chosen = boxes(part).filter((box) => box.checked).map((box) => box.value);
  part.dispatchEvent(new CustomEvent("refresh"));
}

function showNew(pill, byKey) {
  if (pill.matches("a")) return;
  const body = liveBody();
  if (!body) return refetch();
  release(body);
  scrollTo(0, 0);
  if (byKey) body.querySelector("a[href]")?.focus(); // the pill that had it is hidden now
}

// What the list says around its rows.
function frameRows(body, { older }) {
  const part = list();
  const count = body.rows.length;
  part.querySelector("[data-some]").hidden = count === 0;
  part.querySelector("[data-none]").hidden = count > 0;
  part.querySelector("[data-searched]").textContent = `${count} job${count === 1 ? "" : "s"}`;
  const link = part.querySelector("[data-older]");
  link.hidden = !older;
  if (!older) return;
  const address = new URL(location.href);
  address.searchParams.set("cursor", older[part.dataset.cursor]);
  link.href = address.pathname + address.search;
}

// The chosen tab in the middle. Not by scrollIntoView: the tab key would go on from there.
function centreTab() {
  const tab = document.querySelector(".tabs [aria-current]");
  if (!tab) return;
  const [at, row] = [tab.getBoundingClientRect(), tab.parentElement.getBoundingClientRect()];
  tab.parentElement.scrollLeft += at.left - row.left - (row.width - at.width) / 2;
}

centreTab();
document.addEventListener("queueflow:placed", (event) => {
  const { target, detail } = event;
  if (target !== liveBody()) return;
  const waits = Number(target.dataset.liveHeld ?? 0);
  tell(waits, waits === detail.rows.length ? "+" : "");
  if (target.dataset.liveHeld === undefined) frameRows(target, detail);
});
document.addEventListener("queueflow:status", (event) => {
  if (!event.detail.totals) return;
  const all = figure(Object.values(event.detail.counts).reduce((sum, count) => sum + count, 0));
  for (const place of document.querySelectorAll("[data-all]")) place.textContent = all;
  if (!list() || liveBody()) return;
  latest = event.detail.totals.total;
  shown ??= Number(list().dataset.created ?? latest);
  const states = list().dataset.states?.split(" ") ?? [];
  counted = states.map((state) => event.detail.counts[state]).join();
  painted ??= counted;
  tell(news());
});
document.addEventListener("click", (event) => {
  const pill = event.target.closest("[data-pill]");
  if (pill) showNew(pill, event.detail === 0);
});
document.addEventListener("htmx:afterSwap", (event) => { // before the chosen ones are counted
  if (event.target.id !== "list") return;
  shown = coming ?? latest;
  painted = counted;
  for (const box of boxes(event.target)) box.checked = chosen.includes(box.value);
  tell(news());
});
