// What is shown, and what the user does to it.

class Viewer {
  constructor(runs, marks) {
    Object.assign(this, { runs, marks, video: null });
    this.doubts = head.doubts.map(([series, kind, first, last]) => ({ series, kind, first, last }));
    this.settings = {
      minScore: head.minScore,
      joints: head.joints.map(() => true),
      ids: true,
      boxes: false,
      picture: true,
      trail: 0, // ms
      shown: runs.map(() => true),
      beside: false,
    };
    const [first] = [...runs[0].series].sort((one, other) => other.count - one.count);
    this.chosen = { series: first, joint: head.joints.findIndex(({ name }) => name === "left wrist") };
    this.frame = 0; // that is seen, of the first run; -1 where only the video has a picture
    this.goal = null; // the frame that was asked for and is not seen yet
    this.clock = new FreeClock(runs[0], (frame) => this.#tell(frame), () => this.#playing());
    this.stage = new Stage(document.getElementById("canvas"), this);
    this.showChoice = makeChoice(this);
    this.timeline = new Timeline(this);
    this.choose(this.chosen.series, this.chosen.joint);
    this.#tell(0);
  }

  /** The frame that is seen or will be. */
  get at() {
    return this.goal ?? Math.max(0, this.frame);
  }

  /** The number that the frame of the first run has in a run; -1 for none. */
  frameOf(run, frame = this.frame) {
    return frame < 0 || run === this.runs[0] ? frame : run.nearest(this.runs[0].times[frame]);
  }

  /** Who in the other run is the same person, or null. */
  partnerOf(series) {
    if (!this.marks) return null;
    const { partners } = head.disagreement, isFirst = series.run === this.runs[0];
    const number = isFirst ? partners[series.number] : partners.indexOf(series.number);
    return number < 0 ? null : this.runs[isFirst ? 1 : 0].series[number];
  }

  /** A setting is another one; whether the time line shows it too. */
  changed(timeline) {
    this.stage.draw();
    if (timeline) this.timeline.refresh();
  }

  choose(series, joint) {
    this.chosen = { series, joint };
    this.showChoice();
    this.changed(true);
  }

  toggle() {
    if (this.clock.playing) this.clock.pause();
    else this.clock.play();
  }

  seek(frame) {
    const wanted = Math.max(0, Math.min(frame, this.runs[0].count - 1));
    this.goal = wanted === this.frame ? null : wanted;
    this.clock.seek(wanted);
    this.#show();
  }

  /** Some frames on or back, standing still. */
  step(frames) {
    if (this.clock.playing) this.clock.pause();
    this.seek(this.at + frames);
    this.timeline.axis.follow(this.runs[0].times[this.at]);
  }

  /** Go to a stretch, and to whose it is. */
  visit(stretch) {
    if (stretch.series !== undefined) this.choose(this.runs[0].series[stretch.series], this.chosen.joint);
    this.step(stretch.first - this.at);
    speak(`${frameText(this)}: ${this.#doubtText()}`);
  }

  nextDoubt(back) {
    const { at } = this;
    const next = back ? this.doubts.findLast(({ first }) => first < at) : this.doubts.find(({ first }) => first > at);
    if (next) this.visit(next);
    else speak(back ? "No doubtful stretch before." : "No doubtful stretch after.");
  }

  zoom(factor) {
    this.timeline.axis.zoom(factor, this.runs[0].times[this.at]);
  }

  /** The frame that is seen, which may not be the one that was asked for yet: the file's name says which. */
  async save() {
    const stem = document.title.replace(/\.\w+$/, "").replace(/[^\w.-]+/g, "_"), number = this.runs[0].numbers[this.frame];
    const { picture, whole } = await this.stage.save(), link = document.createElement("a");
    link.href = URL.createObjectURL(picture);
    link.download = number === undefined ? `${stem}.png` : `${stem}_${number}.png`;
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
    if (!whole) announce("Saved without the video: the browser does not give out pictures of a linked file. Open it with “Open video” first.");
  }

  /** Show a video under the skeletons from now on; false when the browser cannot. */
  async useVideo(url) {
    const video = document.createElement("video");
    Object.assign(video, { playsInline: true, preload: "auto", tabIndex: -1 });
    video.setAttribute("aria-hidden", "true");
    document.getElementById("canvas").before(video);
    const origin = await loadVideo(video, url);
    if (origin === null) {
      video.remove();
      return false;
    }
    this.dropVideo();
    this.video = video;
    this.clock = new VideoClock(video, origin, this.runs[0], (frame) => this.#tell(frame), () => this.#playing());
    this.clock.rate = Number(document.getElementById("rate").value);
    video.addEventListener("error", () => {
      this.dropVideo();
      announce("The browser cannot go on with the video: the skeletons alone are shown.");
    });
    document.body.classList.add("has-video");
    this.seek(this.at);
    return true;
  }

  dropVideo() {
    this.clock.pause();
    if (!this.video) return;
    this.clock.picture.close?.();
    this.video.remove();
    this.video = null;
    this.clock = new FreeClock(this.runs[0], (frame) => this.#tell(frame), () => this.#playing());
    document.body.classList.remove("has-video");
    this.seek(this.at);
  }

  #tell(frame) {
    this.frame = frame;
    if (!this.clock.busy) this.goal = null;
    this.stage.draw();
    this.#show();
    if (this.clock.playing) this.timeline.axis.follow(this.runs[0].times[this.at]);
  }

  /** Say in words where we are. */
  #show() {
    this.timeline.move();
    document.getElementById("now").textContent = frameText(this);
    document.getElementById("doubt").textContent = this.#doubtText();
  }

  #doubtText() {
    if (this.frame < 0) return "the document has no frame here";
    const here = this.doubts.filter(({ first, last }) => first <= this.at && this.at <= last);
    return doubtEntries(this, here).map(({ text }) => text).join(", ");
  }

  #playing() {
    const button = document.getElementById("play");
    button.classList.toggle("playing", this.clock.playing);
    button.setAttribute("aria-label", this.clock.playing ? "pause" : "play");
  }
}

function frameText(viewer) {
  const [run] = viewer.runs, { at } = viewer;
  return `${clockText(run.times[at])} · frame ${run.numbers[at]}`;
}

/** Say something on the picture. */
function announce(text) {
  document.getElementById("message").textContent = text;
}

/** Say what is to be seen anyhow to those who listen to the page. */
function speak(text) {
  document.getElementById("spoken").textContent = text;
}

function listenToButtons(viewer) {
  const on = (id, act) => document.getElementById(id).addEventListener("click", act);
  on("play", () => viewer.toggle());
  on("back", () => viewer.step(-1));
  on("on", () => viewer.step(1));
  on("previous", () => viewer.nextDoubt(true));
  on("next", () => viewer.nextDoubt(false));
  on("closer", () => viewer.zoom(0.5));
  on("farther", () => viewer.zoom(2));
  on("everything", () => viewer.zoom(Infinity));
  on("save", () => viewer.save());
  on("open-help", () => document.getElementById("help").showModal());
  on("sound", ({ currentTarget }) => {
    viewer.video.muted = !viewer.video.muted;
    currentTarget.setAttribute("aria-pressed", viewer.video.muted);
  });
  document.getElementById("rate").addEventListener("change", ({ target }) => (viewer.clock.rate = Number(target.value)));
  document.getElementById("file").addEventListener("change", async ({ target }) => {
    const [file] = target.files;
    if (file && !(await viewer.useVideo(URL.createObjectURL(file)))) announce(`This browser cannot play ${file.name}.`);
    else announce("");
  });
}

async function showVideo(viewer) {
  if (!head.video) return;
  const { link, kind, name } = head.video;
  const url = link || URL.createObjectURL(new Blob([takeBytes("video")], { type: kind }));
  if (await viewer.useVideo(url)) return;
  announce(
    link
      ? `${name} is not where it was, or this browser cannot play it: the skeletons alone are shown. “Open video” takes it from another place.`
      : `This browser cannot play ${name}: the skeletons alone are shown.`,
  );
}

async function main() {
  const runs = await readRuns(), viewer = new Viewer(runs, await readDisagreement(runs));
  listenToButtons(viewer);
  listenToSwitches(viewer);
  listenToKeys(viewer);
  makeHelp();
  makeJoints(viewer);
  makeList(viewer, "doubts", doubtEntries(viewer, viewer.doubts));
  if (viewer.marks) makeList(viewer, "apart", disagreementEntries());
  announce("");
  await showVideo(viewer);
}

main();
