// Figures of charts in their unit: in the list of series, and shorter on the axis.
import { figure, lasting, rate } from "../words.js";

const COUNTS = new Set(["jobs", "workers"]);

export function value(number, unit) {
  if (number === null || number === undefined) return "–";
  if (unit === "jobs/s") return rate(number);
  if (unit === "%") return `${trim(number)} %`;
  return COUNTS.has(unit) ? figure(number) : lasting(number);
}

export function tick(number, unit) {
  if (unit === "jobs/s") return `${short(number)}/s`;
  if (unit === "%") return `${short(number)} %`;
  if (COUNTS.has(unit)) return short(number);
  if (number === 0) return "0";
  if (number < 1000) return `${short(number)} ms`;
  const seconds = number / 1000;
  if (seconds < 60 || seconds % 60) return `${short(seconds)} s`;
  return seconds < 7200 ? `${short(seconds / 60)} min` : `${short(seconds / 3600)} h`;
}

// Steps of an axis that read well: durations go by 60 from a minute on.
export function steps(unit) {
  if (unit === "jobs/s" || unit === "%") return undefined;
  if (COUNTS.has(unit)) return [1, 2, 5].flatMap((n) => Array.from({ length: 9 }, (_, e) => n * 10 ** e)).sort((a, b) => a - b);
  const minutes = [1, 2, 5, 10, 15, 30].map((n) => n * 60000);
  const hours = [1, 2, 3, 6, 12, 24, 48, 96, 240, 720].map((n) => n * 3600000);
  return [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10000, 15000, 30000, ...minutes, ...hours];
}

function short(number) {
  if (number >= 1e6) return `${trim(number / 1e6)}M`;
  return number >= 1e4 ? `${trim(number / 1e3)}k` : trim(number);
}

const trim = (number) => String(Math.round(number * 100) / 100);
