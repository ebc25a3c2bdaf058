// Dialogs: [data-dialog="id"] opens one, [data-close] or a click beside it closes it. A form with data-confirm="What is
// about to happen" asks first; data-confirm-word names its button, data-confirm-danger colours it.
import { make } from "./elements.js";

export function open(dialog) {
  if (!dialog.open) dialog.showModal();
}

function confirmed(form, submitter) {
  const source = submitter?.dataset.confirm ? submitter : form;
  const danger = source.dataset.confirmDanger === undefined ? "" : " danger";
  const yes = make("button", { class: `button primary${danger}`, value: "yes" }, source.dataset.confirmWord ?? "Yes");
  const no = make("button", { class: "button", value: "", autofocus: "" }, "Cancel");
  const dialog = make(
    "dialog",
    { "aria-labelledby": "confirm-title" },
    make("div", { class: "dialog-head" }, make("h2", { id: "confirm-title" }, source.dataset.confirm)),
    make("form", { method: "dialog" },
      make("div", { class: "dialog-body" }, make("p", { class: "soft" }, source.dataset.confirmNote ?? "")),
      make("div", { class: "dialog-actions" }, no, yes)),
  );
  document.body.append(dialog);
  dialog.showModal();
  return new Promise((resolve) => {
    dialog.addEventListener("close", () => {
      dialog.remove();
      resolve(dialog.returnValue === "yes");
    });
  });
}

document.addEventListener("submit", async (event) => {
  const form = event.target;
  const asks = event.submitter?.dataset.confirm ?? form.dataset.confirm;
  if (!asks || form.dataset.confirmed !== undefined) {
    delete form.dataset.confirmed;
    return;
  }
  event.preventDefault();
  event.stopImmediatePropagation();
  if (await confirmed(form, event.submitter)) {
    form.dataset.confirmed = "";
    form.requestSubmit(event.submitter);
  }
}, { capture: true });

document.addEventListener("click", (event) => {
  const opener = event.target.closest("[data-dialog]");
  if (opener) {
    event.preventDefault();
    open(document.getElementById(opener.dataset.dialog));
  } else if (event.target.closest("[data-close]")) {
    event.target.closest("dialog").close();
  } else if (event.target.nodeName === "DIALOG" && isBeside(event)) {
    event.target.close();
  }
});

function isBeside(event) {
  const box = event.target.getBoundingClientRect();
  return event.clientX < box.left || event.clientX > box.right || event.clientY < box.top || event.clientY > box.bottom;
}
