// The first page: charts, the top of two long lists, and what has died, as it changes.
import { drawCharts } from "./charts/page.js";
import { placeRows } from "./live-rows.js";

const MOST = { busiest: 12, latest: 10 };
const CALM_MS = 2000; // between two looks at the errors
let died = null;
let asked = 0;

function look(name, number) {
  const figure = document.querySelector(`[data-figure="${name}"]`);
  figure?.classList.toggle("is-zero", !number);
  figure?.classList.toggle("is-alarm", name === "dead" && number > 0);
}

function top(name, data) {
  const rows = data.rows.slice(0, MOST[name]);
  placeRows(name, { ...data, rows, count: rows.length });
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
});
document.addEventListener("queueflow:queues", (event) => top("busiest", event.detail));
document.addEventListener("queueflow:jobs", (event) => top("latest", event.detail));

let isFirst = true; // what comes first is what the page was painted with
document.addEventListener("queueflow:dlq", (event) => {
  if (!isFirst) died = event.detail;
  isFirst = false;
});

for (const place of document.querySelectorAll("[data-charts]")) drawCharts(place);
