// A search that was bounded goes on by itself, a step at a time, until its page is full, all is searched, or somebody
// stops it. Each step is the list as the server paints it; rows that were found before stay above the new ones.
import { make } from "./elements.js";

const FULL = 50;
let running = 0; // the number of the search that may go on

const list = () => document.getElementById("list");
const rowsOf = (part) => [...(part.querySelector("tbody[data-rows]")?.rows ?? [])];

// Asks until there is room for one more search, or until this one is stopped.
async function ask(address, search) {
  for (;;) {
    const answer = await fetch(address, { headers: { "HX-Request": "true", "HX-Target": "list" } });
    if (answer.status !== 429) return answer;
    const seconds = Number(answer.headers.get("Retry-After")) || 1;
    await new Promise((resolve) => setTimeout(resolve, seconds * 1000));
    if (running !== search) return answer;
  }
}

async function step(address, search) {
  const answer = await ask(address, search);
  if (!answer.ok || answer.redirected) return null;
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  return document.importNode(page.getElementById("list"), true);
}

function merge(fresh) {
  const before = list();
  const rows = rowsOf(before);
  const found = rows.length + rowsOf(fresh).length;
  const said = fresh.querySelector("[data-searched]");
  if (found && said && fresh.dataset.searching === undefined) said.textContent = `${found} job${found === 1 ? "" : "s"} in all`;
  const body = fresh.querySelector("tbody[data-rows]");
  if (rows.length && !body) {
    before.querySelector("[data-searched]").textContent = said?.textContent ?? "";
    before.querySelector("[data-pages]")?.replaceWith(fresh.querySelector("[data-pages]"));
    return;
  }
  body?.prepend(...rows);
  before.replaceWith(fresh);
  htmx.process(fresh);
}

function stopButton(search, link) {
  const stop = make("button", { class: "button", type: "button" }, "Stop searching");
  stop.addEventListener("click", () => {
    if (running === search) running += 1;
    link.hidden = false;
    stop.remove();
  });
  return stop;
}

async function goOn() {
  const search = (running += 1);
  for (let link = first(); link && running === search; link = first()) {
    const stop = stopButton(search, link);
    link.after(stop);
    link.hidden = true;
    const fresh = await step(link.href, search).catch(() => null);
    if (running !== search || !fresh) {
      link.hidden = false;
      stop.remove();
      return;
    }
    merge(fresh);
    if (rowsOf(list()).length >= FULL) return;
  }
}

const first = () => list()?.querySelector("a[data-go-on]");

document.addEventListener("click", (event) => {
  if (!event.target.closest("a[data-go-on]")) return;
  event.preventDefault();
  goOn();
});
document.addEventListener("htmx:afterSettle", (event) => {
  if (event.target.id === "list" && event.target.dataset.searching !== undefined) goOn();
});
if (list()?.dataset.searching !== undefined) goOn();
