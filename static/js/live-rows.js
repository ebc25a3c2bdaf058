// Keeps <tbody data-live-rows="topic"> true: rows by key, from the same partials that painted the page. Rows neither
// move nor go while somebody is at work among them: then only their cells change, and data-live-held says how many rows
// wait. With data-live-whole the rows that came are the whole table. Boxes to choose rows are the page's own: rows that
// come get one where the head of the table has one.
import { isAt, parse, patch, remember } from "./live-cells.js";
import { refresh } from "./times.js";

const AWAY = 400; // px from its top from which on a page of rows is read further down
const held = new Map(); // table body -> what waits until nobody is at work in it

export function placeRows(topic, data) {
  for (const body of document.querySelectorAll(`tbody[data-live-rows="${topic}"]`)) place(body, data, isInUse(body));
}

// Shows what waits, whoever is at work.
export function release(body) {
  if (held.has(body)) place(body, held.get(body), false);
}

function place(body, data, isHeld) {
  const known = new Map([...body.rows].map((row) => [row.dataset.key, row]));
  const hasBoxes = body.closest("table").querySelector("[data-select-all]") !== null;
  const wanted = data.rows.map(({ key, html }) => {
    const fresh = parse(html, hasBoxes, key);
    return known.has(key) ? patch(known.get(key), fresh) : remember(fresh);
  });
  const added = wanted.filter((row) => row.parentNode !== body).length;
  if (isHeld) {
    held.set(body, data);
    body.dataset.liveHeld = String(added);
  } else {
    held.delete(body);
    delete body.dataset.liveHeld;
    arrange(body, wanted, data.count);
  }
  markGone(body, new Set(wanted));
  refresh(body);
  body.dispatchEvent(new CustomEvent("queueflow:placed", { bubbles: true, detail: data }));
}

// Puts the rows in order. Rows that did not come go, but for chosen ones, and for those below all that came where the
// list was cut.
function arrange(body, wanted, count) {
  const came = new Set(wanted);
  const before = [...body.rows];
  const isWhole = "liveWhole" in body.dataset || (count !== undefined && wanted.length >= count);
  const lowest = before.findLastIndex((row) => came.has(row));
  const room = Math.max(before.length, wanted.length) - wanted.length;
  const below = isWhole || lowest < 0 ? [] : before.slice(lowest + 1).slice(0, room);
  const chosen = before.filter((row) => !came.has(row) && !below.includes(row) && row.querySelector(".select:checked"));
  const after = [...wanted, ...below, ...chosen];
  for (const row of before) if (!after.includes(row)) row.remove();
  for (const [place, row] of after.entries()) {
    if (body.rows[place] !== row) body.insertBefore(row, body.rows[place] ?? null);
  }
}

// A row above one that came, which did not come itself, is in the list no more.
function markGone(body, came) {
  if (!("liveWhole" in body.dataset)) return;
  const rows = [...body.rows];
  const lowest = rows.findLastIndex((row) => came.has(row));
  for (const [place, row] of rows.entries()) row.classList.toggle("is-gone", !came.has(row) && place < lowest);
}

function isInUse(body) {
  const isFarDown = "liveWhole" in body.dataset && scrollY > AWAY;
  return isFarDown || isPointedAt(body) || isAt(body) || body.querySelector(".select:checked") !== null;
}

// Whether the pointer is among the rows, or on its way to the pill that would show what waits, or on it.
function isPointedAt(body) {
  const pill = body.closest(".keeps-rows")?.querySelector("[data-pill]");
  return [body, body.closest("table").tHead, pill].some((part) => part?.matches(":hover"));
}

function look() {
  requestAnimationFrame(() => {
    for (const body of [...held.keys()]) {
      if (!body.isConnected) held.delete(body);
      else if (!isInUse(body)) release(body);
    }
  });
}

for (const event of ["pointerout", "focusout", "selectionchange", "queueflow:selection"]) {
  document.addEventListener(event, () => held.size && look());
}
document.addEventListener("scroll", () => held.size && look(), { passive: true });
