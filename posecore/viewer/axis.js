// Time on a line: which stretch is seen, and what of a run falls into each pixel of it.

const CLOSEST = 8; // frames that are seen at least

class Axis {
  /** changed(): another stretch is seen. */
  constructor(run, changed) {
    Object.assign(this, { run, changed, width: 1, from: run.start, to: run.end });
  }

  x(ms) {
    return ((ms - this.from) / (this.to - this.from)) * this.width;
  }

  ms(x) {
    return this.from + (x / this.width) * (this.to - this.from);
  }

  get whole() {
    return this.from <= this.run.start && this.to >= this.run.end;
  }

  /** See `factor` times as much; the time at `around` stays where it is. */
  zoom(factor, around) {
    const length = Math.min(Math.max((this.to - this.from) * factor, CLOSEST * this.run.step), this.run.end - this.run.start);
    this.see(around - (around - this.from) * (length / (this.to - this.from)), length);
  }

  pan(ms) {
    this.see(this.from + ms, this.to - this.from);
  }

  /** Move on when a time is outside; in the middle when it is far away. */
  follow(ms) {
    const length = this.to - this.from;
    if (ms >= this.from && ms < this.to) return;
    this.see(ms >= this.to && ms < this.to + length ? ms - 0.1 * length : ms - 0.5 * length, length);
  }

  see(from, length) {
    const { start, end } = this.run, { from: before, to: after } = this;
    this.from = Math.max(start, Math.min(from, end - length));
    this.to = Math.min(end, this.from + length);
    if (this.from !== before || this.to !== after) this.changed();
  }
}

/** First and last index of rising frames of which something is seen, and one more on each side. */
function seenOf(frames, run, axis) {
  const search = (frame) => {
    let low = 0, high = frames.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (frames[middle] < frame) low = middle + 1;
      else high = middle;
    }
    return low;
  };
  return [Math.max(0, search(run.frameAt(axis.from)) - 1), Math.min(frames.length - 1, search(run.frameAt(axis.to)) + 1)];
}

/** Least and largest value in each pixel column, NaN where there is none; a frame fills all that it lasts. */
function columnsOf(frames, value, run, axis) {
  const width = Math.ceil(axis.width), low = new Float32Array(width).fill(NaN), high = new Float32Array(width).fill(NaN);
  const [first, last] = seenOf(frames, run, axis);
  for (let i = first; i <= last; i++) {
    const frame = frames[i], v = value(i);
    const begin = Math.max(0, Math.floor(axis.x(run.times[frame])));
    const end = Math.min(width, Math.max(begin + 1, Math.floor(axis.x(frame + 1 < run.count ? run.times[frame + 1] : run.end))));
    for (let c = begin; c < end; c++) {
      if (!(low[c] <= v)) low[c] = v;
      if (!(high[c] >= v)) high[c] = v;
    }
  }
  return { low, high };
}

/** A time as people read it: 1:02:03.456, with as many digits of a second as are wanted. */
function clockText(ms, digits = 3) {
  const seconds = Math.max(0, ms) / 1000, hours = Math.floor(seconds / 3600), minutes = Math.floor(seconds / 60) % 60;
  const rest = (Math.floor((seconds % 60) * 10 ** digits + 1e-6) / 10 ** digits).toFixed(digits);
  const padded = rest.padStart(digits ? digits + 3 : 2, "0");
  return hours ? `${hours}:${String(minutes).padStart(2, "0")}:${padded}` : `${minutes}:${padded}`;
}
