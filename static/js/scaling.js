// The page of a pool: its charts, and on them each decision that changed something, as a mark that opens its sentence.
import { drawCharts } from "./charts/page.js";
import { make } from "./elements.js";
import "./refresh.js";

const NEAR = 6; // pixels within which two marks would lie on one another

function layerOf(plot) {
  return plot.over.querySelector(".decision-marks") ?? plot.over.appendChild(make("div", { class: "decision-marks" }));
}

// Buttons for the pointer; the list beside has the same for the keyboard, in order and with words.
function placeMarks({ plot, marks }) {
  const width = plot.over.clientWidth;
  const buttons = [];
  let taken = -NEAR;
  for (const mark of marks.toReversed()) {
    const x = Math.min(plot.valToPos(mark.t, "x"), width); // the newest may be younger than the newest point
    if (x < 0 || (buttons.length && taken - x < NEAR)) continue;
    taken = x;
    const words = `${mark.from} → ${mark.to} workers`;
    const button = make("button", { type: "button", class: `decision-mark is-${mark.kind}`, tabindex: "-1", "aria-hidden": "true", title: words, "data-change": mark.id });
    button.style.left = `${x}px`;
    buttons.push(button);
  }
  layerOf(plot).replaceChildren(...buttons);
}

function openChange(id) {
  const change = document.getElementById(`change-${id}`);
  if (!change) return;
  change.open = true;
  const list = change.closest(".change-list");
  list.scrollTop += change.getBoundingClientRect().top - list.getBoundingClientRect().top;
  change.querySelector("summary").focus({ preventScroll: true });
  if (list.getBoundingClientRect().top < 0 || list.getBoundingClientRect().bottom > innerHeight) list.scrollIntoView({ block: "nearest" });
}

function mark(id, isOpen) {
  for (const each of document.querySelectorAll(".decision-mark")) {
    each.classList.toggle("is-open", isOpen && each.dataset.change === id);
  }
}

document.addEventListener("queueflow:drawn", (event) => placeMarks(event.detail));
document.addEventListener("click", (event) => {
  const button = event.target.closest(".decision-mark");
  if (button) openChange(button.dataset.change);
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
