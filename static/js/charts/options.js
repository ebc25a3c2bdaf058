// How uPlot draws one of our charts: thin lines, a fill of a tenth under a lone one, a faint grid, gaps as gaps, marks on the time axis.
import uPlot from "../../vendor/uPlot.esm.js";
import { clock, day, isUtc } from "../times.js";
import { colorOf, faded } from "./colors.js";
import { steps, tick } from "./format.js";

const FONT = '11px system-ui, -apple-system, "Segoe UI", Roboto, sans-serif';
const AXIS_WIDTH = 52;
const LAST_LABEL = { clock: 18, elapsed: 36 }; // half of the widest time, when it stands at the right edge
const DASH = [5, 4];

const two = (number) => String(number).padStart(2, "0");

// Times since 1970, or, of what was only replayed, since its beginning.
export function timeOf(seconds, isLong, isRelative) {
  return isRelative ? elapsed(seconds) : (isLong ? day : clock)(seconds * 1000);
}

function elapsed(seconds) {
  const hours = `${Math.floor((seconds % 86400) / 3600)}:${two(Math.floor((seconds % 3600) / 60))} h`;
  return seconds < 86400 ? hours : `${Math.floor(seconds / 86400)} d ${hours}`;
}

// Beside an axis: whole days alone where nothing else is marked.
function elapsedAll(splits) {
  const areDays = splits[splits.length - 1] >= 86400 && splits.every((each) => each % 86400 === 0);
  return splits.map(areDays ? (each) => `${each / 86400} d` : elapsed);
}

function clockOf(seconds, isLong) {
  const date = isUtc() ? uPlot.tzDate(new Date(seconds * 1000), "Etc/UTC") : new Date(seconds * 1000);
  if (isLong && date.getHours() === 0 && date.getMinutes() === 0) return `${date.getDate()}.${date.getMonth() + 1}.`;
  return `${two(date.getHours())}:${two(date.getMinutes())}`;
}

function axes(unit, isRelative) {
  const common = { font: FONT, stroke: () => colorOf("ink-faint"), ticks: { show: false } };
  const grid = { stroke: () => colorOf("grid"), width: 1 };
  const times = (u, splits) => isRelative ? elapsedAll(splits) : splits.map((each) => clockOf(each, splits[splits.length - 1] - splits[0] > 80000));
  const y = { ...common, grid, size: AXIS_WIDTH, gap: 4, space: 34, values: (u, splits) => splits.map((each) => tick(each, unit)) };
  const incrs = steps(unit);
  return [
    { ...common, grid: { show: false }, size: 22, gap: 4, space: isRelative ? 72 : 48, values: times },
    incrs ? { ...y, incrs } : y,
  ];
}

function line(series, isAlone) {
  const color = () => series.color;
  const fill = isAlone ? () => faded(series.color, 0.1) : undefined; // more than one would make mud
  return { label: series.name, stroke: color, fill, width: 1.5, dash: series.dashed ? DASH : undefined, spanGaps: false, points: { show: lonely, size: 4, fill: color } };
}

// A point between two gaps has no line: it is drawn as a dot.
function lonely(u, index) {
  const column = u.data[index];
  return column.some((each, at) => each !== null && (column[at - 1] ?? null) === null && (column[at + 1] ?? null) === null);
}

function drawMarks(marks) {
  return (u) => {
    const { ctx, bbox } = u;
    ctx.save();
    ctx.font = FONT.replace("11px", `${11 * devicePixelRatio}px`);
    for (const mark of marks()) {
      const x = u.valToPos(mark.t, "x", true);
      if (!mark.text || x < bbox.left || x > bbox.left + bbox.width) continue;
      ctx.strokeStyle = ctx.fillStyle = colorOf("ink-faint");
      ctx.setLineDash([2, 3]);
      ctx.beginPath();
      ctx.moveTo(x, bbox.top);
      ctx.lineTo(x, bbox.top + bbox.height);
      ctx.stroke();
      const isFarRight = x > bbox.left + 0.7 * bbox.width;
      ctx.textAlign = isFarRight ? "right" : "left";
      ctx.fillText(mark.text.slice(0, 24), x + (isFarRight ? -4 : 4) * devicePixelRatio, bbox.top + 10 * devicePixelRatio);
    }
    ctx.restore();
  };
}

// The dashed line of a goal.
function drawGoal(goal) {
  return (u) => {
    if (!goal) return;
    const { ctx, bbox } = u;
    const y = Math.round(u.valToPos(goal, "y", true)) + 0.5;
    ctx.save();
    ctx.strokeStyle = colorOf("ink-soft");
    ctx.lineWidth = devicePixelRatio;
    ctx.setLineDash(DASH.map((each) => each * devicePixelRatio));
    ctx.beginPath();
    ctx.moveTo(bbox.left, y);
    ctx.lineTo(bbox.left + bbox.width, y);
    ctx.stroke();
    ctx.restore();
  };
}

export function options({ box, unit, series, goal, marks, bounds, group, isRelative, canSelect, onCursor, onDraw, onSelect }) {
  return {
    width: box.clientWidth,
    height: box.clientHeight,
    padding: [8, LAST_LABEL[isRelative ? "elapsed" : "clock"], 0, 0],
    legend: { show: false },
    cursor: {
      y: false,
      sync: { key: group, filters: { pub: (type) => type !== "mousedown" && type !== "mouseup" } },
      drag: { x: canSelect, y: false, setScale: false },
      points: { size: 6, width: 1.5 },
    },
    scales: {
      x: { time: true, range: () => bounds() },
      y: { range: (u, low, high) => [0, Math.max(high ?? 0, goal) * 1.12 || 1] },
    },
    axes: axes(unit, isRelative),
    ...(isRelative && { tzDate: (ts) => uPlot.tzDate(new Date(ts * 1000), "Etc/UTC") }),
    series: [{}, ...series.map((each) => line(each, series.length === 1))],
    hooks: {
      draw: [drawMarks(marks), drawGoal(goal), onDraw],
      setCursor: [(u) => onCursor(u.cursor.idx)],
      setSelect: [(u) => u.select.width > 4 && onSelect(u.posToVal(u.select.left, "x"), u.posToVal(u.select.left + u.select.width, "x"))],
    },
  };
}
