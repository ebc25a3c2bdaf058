// Says what just happened: messages of the server, the `toast` event of htmx answers (HX-Trigger), and whoever imports
// it. Successes go by themselves, errors stay until they are closed.
import { icon, make } from "./elements.js";

const STAYS_MS = { success: 6000, info: 6000, warning: 12000 };
const ICONS = { success: "check", info: "info", warning: "warn", error: "warn" };
const MOST = 4;

export function toast(text, { level = "info", undo = "", to = "" } = {}) {
  const box = document.getElementById("toasts");
  if (!box) return;
  const close = make("button", { type: "button", class: "button quiet icon-only", "aria-label": "Close" }, icon("cross"));
  const one = make("div", { class: `toast ${level}` }, icon(ICONS[level] ?? "info"), make("div", { class: "toast-text" }, text));
  if (to) one.append(make("a", { class: "button", href: to }, "Show it"));
  if (undo) one.append(undoButton(undo));
  one.append(close);
  close.addEventListener("click", () => one.remove());
  box.append(one);
  while (box.children.length > MOST) box.firstElementChild.remove();
  if (STAYS_MS[level]) leave(one, undo || to ? 12000 : STAYS_MS[level]);
}

// A form, so that undoing is what the button of the page would do: with a token, on the record, with a message after.
function undoButton(url) {
  const token = make("input", { type: "hidden", name: "csrfmiddlewaretoken", value: document.body.dataset.csrf });
  const next = make("input", { type: "hidden", name: "next", value: location.pathname + location.search });
  return make("form", { method: "post", action: url }, token, next, make("button", { class: "button" }, "Undo"));
}

// Not while somebody reads it.
function leave(one, after) {
  setTimeout(() => (one.matches(":hover, :focus-within") ? leave(one, 2000) : one.remove()), after);
}

function fromServer(within) {
  for (const message of within.querySelectorAll("[data-toast]")) {
    const link = message.querySelector("a");
    link?.remove();
    toast(message.textContent.trim(), { level: message.dataset.toast, undo: message.dataset.undo, to: link?.pathname });
    message.removeAttribute("data-toast");
  }
}

document.addEventListener("toast", (event) => toast(event.detail.text, event.detail));
document.addEventListener("htmx:afterSettle", (event) => fromServer(event.target));
fromServer(document);
