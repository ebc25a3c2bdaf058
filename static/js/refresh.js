// Parts of a page that ask for themselves again: `data-refresh="1000"` (ms) on an element that htmx loads on `refresh`.
// Nothing is asked while the tab is hidden, while an answer is on its way, or while text in the part is selected; with
// `data-refresh-at-rest` nor while the pointer or the focus is in it.
const due = new WeakMap();

function mayAsk(part) {
  const selection = getSelection();
  const isRead = selection && !selection.isCollapsed && part.contains(selection.anchorNode);
  const isUsed = part.dataset.refreshAtRest !== undefined && (part.matches(":hover") || part.contains(document.activeElement));
  return !isRead && !isUsed && !part.classList.contains("htmx-request");
}

function look() {
  if (document.hidden) return;
  const now = performance.now();
  for (const part of document.querySelectorAll("[data-refresh]")) {
    if (!due.has(part)) due.set(part, now + Number(part.dataset.refresh));
    if (now < due.get(part) || !mayAsk(part)) continue;
    due.set(part, now + Number(part.dataset.refresh));
    part.dispatchEvent(new CustomEvent("refresh"));
  }
}

setInterval(look, 250);
