// The drawings of the time line, each in a strip of a canvas: {context, top, height} in CSS pixels.

const KINDS = {
  missing: { text: "missing", color: "var(--bad)" },
  low: { text: "low score", color: "var(--warn)" },
  jump: { text: "jump", color: "var(--jump)" },
};

/** A colour of the page's style sheet, which differs between light and dark; others are what they are. */
function ink(color) {
  const [, name] = /^var\((.*)\)$/.exec(color) || [];
  return name ? getComputedStyle(document.documentElement).getPropertyValue(name).trim() : color;
}

/** How high the scores of someone's poses are: the lowest of a pixel's frames full, the highest pale. */
function drawScores(context, series, axis, top, height, color) {
  const { low, high } = columnsOf(series.frames, (slot) => series.means[slot], series.run, axis);
  drawBars(context, high, top, height, color, 0.4);
  drawBars(context, low, top, height, color, 1);
}

/** The same of how far two runs are apart. */
function drawDisagreement(context, marks, run, axis, top, height) {
  const { high } = columnsOf(run.all, (frame) => (marks[frame] === UNKNOWN ? NaN : marks[frame] / (UNKNOWN - 1)), run, axis);
  drawBars(context, high, top, height, ink("var(--apart)"), 1);
}

function drawBars(context, columns, top, height, color, alpha) {
  context.globalAlpha = alpha;
  context.fillStyle = color;
  for (let c = 0; c < columns.length; c++) {
    if (columns[c] >= 0) context.fillRect(c, top + height * (1 - columns[c]), 1, height * columns[c]);
  }
  context.globalAlpha = 1;
}

/** Doubtful stretches of one person as blocks of at least two pixels. */
function drawDoubts(context, doubts, run, axis, top, height) {
  const colors = Object.fromEntries(Object.keys(KINDS).map((kind) => [kind, ink(KINDS[kind].color)]));
  for (const { kind, first, last } of doubts) {
    const from = axis.x(run.times[first]), to = axis.x(last + 1 < run.count ? run.times[last + 1] : run.end);
    if (to < 0 || from > axis.width) continue;
    context.fillStyle = colors[kind];
    context.fillRect(from, top, Math.max(2, to - from), height);
  }
}

/** A line through values over the frames of a series; broken where there is none. Returns its least and largest. */
function drawCurve(context, series, value, axis, top, height, color, range) {
  const [first, last] = seenOf(series.frames, series.run, axis), { times } = series.run;
  const [least, largest] = range || rangeOf(value, first, last);
  const y = (v) => top + height - ((v - least) / (largest - least || 1)) * height;
  context.beginPath();
  let column = null, low = 0, high = 0, before = -2;
  const flush = () => {
    if (column === null) return;
    context.lineTo(column, y(high));
    if (high !== low) context.lineTo(column, y(low));
  };
  for (let slot = first; slot <= last; slot++) {
    const v = value(slot), frame = series.frames[slot];
    if (Number.isNaN(v)) continue;
    const x = axis.x(times[frame]), at = axis.width / (axis.to - axis.from) > 1 / series.run.step ? x : Math.floor(x);
    if (at === column && frame === before + 1) {
      low = Math.min(low, v);
      high = Math.max(high, v);
    } else {
      flush();
      if (frame !== before + 1) context.moveTo(at - 0.5, y(v));
      [column, low, high] = [at, v, v];
    }
    before = frame;
  }
  flush();
  context.lineJoin = "round";
  stroke(context, color, 1.25);
  return [least, largest];
}

/** The least and largest of values, rounded outward a little so that a line does not touch the edge. */
function rangeOf(value, first, last) {
  let least = Infinity, largest = -Infinity;
  for (let slot = first; slot <= last; slot++) {
    const v = value(slot);
    if (v < least) least = v;
    if (v > largest) largest = v;
  }
  if (least > largest) return [0, 1];
  const margin = 0.06 * (largest - least) || 1;
  return [least - margin, largest + margin];
}

const STEPS = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1e3, 2e3, 5e3, 1e4, 3e4, 6e4, 12e4, 3e5, 6e5, 18e5, 36e5];

/** Times along the top. */
function drawRuler(context, axis, height) {
  const step = STEPS.find((ms) => axis.x(axis.from + ms) > 76) || STEPS.at(-1);
  context.fillStyle = ink("var(--soft)");
  context.font = "11px system-ui, sans-serif";
  context.textAlign = "left";
  context.textBaseline = "middle";
  for (let ms = Math.ceil(axis.from / step) * step; ms < axis.to; ms += step) {
    const x = Math.round(axis.x(ms));
    context.fillRect(x, 0, 1, height);
    context.fillText(clockText(ms, step < 10 ? 3 : step < 100 ? 2 : step < 1000 ? 1 : 0), x + 4, height / 2 + 0.5);
  }
}
