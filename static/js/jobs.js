// Lists of jobs: they are asked for again when jobs came and nobody is at them, and a search goes on until it is done.

const LEAST_WAIT = 800; // ms between two refreshes
let refreshed = 0;
let latest = null; // how many jobs there have ever been
let shown = null; // the same when the list was painted

const list = () => document.getElementById("list");

function isAtRest(part) {
  const boxes = part.querySelector(".select:checked");
  const isRead = !getSelection().isCollapsed && part.contains(getSelection().anchorNode);
  return !boxes && !isRead && !part.matches(":hover") && !part.contains(document.activeElement) && scrollY < 400;
}

function refresh() {
  const part = list();
  if (!part || part.classList.contains("htmx-request")) return;
  refreshed = performance.now();
  shown = latest;
  part.dispatchEvent(new CustomEvent("refresh"));
}

function tell(fresh) {
  const pill = list()?.querySelector("[data-refetch]");
  if (!pill) return;
  pill.hidden = fresh <= 0;
  pill.querySelector("[data-live-new-count]").textContent = fresh.toLocaleString("en-US");
}

document.addEventListener("queueflow:jobs", (event) => {
  latest = event.detail.created;
  shown ??= latest;
  const part = list();
  if (!part || part.dataset.atFirst === undefined || latest === shown) return;
  const wait = LEAST_WAIT - (performance.now() - refreshed);
  if (isAtRest(part) && wait <= 0) refresh();
  else tell(latest - shown);
});
document.addEventListener("click", (event) => {
  if (event.target.closest("[data-refetch]")) refresh();
});
