// The first page: charts, the top of two long lists, and what has died, as it changes.
import { drawCharts } from "./charts/page.js";
import { placeRows } from "./live-rows.js";

const MOST = { troubled: 6, queues: 12, latest: 10 };
const CALM_MS = 2000; // between two looks at the errors
const bodies = ["troubled", "busiest"].map((name) => document.querySelector(`[data-live-rows="${name}"]`));
let queues = null; // what waits until the pointer has gone
let died = null;
let asked = 0;

function look(name, number) {
  const figure = document.querySelector(`[data-figure="${name}"]`);
  figure?.classList.toggle("is-zero", !number);
  figure?.classList.toggle("is-alarm", name === "dead" && number > 0);
}

function top(name, data, rows) {
  placeRows(name, { ...data, rows, count: rows.length });
}

const isUsed = (body) => body.matches(":hover, :focus-within") || body.querySelector(".is-at") !== null;

// A queue goes from one table to the other with its buttons, which do not come with the news. Not under somebody's
// pointer: there only figures change.
function placeQueues() {
  if (!queues || bodies.includes(null)) return;
  const data = queues;
  const rows = data.rows.slice(0, MOST.queues);
  const troubled = Math.min(data.troubled, MOST.troubled);
  const split = [rows.slice(0, troubled), rows.slice(troubled)];
  const isHeld = bodies.some(isUsed);
  for (const [at, body] of bodies.entries()) {
    const here = new Set([...body.rows].map((row) => row.dataset.key));
    if (isHeld) split[at] = rows.filter(({ key }) => here.has(key));
    for (const { key } of split[at]) {
      const other = [...bodies[1 - at].rows].find((row) => row.dataset.key === key);
      if (other && !here.has(key)) body.append(other);
    }
  }
  top("troubled", data, split[0]);
  top("busiest", data, split[1]);
  if (isHeld) return;
  for (const body of bodies) body.closest("section").hidden = body.rows.length === 0;
  queues = null;
}

// Not under somebody's pointer: what was missed comes with the next death, or when the pointer has gone.
function errors() {
  const place = document.getElementById("errors");
  if (!place || place.matches(":hover, :focus-within") || Date.now() - asked < CALM_MS) return;
  asked = Date.now();
  window.htmx?.ajax("GET", place.dataset.address, { target: place, swap: "outerHTML" });
  died = null;
}

document.addEventListener("queueflow:status", (event) => {
  const { counts, rates } = event.detail;
  for (const [name, number] of Object.entries(counts ?? {})) look(name, number);
  for (const [name, number] of Object.entries(rates ?? {})) look(name, number);
  if (died) errors();
  placeQueues();
});
document.addEventListener("queueflow:queues", (event) => {
  queues = event.detail;
  placeQueues();
});
document.addEventListener("queueflow:jobs", ({ detail }) => top("latest", detail, detail.rows.slice(0, MOST.latest)));

let isFirst = true; // what comes first is what the page was painted with
document.addEventListener("queueflow:dlq", (event) => {
  if (!isFirst) died = event.detail;
  isFirst = false;
});

for (const place of document.querySelectorAll("[data-charts]")) drawCharts(place);
