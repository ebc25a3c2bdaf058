// Fields for times show the zone that is chosen in the menu; what is sent is in UTC.
import { isUtc } from "./times.js";

const fields = () => [...document.querySelectorAll("input[data-instant]")];
const instants = new Map(); // field: ms since 1970

// 2026-01-31T08:00:00, as fields of this type have it.
function written(instant) {
  const shift = isUtc() ? 0 : new Date(instant).getTimezoneOffset() * 60_000;
  return new Date(instant - shift).toISOString().slice(0, 19);
}

function read(field) {
  const instant = field.value ? Date.parse(isUtc() ? `${field.value}Z` : field.value) : NaN;
  if (Number.isNaN(instant)) instants.delete(field);
  else instants.set(field, instant);
}

function paint() {
  for (const [field, instant] of instants) field.value = written(instant);
  for (const note of document.querySelectorAll("[data-zone]")) {
    note.textContent = isUtc() ? "times in UTC" : `times of ${Intl.DateTimeFormat().resolvedOptions().timeZone}`;
  }
}

// A ready choice and the field beside it have one name: what was touched last counts.
function settle(touched) {
  for (const other of touched.form.querySelectorAll(`[name="${touched.name}"]`)) {
    if (other === touched || !touched.value) continue;
    other.value = "";
    instants.delete(other);
  }
}

for (const field of fields()) {
  if (field.value) instants.set(field, Date.parse(`${field.value}Z`));
}
paint();
document.addEventListener("queueflow:times", paint);
document.addEventListener("change", (event) => {
  const isField = event.target.matches("input[data-instant]");
  if (isField) read(event.target);
  if (isField || event.target.matches("[data-filter-form] select")) settle(event.target);
});
document.addEventListener("formdata", (event) => {
  const data = event.formData;
  for (const [field, instant] of instants) {
    if (field.form === event.target) data.set(field.name, new Date(instant).toISOString());
  }
  if (!event.target.matches("[data-filter-form]")) return;
  for (const name of new Set(data.keys())) {
    const given = data.getAll(name).filter((value) => value !== "");
    data.delete(name);
    for (const value of given) data.append(name, value);
  }
});
