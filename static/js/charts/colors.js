// Colours of charts as the style sheet says them, as plain values: a canvas knows no custom properties.
const probe = document.createElement("span");
probe.hidden = true;
document.body.append(probe);

export function colorOf(name) {
  probe.style.color = `var(--${name})`;
  return getComputedStyle(probe).color;
}

export function seriesColor(element) {
  probe.style.color = getComputedStyle(element).getPropertyValue("--series");
  return getComputedStyle(probe).color;
}

export function faded(color, share) {
  const numbers = color.match(/[\d.]+/g) ?? ["0", "0", "0"];
  return `rgb(${numbers[0]} ${numbers[1]} ${numbers[2]} / ${share})`;
}
