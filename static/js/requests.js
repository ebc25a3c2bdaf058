// What all requests of htmx have in common: the token, and what is said when one fails. The page stays as it was.
import { toast } from "./toasts.js";

const WORDS = {
  0: "The server cannot be reached. The page stays as it was: try again in a moment.",
  403: "You may not do this, or your session is over. Reload the page to see which.",
  404: "It is not there any more: somebody was quicker. Reload the page.",
  409: "Its state has changed meanwhile. Reload the page to see it.",
  413: "That is too large.",
  429: "Too many requests at once. Wait a moment, then try again.",
  503: "The store cannot answer now. Nothing was changed: try again in a moment.",
};

function said(xhr) {
  const problem = xhr.getResponseHeader("Content-Type")?.includes("json") ? read(xhr.responseText) : null;
  if (problem?.detail) return problem.detail;
  return WORDS[xhr.status] ?? "Something went wrong at the server; it has been logged. The page stays as it was.";
}

function read(text) {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

document.addEventListener("htmx:configRequest", (event) => {
  event.detail.headers["X-CSRFToken"] = document.body.dataset.csrf;
});
document.addEventListener("htmx:beforeSwap", (event) => {
  // A session that ended answers with the log-in, which belongs into the window, not into a part of the page.
  if (new URL(event.detail.xhr.responseURL, location.href).pathname.startsWith("/login/")) {
    event.preventDefault();
    location.reload();
  }
});
document.addEventListener("htmx:responseError", (event) => toast(said(event.detail.xhr), { level: "error" }));
document.addEventListener("htmx:sendError", () => toast(WORDS[0], { level: "error" }));
document.addEventListener("htmx:timeout", () => toast(WORDS[0], { level: "error" }));
