"""A camera that never ends: memory, descriptors, latency and clocks over an hour; and what is dropped at which rate.

Another process sends the demo clip as MPEG-TS over TCP on the loopback address, over and over, at a rate that its clock
keeps. A run finds the keypoints and writes the record and the JSON, as `posecore live` does.
"""

import argparse
import json
import statistics
import sys
import tempfile
import threading
import time
from array import array
from collections.abc import Iterator
from contextlib import contextmanager
from multiprocessing import get_context
from pathlib import Path
from typing import Any
from unittest.mock import patch

import psutil
from streams import mpegts, send, tcp

from posecore.assets import fetch
from posecore.evaluation import machine
from posecore.files import replacing
from posecore.models import MODELS
from posecore.options import Options
from posecore.pipeline import LiveSummary, process_live
from posecore.pipeline.live_meter import LiveMeter
from posecore.video import LiveInput, LiveSource, VideoReader

SIDE = 1280  # pixels of the pictures' longer side
PARTS = 6  # of a soak, which are compared


def serve(rate: int, port: Any) -> None:
    """Send until the process is ended; the port is told through a pipe."""
    with VideoReader(fetch("demo")) as video:
        pieces = mpegts([frame.small(SIDE) for frame in video], rate, every=rate)
    with tcp(lambda write, _: send(pieces, write, rate)) as number:
        port.send(number)
        threading.Event().wait()


@contextmanager
def stream(rate: int) -> Iterator[str]:
    """The address of the stream."""
    context = get_context("spawn")
    here, there = context.Pipe()
    process = context.Process(target=serve, args=(rate, there), daemon=True)
    process.start()
    try:
        yield f"tcp://127.0.0.1:{here.recv()}"
    finally:
        process.kill()
        process.join()


def run(address: str, model: str, seconds: float, folder: Path, record: bool) -> LiveSummary:
    """Do it for so many seconds; what was written is in the folder."""
    source = LiveInput("url", address)
    with LiveSource(source, stop=threading.Event()) as opened:
        output = folder / "live.mkv" if record else None
        return process_live(opened, output, folder / "live.jsonl", Options(model=model), duration=seconds)


def figures(models: list[str], rates: list[int], seconds: float) -> list[dict[str, Any]]:
    """A row for each model, rate, and whether there is a record."""
    rows = []
    for rate in rates:
        with stream(rate) as address, tempfile.TemporaryDirectory() as folder:
            for model in models:
                for record in (False, True):
                    summary = run(address, model, seconds, Path(folder), record)
                    assert summary.latency_ms
                    busy = dict(summary.dropped)["busy"]
                    rows.append(
                        {
                            "model": model,
                            "frames_per_second": rate,
                            "record": record,
                            "inference_ms": round(summary.inference_ms[0], 1),
                            "latency_ms": round(summary.latency_ms[0], 1),
                            "latency_p95_ms": round(summary.latency_ms[1], 1),
                            "dropped": round(busy / (busy + summary.frames), 4),
                        }
                    )
                    print(rows[-1])
    return rows


def soak(model: str, rate: int, seconds: float) -> dict[str, Any]:
    """Memory, descriptors and latency of each part of a long run, and how clocks went apart."""
    when, late = array("d"), array("d")  # in little room: it counts as memory of the run
    samples: list[tuple[float, float, int]] = []
    over, me, note_it = threading.Event(), psutil.Process(), LiveMeter.late

    def note(self: LiveMeter, arrived: float, milliseconds: float) -> None:
        when.append(arrived)
        late.append(milliseconds)
        note_it(self, arrived, milliseconds)

    def sample() -> None:
        while not over.wait(1):
            samples.append((time.perf_counter(), me.memory_info().rss / 1e6, me.num_fds()))

    with tempfile.TemporaryDirectory() as folder, stream(rate) as address, patch.object(LiveMeter, "late", note):
        sampler = threading.Thread(target=sample)
        sampler.start()
        try:
            summary = run(address, model, seconds, Path(folder), record=True)
        finally:
            over.set()
            sampler.join()
        drift, recorded = drifts(Path(folder))
    begin, end = when[0], when[-1]
    parts = []
    for number in range(PARTS):
        low, high = (begin + (end - begin) * n / PARTS for n in (number, number + 1))
        milliseconds = sorted(value for at, value in zip(when, late, strict=True) if low <= at <= high)
        inside = [(memory, descriptors) for at, memory, descriptors in samples if low <= at <= high]
        parts.append(
            {
                "minutes": [round((at - begin) / 60, 1) for at in (low, high)],
                "memory_mb": round(statistics.median(memory for memory, _ in inside), 1),
                "descriptors": max(descriptors for _, descriptors in inside),
                "latency_ms": round(statistics.median(milliseconds), 1),
                "latency_p95_ms": round(milliseconds[int(0.95 * len(milliseconds))], 1),
            }
        )
        print(parts[-1])
    result = {
        "model": model,
        "frames_per_second": rate,
        "seconds": round(end - begin),
        "frames": summary.frames,
        "dropped": dict(summary.dropped),
        "stream_clock_drift_ms": drift,
        "record_clock_drift_ms": recorded,
        "parts": parts,
    }
    print({key: value for key, value in result.items() if key != "parts"})
    return result


def drifts(folder: Path) -> tuple[float, float]:
    """Milliseconds by which the times of the JSON went apart from the wall's, and those of the record from the JSON's.

    Medians of the last hundred frames less those of the first.
    """
    from datetime import datetime

    import av

    frames = [json.loads(line) for line in (folder / "live.jsonl").open() if line.startswith('{"frame_index"')]
    wall = [1000 * datetime.fromisoformat(frame["received_at"]).timestamp() - frame["timestamp_ms"] for frame in frames]
    with av.open(str(folder / "live.mkv")) as record:
        times = sorted(float(p.pts * p.time_base) * 1000 for p in record.demux(video=0) if p.size)
    apart = [time - frame["timestamp_ms"] for time, frame in zip(times, frames, strict=True)]

    def drift(values: list[float]) -> float:
        return round(statistics.median(values[-100:]) - statistics.median(values[:100]), 1)

    return drift(wall), drift(apart)


def main() -> int:
    """Run what is asked for; print it and write it as JSON."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--soak", type=float, default=3600, help="seconds, 0 for none; default: %(default)s")
    parser.add_argument("--figures", type=float, default=20, help="seconds of each, 0 for none; default: %(default)s")
    parser.add_argument("--model", choices=MODELS, nargs="+", default=["blazepose-lite", "blazepose-full"])
    parser.add_argument("--rate", type=int, nargs="+", default=[30, 60], help="frames/s; default: 30 60")
    parser.add_argument("--results", default="bench/results/live.json", help="default: %(default)s")
    options = parser.parse_args()
    content: dict[str, Any] = {"machine": machine(), "side": SIDE}
    if options.figures:
        content["figures"] = figures(options.model, options.rate, options.figures)
    if options.soak:
        content["soak"] = soak(options.model[0], options.rate[0], options.soak)
    with replacing(options.results) as temporary:
        temporary.write_text(json.dumps(content, indent=1) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
