// Lists of jobs. The first page of all jobs is asked for again when it has changed and nobody is at it. Otherwise, and
// where a filter holds, a pill tells how many jobs came, and its click asks. What was chosen stays chosen.
const LEAST_WAIT = 400; // ms between two refreshes
const SHARE = 5; // a page asks for at most a fifth of the time: a slow server is asked less often
let asked = -LEAST_WAIT;
let took = 0; // ms
let timer = 0;
let latest = null; // how many jobs there have ever been
let shown = null; // the same when the list was painted
let coming = null; // the same when the list that is on its way was asked for
let changed = false;
let chosen = [];

const list = () => document.getElementById("list");
const boxes = (part) => [...part.querySelectorAll("tbody .select")];

function isAtRest(part) {
  const isRead = !getSelection().isCollapsed && part.contains(getSelection().anchorNode);
  const isChosen = boxes(part).some((box) => box.checked);
  return !isChosen && !isRead && !part.matches(":hover") && !part.contains(document.activeElement) && scrollY < 400;
}

function refresh() {
  const part = list();
  if (!part || part.classList.contains("htmx-request")) return;
  asked = performance.now();
  coming = latest;
  changed = false;
  chosen = boxes(part).filter((box) => box.checked).map((box) => box.value);
  part.dispatchEvent(new CustomEvent("refresh"));
}

function tell(fresh) {
  const pill = list()?.querySelector("[data-refetch]");
  if (!pill) return;
  pill.hidden = !(fresh > 0);
  pill.querySelector("[data-live-new-count]").textContent = fresh.toLocaleString("en-US");
}

function look() {
  clearTimeout(timer);
  const part = list();
  if (!part || part.dataset.atFirst === undefined || latest === null) return;
  if (part.dataset.filtered === undefined && changed) {
    const wait = Math.max(LEAST_WAIT, SHARE * took) - (performance.now() - asked);
    if (wait <= 0 && isAtRest(part)) return refresh();
    timer = setTimeout(look, wait > 0 ? wait : LEAST_WAIT);
    if (isAtRest(part)) return;
  }
  tell(latest - shown);
}

document.addEventListener("queueflow:jobs", (event) => {
  const isFirst = latest === null; // which tells what the list was painted with, unless jobs came in between
  latest = event.detail.created;
  shown ??= Number(list()?.dataset.created ?? latest);
  changed ||= !isFirst || latest !== shown;
  look();
});
document.addEventListener("click", (event) => {
  if (event.target.closest("[data-refetch]")) refresh();
});
document.addEventListener("htmx:afterSwap", (event) => { // before the chosen ones are counted
  if (event.target.id !== "list") return;
  took = performance.now() - asked;
  shown = coming ?? latest;
  for (const box of boxes(event.target)) box.checked = chosen.includes(box.value);
  look();
});
