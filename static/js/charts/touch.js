// Dragging with a finger, of which uPlot knows nothing. Sideways movement on a plot is ours (`touch-action: pan-y`).
const LEAST = 16; // pixels: less is a tap, which only moves the crosshair

export function dragByTouch(plot, canSelect) {
  const { over } = plot;
  let start = null; // where in the plot the finger came down

  const at = (event) => Math.min(Math.max(event.clientX - over.getBoundingClientRect().left, 0), over.clientWidth);
  const select = (left, width, isDone) => plot.setSelect({ left, top: 0, width, height: width ? over.clientHeight : 0 }, isDone);

  function move(event) {
    if (start === null || !event.isPrimary) return;
    const here = at(event);
    plot.setCursor({ left: here, top: 0 }, true, true);
    if (canSelect) select(Math.min(start, here), Math.abs(here - start), false);
  }

  function end(event) {
    if (start === null || !event.isPrimary) return;
    const [from, to] = [start, at(event)].sort((a, b) => a - b);
    start = null;
    const isDone = event.type === "pointerup" && to - from >= LEAST;
    if (canSelect) select(isDone ? from : 0, isDone ? to - from : 0, isDone);
  }

  over.addEventListener("pointerdown", (event) => {
    if (event.pointerType === "touch" && event.isPrimary) start = at(event);
  });
  over.addEventListener("pointermove", move);
  over.addEventListener("pointerup", end);
  over.addEventListener("pointercancel", end); // the page scrolls
}
