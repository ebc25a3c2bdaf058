// Keeps <tbody data-live-rows="topic"> true: rows by key, from the same partials that painted the page. The server has
// escaped what is in them. Rows neither move nor go while the pointer or the focus is among them: then only their cells
// change, and data-live-held says how many rows wait; the cells with data-live-keep (buttons, boxes) never change.
import { refresh } from "./times.js";

const told = new WeakMap(); // row -> the cells as they came last
const held = new WeakMap(); // table body -> what waits until nobody points at it

export function placeRows(topic, data) {
  for (const body of document.querySelectorAll(`tbody[data-live-rows="${topic}"]`)) place(body, data);
}

function place(body, data) {
  const known = new Map([...body.rows].map((row) => [row.dataset.key, row]));
  const wanted = data.rows.map(({ key, html }) => {
    const fresh = parse(html);
    return known.has(key) ? patch(known.get(key), fresh) : remember(fresh, fresh);
  });
  const added = wanted.filter((row) => row.parentNode !== body).length;
  if (isInUse(body)) {
    held.set(body, data);
    body.dataset.liveHeld = String(added);
  } else {
    held.delete(body);
    delete body.dataset.liveHeld;
    arrange(body, wanted, data.count);
  }
  refresh(body);
}

function parse(html) {
  const template = document.createElement("template");
  template.innerHTML = html;
  return template.content.querySelector("tr");
}

function remember(row, fresh) {
  told.set(row, [...fresh.cells].map((cell) => cell.outerHTML));
  return row;
}

// Takes over what is new in a row, cell by cell.
function patch(row, fresh) {
  const before = told.get(row) ?? [];
  const after = [...fresh.cells].map((cell) => cell.outerHTML);
  for (const { name, value } of [...fresh.attributes]) {
    if (name !== "class" && row.getAttribute(name) !== value) row.setAttribute(name, value);
  }
  for (const [place, cell] of [...row.cells].entries()) {
    const next = fresh.cells[0];
    if (!next) break;
    if (before[place] === after[place] || "liveKeep" in cell.dataset || cell.contains(document.activeElement)) next.remove();
    else cell.replaceWith(next);
  }
  told.set(row, after);
  return row;
}

// Puts the rows in order. Rows that did not come go, but for those below all that came where the list was cut.
function arrange(body, wanted, count) {
  const came = new Set(wanted);
  const before = [...body.rows];
  const isWhole = count !== undefined && wanted.length >= count;
  const lowest = before.findLastIndex((row) => came.has(row));
  const room = Math.max(before.length, wanted.length) - wanted.length;
  const below = isWhole || lowest < 0 ? [] : before.slice(lowest + 1).slice(0, room);
  const after = [...wanted, ...below];
  for (const row of before) if (!came.has(row) && !below.includes(row)) row.remove();
  for (const [place, row] of after.entries()) {
    if (body.rows[place] !== row) body.insertBefore(row, body.rows[place] ?? null);
  }
}

function isInUse(body) {
  return body.matches(":hover") || body.contains(document.activeElement) || body.querySelector(".select:checked") !== null;
}

function release(event) {
  const body = event.target.closest?.("tbody[data-live-rows]");
  if (!body || !held.has(body)) return;
  requestAnimationFrame(() => {
    if (held.has(body) && !isInUse(body)) place(body, held.get(body));
  });
}

document.addEventListener("pointerout", release);
document.addEventListener("focusout", release);
