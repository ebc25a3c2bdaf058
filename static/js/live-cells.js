// Makes rows of what came, and takes over into rows that are there what is new in them, cell by cell. The server has
// escaped what is in them. Cells with data-live-keep (buttons, boxes) stay as they are, and so do those whose
// data-live-of says that they tell of the same: a page may say more of it than rows that everybody gets.
import { make } from "./elements.js";

const told = new WeakMap(); // row -> the cells as they came last

export function parse(html, hasBoxes, key) {
  const template = document.createElement("template");
  template.innerHTML = html;
  const row = template.content.querySelector("tr");
  if (hasBoxes) row.prepend(boxCell(key));
  for (const cell of row.querySelectorAll("[data-live-of]:not([title])")) cell.title = cell.textContent.trim();
  return row;
}

export function remember(row) {
  told.set(row, cellsOf(row));
  return row;
}

export function patch(row, fresh) {
  const before = told.get(row) ?? [];
  const after = cellsOf(fresh);
  for (const { name, value } of [...fresh.attributes]) {
    if (name !== "class" && row.getAttribute(name) !== value) row.setAttribute(name, value);
  }
  for (const [place, cell] of [...row.cells].entries()) {
    const next = fresh.cells[0];
    if (!next) break;
    const isSame = (before[place] ?? cell.outerHTML) === after[place] || tellsOfTheSame(cell, next);
    if (isSame || "liveKeep" in cell.dataset || isAt(cell)) next.remove();
    else cell.replaceWith(next);
  }
  told.set(row, after);
  return row;
}

// Whether somebody is at work in an element: has the focus there, or has selected text.
export function isAt(element) {
  const selection = getSelection();
  const isRead = selection && !selection.isCollapsed && element.contains(selection.anchorNode);
  return isRead || element.contains(document.activeElement);
}

const cellsOf = (row) => [...row.cells].map((cell) => cell.outerHTML);

function tellsOfTheSame(cell, next) {
  return next.dataset.liveOf !== undefined && cell.dataset.liveOf === next.dataset.liveOf;
}

function boxCell(key) {
  const box = make("input", { type: "checkbox", class: "select", name: "ids", value: key, "aria-label": `Choose job ${key}` });
  return make("td", { class: "select-cell needs-js", "data-live-keep": "" }, box);
}
