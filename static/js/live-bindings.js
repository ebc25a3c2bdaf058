// Puts values of live data where the page wants them, as text and never as HTML. What is missing leaves the page as it is.
import { brief, figure, lasting, rate } from "./words.js";

const FORMATS = { brief, figure, lasting, rate };

function valueOf(path, topic, data) {
  const [first, ...rest] = path.split(".");
  return first === topic ? rest.reduce((value, name) => value?.[name], data) : undefined;
}

function asText(element, value) {
  const format = FORMATS[element.dataset.liveFormat];
  const text = format ? format(value) : String(value);
  if (element.textContent !== text) element.textContent = text;
  if (format === brief) element.title = figure(value);
}

export function bind(topic, data) {
  for (const element of document.querySelectorAll("[data-live-text]")) {
    const value = valueOf(element.dataset.liveText, topic, data);
    if (value !== undefined && value !== null) asText(element, value);
  }
  for (const element of document.querySelectorAll("[data-live-value]")) {
    const value = valueOf(element.dataset.liveValue, topic, data);
    if (value !== undefined && value !== null) element.dataset.value = String(value);
  }
}
