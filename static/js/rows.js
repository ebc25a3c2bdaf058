// Moves through the rows of <tbody data-rows> with j and k, opens with Enter, chooses with x. Shift chooses a stretch.
let last = null;

const tables = () => [...document.querySelectorAll("tbody[data-rows]")].filter((body) => body.offsetParent !== null);

function rows() {
  return tables().flatMap((body) => [...body.rows]);
}

export function step(by) {
  const all = rows();
  if (!all.length) return;
  const at = all.findIndex((row) => row.classList.contains("is-at"));
  const next = all[at < 0 ? (by > 0 ? 0 : all.length - 1) : Math.min(Math.max(at + by, 0), all.length - 1)];
  all[at]?.classList.remove("is-at");
  next.classList.add("is-at");
  const link = next.querySelector("a[href]");
  (link ?? next).focus({ preventScroll: true });
  next.scrollIntoView({ block: "nearest" });
}

export function openRow() {
  document.querySelector("tbody[data-rows] tr.is-at a[href]")?.click();
}

export function choose(stretch) {
  const box = document.querySelector("tbody[data-rows] tr.is-at .select");
  if (!box) return;
  box.checked = !box.checked;
  changed(box, stretch);
}

// A list that is painted anew keeps the row that the keyboard is at.
let kept = null;
let hadFocus = false;

document.addEventListener("htmx:beforeSwap", () => {
  const row = document.querySelector("tbody[data-rows] tr.is-at");
  kept = row?.dataset.key ?? null;
  hadFocus = row?.contains(document.activeElement) ?? false;
});
document.addEventListener("htmx:afterSwap", () => {
  const row = kept && document.querySelector(`tbody[data-rows] tr[data-key="${CSS.escape(kept)}"]:not(.is-at)`);
  if (!row) return;
  row.classList.add("is-at");
  if (hadFocus) (row.querySelector("a[href]") ?? row).focus({ preventScroll: true });
});

// The bar [data-selection] shows how many boxes are checked in its form, or on the page.
function count() {
  for (const bar of document.querySelectorAll("[data-selection]")) {
    const within = bar.closest("form") ?? document;
    const boxes = [...within.querySelectorAll(".select:not([data-select-all])")];
    const chosen = boxes.filter((box) => box.checked).length;
    bar.hidden = chosen === 0;
    for (const place of bar.querySelectorAll("[data-selection-count]")) place.textContent = chosen.toLocaleString("en-US");
    for (const all of within.querySelectorAll("[data-select-all]")) {
      all.checked = chosen > 0 && chosen === boxes.length;
      all.indeterminate = chosen > 0 && chosen < boxes.length;
    }
  }
}

function changed(box, stretch) {
  const boxes = [...(box.closest("form") ?? document).querySelectorAll(".select:not([data-select-all])")];
  if (box.dataset.selectAll !== undefined) {
    for (const each of boxes) each.checked = box.checked;
  } else if (stretch && last && boxes.includes(last)) {
    const [from, to] = [boxes.indexOf(last), boxes.indexOf(box)].sort((a, b) => a - b);
    for (const each of boxes.slice(from, to + 1)) each.checked = box.checked;
  }
  if (box.dataset.selectAll === undefined) last = box;
  count();
  box.dispatchEvent(new CustomEvent("queueflow:selection", { bubbles: true }));
}

export function clear() {
  const chosen = [...document.querySelectorAll(".select:checked")];
  for (const box of chosen) box.checked = false;
  count();
  if (chosen.length) chosen[0].dispatchEvent(new CustomEvent("queueflow:selection", { bubbles: true }));
  return chosen.length > 0;
}

document.addEventListener("click", (event) => {
  const box = event.target.closest(".select");
  if (box) changed(box, event.shiftKey);
  else if (event.target.closest("[data-selection-clear]")) clear();
});
document.addEventListener("htmx:afterSettle", count);
document.addEventListener("queueflow:placed", count);
window.addEventListener("pageshow", count);
count();
