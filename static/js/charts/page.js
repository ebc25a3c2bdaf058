// All charts of one <div data-charts>: the same points in time, one crosshair, one request.
import { Chart } from "./chart.js";
import { Points } from "./data.js";

const RETRY_MS = 5000;
const FILTERS = { finished: ["finishedAfter", "finishedBefore"], created: ["createdAfter", "createdBefore"] };

// A function from two times (s) to the address of the jobs between them; null where a chart has no such list.
function listingOf(jobs, drag, queue) {
  const names = FILTERS[drag];
  if (!jobs || !names) return null;
  return (from, to) => {
    const query = new URLSearchParams({
      [names[0]]: new Date(Math.floor(from) * 1000).toISOString(),
      [names[1]]: new Date(Math.ceil(to) * 1000).toISOString(),
    });
    if (queue) query.set("queue", queue);
    return `${jobs}?${query}`;
  };
}

export function drawCharts(place) {
  const { address, range, queue, jobs } = place.dataset;
  const isRelative = place.dataset.relative !== undefined;
  const figures = [...place.querySelectorAll("[data-chart]")];
  const points = new Points(address, figures.map((figure) => figure.dataset.chart), range, queue);
  const group = `charts-${range}-${queue ?? ""}`;
  const charts = figures.map((figure) => new Chart(figure, points, { group, isRelative, listing: listingOf(jobs, figure.dataset.drag, queue) }));
  const paint = () => charts.forEach((chart) => chart.paint());

  async function load() {
    try {
      await points.load();
      paint();
    } catch {
      for (const chart of charts) chart.note.textContent = "The history cannot be read now";
      setTimeout(load, RETRY_MS);
    }
  }

  document.addEventListener("queueflow:charts", async (event) => {
    if (await points.take(event.detail).catch(() => false)) paint();
  });
  document.addEventListener("queueflow:theme", () => charts.forEach((chart) => chart.recolor()));
  document.addEventListener("queueflow:times", () => charts.forEach((chart) => chart.redraw()));
  document.addEventListener("visibilitychange", () => {
    if (!document.hidden && points.t.length) load();
  });
  return load();
}
