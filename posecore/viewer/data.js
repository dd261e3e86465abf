// What the page was given: runs and their people as typed arrays. packing.py made them.

const CHUNK = 1 << 22; // letters of base64 that are decoded at a time
const SCORES = 255; // the score 1
const UNKNOWN = 255; // a mark where there is no number; 254 is 1 then

/** The bytes of an element that holds base64; the element goes, and its memory with it. */
function takeBytes(id) {
  const element = document.getElementById(id);
  const text = element.textContent.trim();
  element.remove();
  const bytes = new Uint8Array((text.length / 4) * 3 - (text.match(/=*$/)[0].length));
  for (let from = 0, at = 0; from < text.length; from += CHUNK) {
    const part = atob(text.slice(from, from + CHUNK));
    for (let i = 0; i < part.length; i++) bytes[at++] = part.charCodeAt(i);
  }
  return bytes;
}

async function inflate(bytes) {
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("deflate"));
  return new Uint8Array(await new Response(stream).arrayBuffer());
}

/** Reads the arrays of a run one after the other: channels of steps, bytes of the same weight together. */
class Unpacker {
  constructor(bytes) {
    this.bytes = bytes;
    this.at = 0;
  }

  take(channels, count, Type) {
    const size = Type.BYTES_PER_ELEMENT, length = channels * count, { bytes, at } = this;
    const values = new Type(length);
    for (let k = 0; k < length; k++) {
      let step = 0;
      for (let weight = 0; weight < size; weight++) step |= bytes[at + weight * length + k] << (8 * weight);
      const before = k % count ? values[k - 1] : 0;
      values[k] = before + ((step >>> 1) ^ -(step & 1)); // an array wraps around as Python's did
    }
    this.at += size * length;
    return values;
  }
}

/** One person through a run. A slot is the number of a frame among those that have this person. */
class Series {
  constructor(head, number, run, unpacker) {
    const n = head.count;
    Object.assign(this, { number, run, id: head.id, colors: head.colors, count: n, unit: run.unit });
    this.color = head.id === null ? "var(--accent)" : head.colors.middle; // on the page; in the picture there are three
    this.label = head.name || (head.id === null ? (number ? `person ${number + 1}` : "person") : `id ${head.id}`);
    this.frames = unpacker.take(1, n, Uint32Array);
    this.places = unpacker.take(34, n, Int16Array);
    this.scores = unpacker.take(17, n, Uint8Array);
    this.filled = unpacker.take(17, n, Uint8Array); // 1: nobody saw it, it was put in afterwards
    this.boxes = unpacker.take(4, n, Int16Array);
    this.slots = new Int32Array(run.count).fill(-1);
    this.means = new Float32Array(n);
    for (let slot = 0; slot < n; slot++) {
      this.slots[this.frames[slot]] = slot;
      for (let joint = 0; joint < 17; joint++) this.means[slot] += this.scores[joint * n + slot] / (17 * SCORES);
    }
  }

  /** -1 where the person is not in the frame, or there is no frame. */
  slot(frame) {
    return frame < 0 ? -1 : this.slots[frame];
  }

  x(joint, slot) {
    return this.places[2 * joint * this.count + slot] * this.unit;
  }

  y(joint, slot) {
    return this.places[(2 * joint + 1) * this.count + slot] * this.unit;
  }

  score(joint, slot) {
    return this.scores[joint * this.count + slot] / SCORES;
  }

  /** x0, y0, x1, y1 in pixels. */
  box(slot) {
    return [0, 1, 2, 3].map((side) => this.boxes[side * this.count + slot] * this.unit);
  }

  /** Pixels a second since the frame before; NaN where one of the two is not there. */
  speed(joint, slot) {
    const frame = this.frames[slot];
    if (!slot || this.frames[slot - 1] !== frame - 1) return NaN;
    const ms = this.run.times[frame] - this.run.times[frame - 1];
    const dx = this.x(joint, slot) - this.x(joint, slot - 1), dy = this.y(joint, slot) - this.y(joint, slot - 1);
    return ms > 0 ? (1000 * Math.hypot(dx, dy)) / ms : NaN;
  }
}

/** One document. Its frames are numbered from 0; `numbers` has what the document calls them. */
class Run {
  constructor(head, bytes) {
    Object.assign(this, head);
    const unpacker = new Unpacker(bytes), both = unpacker.take(2, head.count, Uint32Array);
    this.times = both.subarray(0, head.count);
    this.numbers = both.subarray(head.count);
    this.series = head.series.map((one, number) => new Series(one, number, this, unpacker));
    this.all = Uint32Array.from({ length: this.count }, (_, frame) => frame);
    this.start = this.times[0];
    const last = this.times[this.count - 1];
    this.step = this.count > 1 ? (last - this.start) / (this.count - 1) || 1 : 40; // mean ms from frame to frame
    this.end = last + this.step;
  }

  /** The last frame that has begun at a time; the first where none has. */
  frameAt(ms) {
    let low = 0, high = this.count - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (this.times[middle] <= ms) low = middle;
      else high = middle - 1;
    }
    return low;
  }

  /** The frame whose time is nearest; -1 more than a frame before the first or after the last. */
  nearest(ms) {
    const before = this.frameAt(ms), after = Math.min(before + 1, this.count - 1);
    const frame = this.times[after] - ms < ms - this.times[before] ? after : before;
    return ms < this.start - this.step || ms > this.end ? -1 : frame;
  }

  /** A time at which a frame is shown and no other, however times are rounded. */
  within(frame) {
    const next = frame + 1 < this.count ? this.times[frame + 1] : this.end;
    return (this.times[frame] + next) / 2;
  }
}

async function readRuns() {
  const read = async (one, number) => new Run(one, await inflate(takeBytes(`packed-${number}`)));
  return Promise.all(head.runs.map(read));
}

/** How far two runs are apart, frame by frame of the first: (n,) of 254, or null without a second run. */
async function readDisagreement(runs) {
  if (!head.disagreement) return null;
  return new Unpacker(await inflate(takeBytes(`packed-${runs.length}`))).take(1, runs[0].count, Uint8Array);
}

const head = JSON.parse(document.getElementById("head").textContent);
