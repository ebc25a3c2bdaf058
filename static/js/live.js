// The connection for live updates: what this page wants, what comes, and how it stands. docs/live.md has the protocol.
import { bind } from "./live-bindings.js";
import { placeRows } from "./live-rows.js";
import { showState } from "./live-state.js";
import { store, stored } from "./stored.js";

const LOGGED_OUT = 4001;
const FIRST_WAIT = 500;
const LONGEST_WAIT = 30000;
const SILENCE = 15000; // after which a connection that says nothing counts as lost

const added = new Set();
let rate = stored("rate", "0");
let socket = null;
let state = "";
let heard = 0; // performance.now() of the last frame
let begun = 0; // performance.now() when the socket was made, later when it was opened
let tries = 0;
let waiting = 0; // the timer of the next try
let away = false;

// Have a topic besides those of [data-live-topics].
export function subscribe(...topics) {
  for (const topic of topics) added.add(topic);
  if (socket?.readyState === WebSocket.OPEN) wish();
  else connect();
}

function topics() {
  const places = [...document.querySelectorAll("[data-live-topics]")];
  const named = places.flatMap((place) => place.dataset.liveTopics.split(/\s+/).filter(Boolean));
  const all = new Set([...named, ...added]);
  return all.size ? ["status", ...[...all].filter((topic) => topic !== "status")] : [];
}

function become(word) {
  const changed = state !== word;
  state = word;
  showState(word, heard);
  if (changed) document.dispatchEvent(new CustomEvent("queueflow:live", { detail: { state: word, at: heard } }));
}

function connect() {
  clearTimeout(waiting);
  if (socket || state === "ended" || !topics().length) return;
  if (rate === "off") return become("off");
  if (document.hidden) return become("paused");
  become(heard ? "reconnecting" : "connecting");
  const made = new WebSocket(`${location.protocol === "https:" ? "wss" : "ws"}://${location.host}/ws/live`);
  socket = made;
  begun = performance.now();
  made.addEventListener("open", () => socket === made && opened());
  made.addEventListener("message", (event) => socket === made && take(JSON.parse(event.data)));
  made.addEventListener("close", (event) => socket === made && closed(event.code));
}

function opened() {
  begun = performance.now();
  wish();
}

function wish() {
  socket.send(JSON.stringify({ subscribe: topics(), rate: Number(rate) || 0 }));
}

function take({ seq, topic, data }) {
  heard = performance.now();
  tries = 0;
  if (topic === "store") away = data.away;
  become(away ? "away" : "live");
  try {
    if (data.rows) placeRows(topic, data);
    bind(topic, data);
    document.dispatchEvent(new CustomEvent(`queueflow:${topic}`, { detail: data }));
  } finally {
    if (socket?.readyState === WebSocket.OPEN) socket.send(JSON.stringify({ ack: seq }));
  }
}

function closed(code) {
  socket = null;
  away = false;
  if (code === LOGGED_OUT) return become("ended");
  become(heard ? "reconnecting" : "connecting");
  // Many pages must not come back at the same instant.
  const wait = Math.min(LONGEST_WAIT, FIRST_WAIT * 2 ** tries) * (0.5 + Math.random() / 2);
  tries += 1;
  waiting = setTimeout(connect, wait);
}

function stop(word) {
  clearTimeout(waiting);
  const left = socket;
  socket = null;
  away = false;
  left?.close();
  if (state !== "ended" && topics().length) become(word);
}

function beat() {
  // What was heard last may have come by the socket before: a new one has as long for its first frame.
  const silence = performance.now() - Math.max(heard, begun);
  if (socket && silence > SILENCE + 2 * (Number(rate) || 0)) {
    const lost = socket;
    closed(0);
    lost.close();
  }
  if (state) showState(state, heard);
}

function choose(value) {
  rate = value;
  store("rate", value);
  markRate();
  if (value === "off") stop("off");
  else if (socket?.readyState === WebSocket.OPEN) wish();
  else connect();
}

function markRate() {
  for (const menu of document.querySelectorAll("select[data-live-rate]")) menu.value = rate;
}

document.addEventListener("change", (event) => {
  if (event.target.matches("select[data-live-rate]")) choose(event.target.value);
});
document.addEventListener("visibilitychange", () => (document.hidden ? stop("paused") : connect()));
window.addEventListener("pagehide", () => stop("paused"));
window.addEventListener("pageshow", connect);
setInterval(beat, 1000);
markRate();
connect();
