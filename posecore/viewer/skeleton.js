// People, drawn in pixels of their picture: the context is scaled to it.

const RIM = "rgba(0, 0, 0, 0.55)";
const SIDES = ["right", "middle", "left"];

/** The width of an edge in pixels of a picture: as the overlay has it, and never too thin to be seen. */
function lineWidth(run, scale) {
  return Math.max(Math.min(run.width, run.height) / 180, 2 / scale);
}

/** Everyone of a frame. settings: which joints, from which score on, ids, boxes; dashed: a second run over a first. */
function drawPeople(context, run, frame, settings, scale, dashed) {
  const width = lineWidth(run, scale);
  for (const series of run.series) {
    const slot = series.slot(frame);
    if (slot < 0) continue;
    const seen = (joint) => settings.joints[joint] && series.score(joint, slot) >= settings.minScore;
    if (settings.boxes) drawBox(context, series, slot, width);
    drawEdges(context, series, slot, seen, dashed ? 0.7 * width : width, dashed);
    drawJoints(context, series, slot, seen, width, dashed);
    if (settings.ids && series.id !== null) drawName(context, series, slot, width);
  }
}

function drawEdges(context, series, slot, seen, width, dashed) {
  context.lineCap = dashed ? "butt" : "round";
  context.setLineDash(dashed ? [3 * width, 2 * width] : []);
  for (const side of SIDES) {
    context.beginPath();
    for (const [a, b, at] of head.edges) {
      if (at !== side || !seen(a) || !seen(b)) continue;
      context.moveTo(series.x(a, slot), series.y(a, slot));
      context.lineTo(series.x(b, slot), series.y(b, slot));
    }
    stroke(context, RIM, 1.6 * width);
    stroke(context, series.colors[side], width);
  }
  context.setLineDash([]);
}

function drawJoints(context, series, slot, seen, width, dashed) {
  for (let joint = 0; joint < head.joints.length; joint++) {
    if (!seen(joint)) continue;
    context.beginPath();
    context.arc(series.x(joint, slot), series.y(joint, slot), 1.3 * width, 0, 2 * Math.PI);
    stroke(context, RIM, 0.8 * width);
    if (dashed || series.filled[joint * series.count + slot]) stroke(context, series.colors[head.joints[joint].side], 0.6 * width);
    else fill(context, series.colors[head.joints[joint].side]);
  }
}

function drawBox(context, series, slot, width) {
  const [x0, y0, x1, y1] = series.box(slot);
  context.beginPath();
  context.rect(x0, y0, x1 - x0, y1 - y0);
  stroke(context, RIM, width);
  stroke(context, series.colors.middle, 0.5 * width);
}

function drawName(context, series, slot, width) {
  const [x0, y0, x1] = series.box(slot);
  context.font = `600 ${6.5 * width}px system-ui, sans-serif`;
  context.textAlign = "center";
  context.textBaseline = "bottom";
  context.lineJoin = "round";
  context.lineWidth = 1.6 * width;
  context.strokeStyle = "rgba(0, 0, 0, 0.85)";
  const text = series.label.replace(/^id /, ""), place = [(x0 + x1) / 2, Math.max(y0 - 2 * width, 7 * width)];
  context.strokeText(text, ...place);
  context.fillStyle = series.colors.middle;
  context.fillText(text, ...place);
}

/** Where a joint of everyone was in the last ms, fading. */
function drawTrails(context, run, frame, joint, ms, minScore, scale) {
  const width = lineWidth(run, scale), since = run.times[frame] - ms;
  for (const series of run.series) {
    context.lineCap = "round";
    for (let other = frame; other > 0 && run.times[other - 1] >= since; other--) {
      const slot = series.slot(other), before = series.slot(other - 1);
      if (slot < 0 || before < 0) continue;
      if (series.score(joint, slot) < minScore || series.score(joint, before) < minScore) continue;
      context.globalAlpha = 1 - (0.85 * (run.times[frame] - run.times[other])) / ms;
      context.beginPath();
      context.moveTo(series.x(joint, before), series.y(joint, before));
      context.lineTo(series.x(joint, slot), series.y(joint, slot));
      stroke(context, RIM, 1.2 * width);
      stroke(context, series.colors[head.joints[joint].side], 0.7 * width);
    }
    context.globalAlpha = 1;
  }
}

/** A ring around the joint whose curves are shown. */
function drawChosen(context, series, slot, joint, width) {
  context.beginPath();
  context.arc(series.x(joint, slot), series.y(joint, slot), 3 * width, 0, 2 * Math.PI);
  stroke(context, RIM, 1.2 * width);
  stroke(context, "#fff", 0.6 * width);
}

function stroke(context, color, width) {
  context.strokeStyle = color;
  context.lineWidth = width;
  context.stroke();
}

function fill(context, color) {
  context.fillStyle = color;
  context.fill();
}
