// Buttons that copy: <button class="copy" data-copy="text">, or data-copy-from="#id" for the text of an element.
import { icon } from "./elements.js";
import { toast } from "./toasts.js";

async function write(text) {
  if (navigator.clipboard) return navigator.clipboard.writeText(text);
  // Pages by plain http have no clipboard: the old way, through a field.
  const field = document.createElement("textarea");
  field.value = text;
  field.className = "visually-hidden";
  document.body.append(field);
  field.select();
  const done = document.execCommand("copy");
  field.remove();
  if (!done) throw new Error("refused");
}

document.addEventListener("click", async (event) => {
  const button = event.target.closest("[data-copy], [data-copy-from]");
  if (!button) return;
  event.preventDefault();
  const from = button.dataset.copyFrom && document.querySelector(button.dataset.copyFrom);
  try {
    await write(from ? from.textContent : button.dataset.copy);
  } catch {
    toast("The browser does not let pages copy. Select the text and copy it by hand.", { level: "warning" });
    return;
  }
  const old = button.querySelector(".icon");
  if (!old || button.classList.contains("done")) return;
  button.classList.add("done");
  const check = icon("check");
  old.replaceWith(check);
  setTimeout(() => {
    check.replaceWith(old);
    button.classList.remove("done");
  }, 1200);
});
