// The first page: charts, and figures that change their look when they become zero or alarming.
import { drawCharts } from "./charts/page.js";

function look(name, number) {
  const figure = document.querySelector(`[data-figure="${name}"]`);
  figure?.classList.toggle("is-zero", !number);
  figure?.classList.toggle("is-alarm", name === "dead" && number > 0);
}

document.addEventListener("queueflow:status", (event) => {
  const { counts, rates } = event.detail;
  for (const [name, number] of Object.entries(counts ?? {})) look(name, number);
  for (const [name, number] of Object.entries(rates ?? {})) look(name, number);
});

for (const place of document.querySelectorAll("[data-charts]")) drawCharts(place);
