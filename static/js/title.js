// Keeps the number of dead jobs before the title of the page.
import { figure } from "./words.js";

document.addEventListener("queueflow:status", (event) => {
  const dead = event.detail.counts?.dead;
  if (dead === undefined) return;
  const title = document.title.replace(/^\([\d,]+\) /, "");
  const wanted = dead ? `(${figure(dead)}) ${title}` : title;
  if (document.title !== wanted) document.title = wanted;
});
