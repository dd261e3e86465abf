// The picture: the video's frame and the skeletons of the same moment, drawn on one canvas.

const GROUND = "#23282f"; // without a video, dark in any theme: the colours of skeletons are made for it
const REACH = 14; // CSS pixels from a joint within which a click chooses it

class Stage {
  /** viewer: what is shown, see main.js. */
  constructor(canvas, viewer) {
    Object.assign(this, { canvas, viewer, context: canvas.getContext("2d") });
    new ResizeObserver(() => this.#fit()).observe(canvas);
    canvas.addEventListener("click", (event) => this.#choose(event));
  }

  #fit() {
    const ratio = window.devicePixelRatio || 1;
    this.canvas.width = Math.max(1, Math.round(this.canvas.clientWidth * ratio));
    this.canvas.height = Math.max(1, Math.round(this.canvas.clientHeight * ratio));
    this.draw();
  }

  /** Which runs are drawn where: {runs, x, y, scale} in pixels of the canvas; the picture is as large as it can be. */
  panes(width = this.canvas.width, height = this.canvas.height) {
    const { runs, settings } = this.viewer, shown = runs.filter((_, number) => settings.shown[number]);
    const groups = settings.beside && shown.length > 1 ? shown.map((run) => [run]) : [shown];
    const scaleOf = (columns) => {
      const rows = Math.ceil(groups.length / columns);
      return Math.min(width / columns / runs[0].width, height / rows / runs[0].height);
    };
    const columns = scaleOf(groups.length) >= scaleOf(1) ? groups.length : 1;
    const scale = scaleOf(columns), rows = groups.length / columns;
    return groups.map((group, n) => ({
      runs: group,
      scale,
      x: ((columns > 1 ? n + 0.5 : 0.5) * width) / columns - (scale * runs[0].width) / 2,
      y: ((columns > 1 ? 0.5 : n + 0.5) * height) / rows - (scale * runs[0].height) / 2,
    }));
  }

  draw() {
    const { viewer, context, canvas } = this;
    if (viewer.clock.picture?.readyState < 2) return; // between two frames: the one shown stays
    context.setTransform(1, 0, 0, 1, 0, 0);
    context.clearRect(0, 0, canvas.width, canvas.height);
    const ratio = canvas.width / Math.max(1, canvas.clientWidth);
    for (const pane of this.panes()) {
      context.setTransform(pane.scale, 0, 0, pane.scale, pane.x, pane.y);
      context.save();
      context.beginPath();
      context.rect(0, 0, viewer.runs[0].width, viewer.runs[0].height);
      context.clip();
      paint(context, viewer, pane.runs, pane.scale / ratio, true);
      context.restore();
    }
  }

  /** A PNG in the video's own size of what is shown; without the video where the browser keeps a linked one to itself. */
  async save() {
    try {
      return { picture: await this.#png(true), whole: true };
    } catch {
      return { picture: await this.#png(false), whole: false };
    }
  }

  #png(withVideo) {
    const { runs, settings } = this.viewer, canvas = document.createElement("canvas");
    canvas.width = runs[0].width;
    canvas.height = runs[0].height;
    paint(canvas.getContext("2d"), this.viewer, runs.filter((_, number) => settings.shown[number]), 1, withVideo);
    return new Promise((resolve) => canvas.toBlob(resolve, "image/png"));
  }

  #choose(event) {
    const ratio = this.canvas.width / this.canvas.clientWidth, { viewer } = this;
    let best = null, nearest = REACH;
    for (const pane of this.panes()) {
      for (const run of pane.runs) {
        for (const series of run.series) {
          const slot = series.slot(viewer.frameOf(run));
          for (let joint = 0; slot >= 0 && joint < head.joints.length; joint++) {
            const x = (pane.x + pane.scale * series.x(joint, slot)) / ratio - event.offsetX;
            const y = (pane.y + pane.scale * series.y(joint, slot)) / ratio - event.offsetY;
            const visible = viewer.settings.joints[joint] && series.score(joint, slot) >= viewer.settings.minScore;
            if (visible && Math.hypot(x, y) < nearest) [best, nearest] = [{ series, joint }, Math.hypot(x, y)];
          }
        }
      }
    }
    if (best) viewer.choose(best.series, best.joint);
  }
}

/** One picture in its own pixels; scale: CSS pixels to one of these. */
function paint(context, viewer, runs, scale, withVideo) {
  const { settings, chosen, runs: [first], clock: { picture } } = viewer;
  if (picture && withVideo && settings.picture) context.drawImage(picture, 0, 0, first.width, first.height);
  else {
    context.fillStyle = GROUND;
    context.fillRect(0, 0, first.width, first.height);
  }
  for (const run of runs) {
    const frame = viewer.frameOf(run);
    if (frame < 0) continue;
    if (settings.trail) drawTrails(context, run, frame, chosen.joint, settings.trail, settings.minScore, scale);
    drawPeople(context, run, frame, settings, scale, run !== first && runs.length > 1);
  }
  const slot = runs.includes(chosen.series.run) ? chosen.series.slot(viewer.frameOf(chosen.series.run)) : -1;
  if (slot >= 0 && settings.joints[chosen.joint] && chosen.series.score(chosen.joint, slot) >= settings.minScore) {
    drawChosen(context, chosen.series, slot, chosen.joint, lineWidth(first, scale));
  }
}
