// The points of all charts of a page: the whole range once, then what is new. Columns, null for a gap.
export class Points {
  constructor(address, names, range, queue) {
    this.query = new URLSearchParams({ names: names.join(","), range });
    if (queue) this.query.set("queue", queue);
    this.address = address;
    this.names = names;
    this.range = range;
    this.queue = queue;
    this.step = 0;
    this.t = [];
    this.series = {};
    this.marks = [];
    this.asked = 0;
  }

  async load(since = 0) {
    const query = new URLSearchParams(this.query);
    if (since) query.set("since", String(since));
    this.asked = Date.now();
    const answer = await fetch(`${this.address}${this.address.includes("?") ? "&" : "?"}${query}`, { headers: { Accept: "application/json" } });
    if (!answer.ok) throw new Error(`${answer.status}`);
    const found = await answer.json();
    if (!since || found.step !== this.step || !this.merge(found)) this.replace(found);
  }

  // What came live is of all queues, in steps of ten seconds, and of the last minute: what does not fit, or does not reach
  // back to the points here, is asked for, not more often than needed.
  async take(found) {
    if (!this.t.length) return false;
    const isFit = found.step === this.step && !this.queue && this.names.every((name) => found.series[name]);
    if (isFit && this.merge(found)) return true;
    if (Date.now() - this.asked < Math.max(5000, this.step * 250)) return false;
    await this.load(this.t[this.t.length - 1]);
    return true;
  }

  replace(found) {
    Object.assign(this, { step: found.step, t: found.t, series: found.series, marks: found.marks });
  }

  // False, with nothing merged, when points are missing between those that are here and those that came.
  merge(found) {
    const most = Math.max(this.t.length, found.t.length); // a young history grows, an old one moves on
    const from = found.t.length ? this.t.findIndex((t) => t >= found.t[0]) : -1;
    const keep = from < 0 ? this.t.length : from;
    const missed = found.t.length && keep === this.t.length && found.t[0] - this.t[keep - 1] > this.step;
    if (missed) return false;
    this.t = [...this.t.slice(0, keep), ...found.t].slice(-most);
    for (const name of this.names) {
      for (const [line, column] of Object.entries(this.series[name])) {
        this.series[name][line] = [...column.slice(0, keep), ...found.series[name][line]].slice(-most);
      }
    }
    const known = new Set(this.marks.map((mark) => mark.t));
    this.marks = [...this.marks, ...(found.marks ?? []).filter((mark) => !known.has(mark.t))];
    return true;
  }
}
