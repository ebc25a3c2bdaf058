// Figures, durations and rates as people say them; the same as the filters in templatetags/show.py.
const YEAR = 31557600;
const UNITS = [[86400, "d"], [3600, "h"], [60, "min"], [1, "s"]];

export function figure(value) {
  return value === null || value === undefined ? "" : Math.round(value).toLocaleString("en-US");
}

// Where there is little room: from 10,000 on whole thousands.
export function brief(value) {
  return value < 10000 ? figure(value) : `${figure(Math.floor(value / 1000))}k`;
}

export function rough(seconds) {
  if (seconds >= 2 * YEAR) return `${figure(Math.floor(seconds / YEAR))} years`; // below that, days tell more
  const unit = UNITS.find(([size]) => seconds >= size);
  return unit ? `${Math.floor(seconds / unit[0])} ${unit[1]}` : "0 s";
}

export function lasting(milliseconds) {
  if (milliseconds === null || milliseconds === undefined) return "";
  if (milliseconds < 1000) return `${Math.round(milliseconds)} ms`;
  return milliseconds < 10000 ? `${(milliseconds / 1000).toFixed(1)} s` : rough(Math.floor(milliseconds / 1000));
}

export function rate(value) {
  if (value >= 10 || !value) return `${Math.round(value).toLocaleString("en-US")}/s`;
  return value >= 0.05 ? `${value.toFixed(1)}/s` : "<0.1/s";
}
