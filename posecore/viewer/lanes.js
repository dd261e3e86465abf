// The drawings of the time line, each in a strip of a canvas: {context, top, height} in CSS pixels.

const KINDS = {
  missing: { text: "missing", color: "var(--bad)" },
  low: { text: "low score", color: "var(--warn)" },
  jump: { text: "jump", color: "var(--jump)" },
};

const inks = new Map(); // what it costs to ask a style sheet is paid once; cleared where the page becomes light or dark

/** A colour of the page's style sheet, such as var(--ink); others are what they are. */
function ink(color) {
  if (!inks.has(color)) {
    const [, name] = /^var\((.*)\)$/.exec(color) || [];
    inks.set(color, name ? getComputedStyle(document.documentElement).getPropertyValue(name).trim() : color);
  }
  return inks.get(color);
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

/**
 * A curve through the values of a series, made small: where frames are closer than pixels, the least and the largest of
 * each pixel column. Flat: x, low, high, whether it goes on from the point before.
 */
function traceOf(series, value, axis) {
  const [first, last] = seenOf(series.frames, series.run, axis), { times, step } = series.run;
  const dense = (axis.width / (axis.to - axis.from)) * step < 1, points = [];
  let least = Infinity, largest = -Infinity, before = -2;
  for (let slot = first; slot <= last; slot++) {
    const v = value(slot), frame = series.frames[slot];
    if (Number.isNaN(v)) continue;
    const exact = axis.x(times[frame]), x = dense ? Math.floor(exact) : exact;
    const at = points.length - 4, joined = frame === before + 1;
    if (joined && points[at] === x) {
      if (v < points[at + 1]) points[at + 1] = v;
      if (v > points[at + 2]) points[at + 2] = v;
    } else points.push(x, v, v, joined);
    if (v < least) least = v;
    if (v > largest) largest = v;
    before = frame;
  }
  return { points, least, largest };
}

/** A traced curve between the least and the largest value of a lane. */
function drawCurve(context, { points }, [least, largest], top, height, color) {
  const y = (v) => top + height - ((v - least) / (largest - least)) * height;
  context.beginPath();
  for (let at = 0; at < points.length; at += 4) {
    const [x, low, high, joined] = points.slice(at, at + 4);
    if (joined) context.lineTo(x, y(high));
    else context.moveTo(x - 0.5, y(high)); // what stands alone is a dash of a pixel
    context.lineTo(x, y(high));
    if (high !== low) context.lineTo(x, y(low));
  }
  context.lineJoin = "round";
  stroke(context, color, 1.25);
}

/** What a lane reaches over: all that its curves do and a little more; from `begin` on if that is given. */
function rangeOf(traces, begin) {
  const least = begin ?? Math.min(...traces.map((trace) => trace.least));
  const largest = Math.max(...traces.map((trace) => trace.largest));
  if (!(least <= largest)) return [begin ?? 0, 1];
  const margin = 0.06 * (largest - least) || 1;
  return [begin ?? least - margin, largest + margin];
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
