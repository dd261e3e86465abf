// The time line: all of the video, what of it is seen larger, a row for each person, and the curves of one joint.

const ROW = 20, WHOLE = 26, RULER = 18, GAP = 4; // heights in CSS pixels
const CURVE = window.innerHeight < 800 ? 28 : 36;

class Timeline {
  constructor(viewer) {
    this.viewer = viewer;
    this.run = viewer.runs[0];
    this.axis = new Axis(this.run, () => this.refresh(false));
    this.whole = new Axis(this.run, () => {});
    this.root = document.getElementById("lanes");
    this.seen = document.getElementById("seen"); // the frame around what of the whole is seen below
    this.cursors = [document.getElementById("cursor"), document.getElementById("whole-cursor")];
    this.canvases = Object.fromEntries(["whole", "ruler", "rows", "curves"].map((id) => [id, document.getElementById(id)]));
    this.rows = viewer.runs.flatMap((run) => run.series);
    this.doubts = new Map(this.run.series.map((series) => [series, []]));
    for (const doubt of viewer.doubts) this.doubts.get(this.run.series[doubt.series]).push(doubt);
    this.curves = this.#curves();
    this.#makeRows();
    this.#makeCurves();
    this.#listen();
    new ResizeObserver(() => this.#fit()).observe(this.root);
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => {
      inks.clear();
      this.refresh();
    });
  }

  /** What is drawn of the chosen joint, from the top: name, value of a slot, digits, unit, and the range, or its beginning, if it is fixed. */
  #curves() {
    const sure = (value) => (series, joint, slot) =>
      series.score(joint, slot) >= this.viewer.settings.minScore ? value(series, joint, slot) : NaN;
    return [
      { name: "x", value: sure((series, joint, slot) => series.x(joint, slot)), digits: 1, unit: " px" },
      { name: "y", value: sure((series, joint, slot) => series.y(joint, slot)), digits: 1, unit: " px" },
      { name: "score", value: (series, joint, slot) => series.score(joint, slot), digits: 2, unit: "", range: [0, 1] },
      { name: "speed", value: sure((series, joint, slot) => series.speed(joint, slot)), digits: 0, unit: " px/s", least: 0 },
    ];
  }

  #makeRows() {
    const gutter = document.getElementById("row-names");
    for (const series of this.rows) {
      const second = series.run !== this.run, button = document.createElement("button");
      button.className = second ? "row second" : "row";
      button.style.setProperty("--color", series.color);
      button.append(this.viewer.runs.length > 1 ? `${second ? "B" : "A"} ${series.label}` : series.label);
      button.title = `${series.label}: ${series.count} frames`;
      button.addEventListener("click", () => this.viewer.choose(series, this.viewer.chosen.joint));
      gutter.append(button);
    }
  }

  #makeCurves() {
    const gutter = document.getElementById("curve-names"), names = this.curves.map((curve) => curve.name);
    this.values = (this.viewer.marks ? ["apart", ...names] : names).map((name) => {
      const line = document.createElement("div"), value = document.createElement("output");
      line.append(name, value);
      line.style.cssText = `height: ${CURVE}px; margin-bottom: ${GAP}px`;
      gutter.append(line);
      return value;
    });
  }

  #fit() {
    const width = Math.max(50, this.canvases.ruler.parentElement.clientWidth - this.canvases.ruler.offsetLeft - 10);
    this.axis.width = this.whole.width = width;
    const lanes = this.values.length * (CURVE + GAP);
    const heights = { whole: WHOLE, ruler: RULER, rows: this.rows.length * ROW, curves: lanes };
    const ratio = window.devicePixelRatio || 1;
    for (const [id, canvas] of Object.entries(this.canvases)) {
      canvas.style.width = `${width}px`;
      canvas.style.height = `${heights[id]}px`;
      canvas.width = Math.round(width * ratio);
      canvas.height = Math.round(heights[id] * ratio);
      canvas.getContext("2d").setTransform(ratio, 0, 0, ratio, 0, 0);
    }
    this.stale = true;
    this.#draw();
  }

  /** Draw before the next picture of the screen; whole: the strip of all of it too, which zooming does not change. */
  refresh(whole = true) {
    this.stale ||= whole;
    this.due ||= requestAnimationFrame(() => this.#draw());
  }

  #draw() {
    cancelAnimationFrame(this.due);
    if (this.stale) this.#drawWhole(this.#clear("whole"));
    this.due = this.stale = 0;
    drawRuler(this.#clear("ruler"), this.axis, RULER);
    this.#drawRows(this.#clear("rows"));
    this.#drawCurves(this.#clear("curves"));
    this.#frameSeen();
    this.move();
  }

  #clear(id) {
    const canvas = this.canvases[id], context = canvas.getContext("2d");
    context.clearRect(0, 0, canvas.width, canvas.height);
    return context;
  }

  #drawWhole(context) {
    const { series } = this.viewer.chosen;
    context.fillStyle = ink("var(--lane)");
    context.fillRect(0, 0, this.whole.width, WHOLE);
    drawScores(context, series, this.whole, 4, WHOLE - 10, ink("var(--pale)"));
    drawDoubts(context, this.viewer.doubts, this.run, this.whole, WHOLE - 5, 5);
    if (this.viewer.marks) drawDisagreement(context, this.viewer.marks, this.run, this.whole, 0, WHOLE - 6);
  }

  #frameSeen() {
    const from = this.whole.x(this.axis.from), to = this.whole.x(this.axis.to);
    this.seen.hidden = this.axis.whole;
    this.seen.style.width = `${Math.max(6, to - from)}px`;
    this.seen.style.transform = `translateX(${this.canvases.whole.offsetLeft + from}px)`;
  }

  #drawRows(context) {
    this.rows.forEach((series, number) => {
      const top = number * ROW;
      context.fillStyle = ink(series === this.viewer.chosen.series ? "var(--chosen)" : "var(--lane)");
      context.fillRect(0, top + 1, this.axis.width, ROW - 2);
      drawScores(context, series, this.axis, top + 3, ROW - 9, ink(series.color));
      drawDoubts(context, this.doubts.get(series) || [], this.run, this.axis, top + ROW - 5, 4);
    });
    const buttons = document.getElementById("row-names").children;
    this.rows.forEach((series, number) => {
      const chosen = series === this.viewer.chosen.series;
      buttons[number].setAttribute("aria-pressed", chosen);
      if (chosen) buttons[number].scrollIntoView({ block: "nearest" });
    });
  }

  #drawCurves(context) {
    const { series, joint } = this.viewer.chosen, people = [series, this.viewer.partnerOf(series)].filter(Boolean);
    let top = 0;
    const lane = () => {
      context.fillStyle = ink("var(--lane)");
      context.fillRect(0, top, this.axis.width, CURVE);
    };
    if (this.viewer.marks) {
      lane();
      drawDisagreement(context, this.viewer.marks, this.run, this.axis, top, CURVE);
      top += CURVE + GAP;
    }
    for (const { value, range, least, digits } of this.curves) {
      lane();
      const traces = people.map((one) => traceOf(one, (slot) => value(one, joint, slot), this.axis));
      const common = range || rangeOf(traces, least);
      traces.forEach((trace, n) => drawCurve(context, trace, common, top + 3, CURVE - 6, ink(n ? "var(--apart)" : "var(--ink)")));
      this.#label(context, common, digits, top);
      top += CURVE + GAP;
    }
  }

  #label(context, [least, largest], digits, top) {
    context.font = "10px system-ui, sans-serif";
    context.textAlign = "right";
    context.textBaseline = "middle";
    for (const [text, y] of [[largest.toFixed(digits && 1), top + 7], [least.toFixed(digits && 1), top + CURVE - 7]]) {
      const width = context.measureText(text).width + 6;
      context.fillStyle = ink("var(--lane)");
      context.fillRect(this.axis.width - width, y - 6, width, 12);
      context.fillStyle = ink("var(--soft)");
      context.fillText(text, this.axis.width - 3, y);
    }
  }

  /** Put the cursor where the frame is, and write what the curves are there. */
  move() {
    const { viewer } = this, frame = viewer.at, ms = this.run.times[frame];
    const left = this.canvases.ruler.offsetLeft;
    this.cursors[0].style.transform = `translateX(${left + this.axis.x(ms)}px)`;
    this.cursors[0].hidden = ms < this.axis.from || ms > this.axis.to;
    this.cursors[1].style.transform = `translateX(${left + this.whole.x(ms)}px)`;
    const { series, joint } = viewer.chosen, slot = series.slot(viewer.frameOf(series.run, frame));
    const texts = this.curves.map(({ value, digits, unit }) => {
      const v = slot < 0 ? NaN : value(series, joint, slot);
      return Number.isNaN(v) ? "–" : v.toFixed(digits) + unit;
    });
    if (viewer.marks) texts.unshift(viewer.marks[frame] === UNKNOWN ? "–" : (viewer.marks[frame] / (UNKNOWN - 1)).toFixed(2));
    texts.forEach((text, n) => (this.values[n].textContent = text));
  }

  #listen() {
    const dragging = (canvas, act) => {
      canvas.addEventListener("pointerdown", (event) => {
        if (event.button) return;
        canvas.setPointerCapture(event.pointerId);
        const move = act(event);
        if (move) canvas.onpointermove = move;
      });
      for (const name of ["pointerup", "pointercancel"]) canvas.addEventListener(name, () => (canvas.onpointermove = null));
    };
    const seek = (axis) => (event) => {
      const to = ({ offsetX }) => this.viewer.seek(this.run.frameAt(axis.ms(Math.max(0, Math.min(axis.width, offsetX)))));
      to(event);
      return to;
    };
    for (const id of ["ruler", "rows", "curves"]) dragging(this.canvases[id], seek(this.axis));
    dragging(this.canvases.whole, (event) => {
      const ms = this.whole.ms(event.offsetX);
      if (this.axis.whole || ms < this.axis.from || ms > this.axis.to) return seek(this.whole)(event);
      let last = event.offsetX;
      return ({ offsetX }) => {
        this.axis.pan(((offsetX - last) / this.whole.width) * (this.run.end - this.run.start));
        last = offsetX;
      };
    });
    for (const [id, canvas] of Object.entries(this.canvases)) {
      canvas.addEventListener("wheel", (event) => this.#wheel(event, id === "whole" ? this.whole : this.axis), { passive: false });
    }
  }

  #wheel(event, axis) {
    event.preventDefault();
    const along = event.shiftKey ? event.deltaX + event.deltaY : event.deltaX;
    if (Math.abs(along) > Math.abs(event.shiftKey ? 0 : event.deltaY)) this.axis.pan((along / this.axis.width) * (this.axis.to - this.axis.from));
    else this.axis.zoom(Math.exp(0.002 * event.deltaY * (event.deltaMode ? 30 : 1)), axis.ms(event.offsetX));
  }
}
