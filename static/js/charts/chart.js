// One chart of a page: <figure class="chart" data-chart="depth" data-unit="jobs"> with its series in the mark-up.
import uPlot from "../../vendor/uPlot.esm.js";
import { make } from "../elements.js";
import { seriesColor } from "./colors.js";
import { value } from "./format.js";
import { options, timeOf } from "./options.js";
import { dragByTouch } from "./touch.js";

// What dragging does with all that is shown, for the keyboard.
function linkIn(figure) {
  const link = make("a", { class: "chart-jobs", "aria-describedby": figure.getAttribute("aria-labelledby") }, "Jobs of this range");
  figure.querySelector(".chart-head").append(link);
  return link;
}

export class Chart {
  // `listing(from, to)`: the address of the list of a range's jobs (s), where there is one.
  constructor(figure, points, { group, isRelative, listing }) {
    this.points = points;
    this.isRelative = isRelative;
    this.name = figure.dataset.chart;
    this.unit = figure.dataset.unit;
    this.when = figure.querySelector(".chart-when");
    this.box = figure.querySelector(".plot");
    this.listing = listing;
    this.link = listing && linkIn(figure);
    this.note = figure.querySelector(".plot-note");
    this.series = [...figure.querySelectorAll("[data-series]")].map((item) => ({
      name: item.dataset.series,
      dashed: item.classList.contains("is-goal"),
      item,
      place: item.querySelector(".value"),
      color: seriesColor(item),
    }));
    this.options = {
      box: this.box, unit: this.unit, series: this.series, group, isRelative,
      goal: Number(figure.dataset.goal ?? 0),
      marks: () => this.points.marks,
      bounds: () => [this.points.t[0], this.points.t[this.points.t.length - 1]],
      canSelect: Boolean(listing),
      onCursor: (index) => this.tell(index),
      onDraw: (plot) => figure.dispatchEvent(new CustomEvent("queueflow:drawn", { bubbles: true, detail: { plot, marks: this.points.marks } })),
      onSelect: (from, to) => this.chosen(from, to),
    };
    new ResizeObserver(() => this.plot?.setSize({ width: this.box.clientWidth, height: this.box.clientHeight })).observe(this.box);
  }

  columns() {
    const found = this.points.series[this.name];
    return [this.points.t, ...this.series.map((each) => found[each.name])];
  }

  paint() {
    const columns = this.columns();
    const isEmpty = columns.slice(1).every((column) => column.every((each) => each === null));
    this.note.textContent = isEmpty ? "Nothing recorded in this range" : "";
    const times = columns[0];
    if (times.length < 2) return;
    if (this.link) this.link.href = this.listing(times[0], times[times.length - 1] + this.points.step);
    if (this.plot) this.plot.setData(columns, true);
    else this.begin(columns);
    this.tell(this.plot.cursor.idx);
  }

  begin(columns) {
    this.plot = new uPlot(options(this.options), columns, this.box);
    dragByTouch(this.plot, this.options.canSelect);
  }

  // The figures under the crosshair, or the newest there are.
  tell(index) {
    const [times, ...columns] = this.columns();
    const isAt = index !== null && index !== undefined;
    this.when.textContent = isAt ? timeOf(times[index], this.points.step > 60, this.isRelative) : "";
    for (const [at, each] of this.series.entries()) {
      const column = columns[at];
      const number = isAt ? column[index] : column[column.length - 1];
      const text = value(number, this.unit);
      if (each.place.textContent !== text) each.place.textContent = text;
    }
  }

  chosen(from, to) {
    this.plot.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false);
    if (this.listing) location.assign(this.listing(from, to));
  }

  recolor() {
    for (const each of this.series) each.color = seriesColor(each.item);
    this.plot?.redraw(false, true);
  }

  redraw() {
    this.plot?.redraw(false, true);
  }
}
