// Draws the diagrams of a page, and draws them again when its colours change.
const diagrams = [...document.querySelectorAll("pre.mermaid")].map((place) => ({ place, text: place.textContent }));
const dark = matchMedia("(prefers-color-scheme: dark)");

function isDark() {
  const chosen = document.body.dataset.theme;
  return chosen === "dark" || (chosen !== "light" && dark.matches);
}

async function draw() {
  for (const { place, text } of diagrams) {
    place.removeAttribute("data-processed");
    place.textContent = text;
  }
  mermaid.initialize({ startOnLoad: false, theme: isDark() ? "dark" : "neutral", fontFamily: "inherit" });
  await mermaid.run({ nodes: diagrams.map(({ place }) => place) });
}

let drawn = isDark();
let drawing = draw();

function redraw() {
  if (isDark() === drawn) return;
  drawn = isDark();
  drawing = drawing.then(draw);
}

dark.addEventListener("change", redraw);
new MutationObserver(redraw).observe(document.body, { attributeFilter: ["data-theme"] });
