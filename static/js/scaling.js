// The page of a pool: its charts, and on them each decision that changed something, as a mark that opens its sentence.
import { drawCharts } from "./charts/page.js";
import { make } from "./elements.js";
import { figure } from "./words.js";
import "./refresh.js";

const NEAR = 14; // pixels: as wide as a mark, so that none takes the clicks of another

function layerOf(plot) {
  return plot.over.querySelector(".decision-marks") ?? plot.over.appendChild(make("div", { class: "decision-marks" }));
}

// Marks that would lie on one another, as one: each group has its newest first.
function groupsOf(plot, marks) {
  const width = plot.over.clientWidth;
  const groups = [];
  for (const mark of marks.toReversed()) {
    const x = Math.min(plot.valToPos(mark.t, "x"), width); // the newest may be younger than the newest point
    if (x < 0) continue;
    const last = groups.at(-1);
    if (last && last.x - x < NEAR) last.marks.push(mark);
    else groups.push({ x, marks: [mark] });
  }
  return groups;
}

const movedBy = (mark) => `${figure(mark.from)} → ${figure(mark.to)} workers`;

function titleOf(marks) {
  if (marks.length > 1) return `${marks.map(movedBy).join("\n")}\nEach click opens the next one.`;
  const sentence = changeOf(marks[0].id)?.querySelector("p")?.textContent.trim();
  return sentence ?? movedBy(marks[0]);
}

// Buttons for the pointer; the list beside has the same for the keyboard, in order and with words.
function placeMarks({ plot, marks }) {
  const opened = document.querySelector(".change[open]")?.id.replace("change-", "");
  const buttons = groupsOf(plot, marks).map((group) => {
    const ids = group.marks.map((mark) => String(mark.id));
    const kinds = new Set(group.marks.map((each) => each.kind));
    const classes = `decision-mark is-${kinds.size > 1 ? "mixed" : group.marks[0].kind}${ids.includes(opened) ? " is-open" : ""}`;
    const button = make("button", { type: "button", class: classes, tabindex: "-1", "aria-hidden": "true", title: titleOf(group.marks), "data-changes": ids.join(" ") });
    button.style.left = `${group.x}px`;
    return button;
  });
  layerOf(plot).replaceChildren(...buttons);
}

const changeOf = (id) => document.getElementById(`change-${id}`);

// Of several decisions under one mark, the one after that which is open.
function openNext(ids) {
  const there = ids.filter(changeOf);
  const at = there.findIndex((id) => changeOf(id).open);
  if (there.length) openChange(changeOf(there[(at + 1) % there.length]));
}

function openChange(change) {
  change.open = true;
  const list = change.closest(".change-list");
  list.scrollTop += change.getBoundingClientRect().top - list.getBoundingClientRect().top;
  change.querySelector("summary").focus({ preventScroll: true });
  if (list.getBoundingClientRect().top < 0 || list.getBoundingClientRect().bottom > innerHeight) list.scrollIntoView({ block: "nearest" });
}

function mark(id, isOpen) {
  for (const each of document.querySelectorAll(".decision-mark")) {
    if (each.dataset.changes.split(" ").includes(id)) each.classList.toggle("is-open", isOpen);
  }
}

document.addEventListener("queueflow:drawn", (event) => placeMarks(event.detail));
document.addEventListener("click", (event) => {
  const button = event.target.closest(".decision-mark");
  if (button) openNext(button.dataset.changes.split(" "));
});
document.addEventListener("toggle", (event) => {
  if (event.target.matches?.(".change")) mark(event.target.id.replace("change-", ""), event.target.open);
}, { capture: true });

// Details that are open stay so when their list is fetched anew.
let opened = [];
document.addEventListener("htmx:beforeSwap", (event) => {
  opened = [...event.detail.target.querySelectorAll("details[open][id]")].map((each) => each.id);
});
document.addEventListener("htmx:afterSwap", () => {
  for (const id of opened) document.getElementById(id)?.setAttribute("open", "");
  opened = [];
});

for (const place of document.querySelectorAll("[data-charts]")) drawCharts(place);
