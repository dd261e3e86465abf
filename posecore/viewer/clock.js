// What says which frame is to be seen: the video, or without one the time itself. Both have the same methods.

const PATIENCE = 100; // ms after a seek in which its frame is seen, unless it was seen already
const LONGEST = 1000; // ms until a browser that has loaded a video shows its first frame

/** Without a video. tell(frame): is called with every frame that is to be shown; changed(): it plays or stands. */
class FreeClock {
  constructor(run, tell, changed) {
    Object.assign(this, { run, tell, changed, playing: false, busy: false, rate: 1, ms: run.start });
  }

  play() {
    if (this.ms >= this.run.times[this.run.count - 1]) this.ms = this.run.start;
    this.playing = true;
    let last = performance.now();
    const tick = (now) => {
      if (!this.playing) return;
      this.ms += (now - last) * this.rate;
      last = now;
      this.tell(this.run.frameAt(this.ms));
      if (this.ms >= this.run.end) this.pause();
      else requestAnimationFrame(tick);
    };
    requestAnimationFrame(tick);
    this.changed();
  }

  pause() {
    this.playing = false;
    this.changed();
  }

  seek(frame) {
    this.ms = this.run.times[frame];
    this.tell(frame);
  }
}

/** Of a video element. origin: the time in seconds, on its own clock, of its first frame: the document's time 0. */
class VideoClock {
  constructor(video, origin, run, tell, changed) {
    Object.assign(this, { video, origin, run, tell, wanted: null, early: null, picture: video });
    for (const name of ["play", "pause", "ended"]) video.addEventListener(name, changed);
    if ("requestVideoFrameCallback" in video) this.#listen();
    else this.#watch();
    video.addEventListener("seeked", () => {
      if (this.early !== null) this.#see(this.early);
      setTimeout(() => this.#seekOn(), PATIENCE);
    });
  }

  get playing() {
    return !this.video.paused && !this.video.ended;
  }

  /** Whether another frame is on its way. */
  get busy() {
    return this.video.seeking || this.wanted !== null;
  }

  set rate(rate) {
    this.video.playbackRate = rate;
  }

  play() {
    this.video.play().catch(() => {}); // paused again before it began
  }

  pause() {
    this.video.pause();
  }

  /** One seek is under way at a time, and its frame is seen before the next; of those asked for meanwhile the last counts. */
  seek(frame) {
    const seconds = this.origin + this.run.within(frame) / 1000;
    if (this.busy) this.wanted = seconds;
    else this.video.currentTime = seconds;
  }

  #seekOn() {
    if (this.wanted === null || this.video.seeking) return;
    this.video.currentTime = this.wanted;
    this.wanted = null;
  }

  #listen() {
    this.video.requestVideoFrameCallback((now, { mediaTime }) => {
      if (this.video.readyState < 2) this.early = mediaTime; // it cannot be drawn before the seek has ended
      else this.#see(mediaTime);
      this.#listen();
    });
  }

  #see(mediaTime) {
    const { video, picture, run, origin } = this;
    const [next, seconds] = pictureOf(video, mediaTime);
    this.picture = next;
    if (picture !== video) picture.close();
    this.early = null;
    this.tell(run.nearest((seconds - origin) * 1000));
    this.#seekOn();
  }

  /** For browsers that do not say which frame they show: the one whose time it is. */
  #watch() {
    const ms = (this.video.currentTime - this.origin) * 1000;
    if (ms !== this.last && !this.video.seeking) {
      this.last = ms;
      this.tell(ms > this.run.end ? -1 : this.run.frameAt(ms));
    }
    requestAnimationFrame(() => this.#watch());
  }
}

/** What to draw now, and when it is shown: a video that plays may have gone on since it said which frame it has. */
function pictureOf(video, mediaTime) {
  try {
    const picture = new VideoFrame(video);
    return [picture, picture.timestamp / 1e6];
  } catch {
    return [video, mediaTime]; // no VideoFrame in this browser, or none of a linked video
  }
}

/** Have a video element load a URL. Gives the time of its first frame on its own clock; null when it cannot be played. */
async function loadVideo(video, url) {
  const first = new Promise((resolve) => {
    video.requestVideoFrameCallback?.((now, { mediaTime }) => resolve(mediaTime));
  });
  const playable = await new Promise((resolve) => {
    video.addEventListener("loadeddata", () => resolve(video.videoWidth > 0), { once: true });
    video.addEventListener("error", () => resolve(false), { once: true });
    video.src = url;
  });
  if (!playable) return null;
  // A page in the background shows no frame; it waits until it is looked at.
  const late = new Promise((resolve) => document.hidden || setTimeout(() => resolve(0), LONGEST));
  return Promise.race([first, late]);
}
