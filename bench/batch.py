"""How many frames per second a machine does of many videos: one command after the other, workers, Ray.

The inputs are copies of one clip, by name only, or one long video of as many of them, one after the other. Every way
does all of it, the ways in turn, several rounds.
"""

import argparse
import dataclasses
import json
import os
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from fractions import Fraction
from pathlib import Path

import psutil

from posecore.assets import fetch
from posecore.batch import Runner, local_runner, process_videos, ray_runner
from posecore.evaluation import machine
from posecore.files import replacing
from posecore.options import Options
from posecore.video import VideoReader, join_videos

ROOT = Path(__file__).parent.parent
OPTIONS = Options(model_complexity=0, engine="openvino")
FEW = 3  # videos, where there are not as many as would keep all cores busy

Way = Callable[[Path, Path], None]  # of doing a folder of inputs into one of outputs


def one_after_the_other(inputs: Path, out: Path) -> None:
    """The single command for each."""
    for path in sorted(inputs.iterdir()):
        command = [sys.executable, "run.py", "--engine", OPTIONS.engine, "--model-complexity", "0"]
        command += ["--input", str(path), "--output", str(out / path.name), "--json", str(out / f"{path.stem}.json")]
        subprocess.run(command, cwd=ROOT, check=True, stderr=subprocess.DEVNULL)


def workers(count: int, threads: int | None = None, segment_minutes: float | None = None) -> Way:
    """Worker processes of this machine; threads: cores of each, None is its share of all."""
    return lambda inputs, out: _batch(inputs, out, local_runner(count), threads, segment_minutes)


def on_ray(inputs: Path, out: Path) -> None:
    """A Ray cluster that is started for it, two cores."""
    _batch(inputs, out, ray_runner(None, 2))


@contextmanager
def cluster(nodes: int) -> Iterator[Way]:
    """A Ray cluster of several nodes of one core each, all on this machine."""
    from ray.cluster_utils import Cluster

    started = Cluster(initialize_head=True, head_node_args={"num_cpus": 0, "include_dashboard": False})
    for _ in range(nodes):
        started.add_node(num_cpus=1)
    try:
        yield lambda inputs, out: _batch(inputs, out, ray_runner(started.address))
    finally:
        started.shutdown()


def _batch(
    inputs: Path, out: Path, run: Runner, threads: int | None = None, segment_minutes: float | None = None
) -> None:
    options = dataclasses.replace(OPTIONS, threads=threads)
    result = process_videos(str(inputs), out, options, run=run, segment_minutes=segment_minutes)
    if result.failed:
        raise RuntimeError(f"{len(result.failed)} videos failed, the first: {result.failed[0].error}")


@contextmanager
def watched() -> Iterator[dict[int, list[float]]]:
    """Memory of every worker of this process, in MB by process id, four times a second."""
    memory: dict[int, list[float]] = {}
    over = threading.Event()

    def look() -> None:
        while not over.wait(0.25):
            for child in psutil.Process().children(recursive=True):
                try:
                    if "spawn_main" in " ".join(child.cmdline()):
                        memory.setdefault(child.pid, []).append(child.memory_info().rss / 1e6)
                except psutil.NoSuchProcess:
                    continue

    thread = threading.Thread(target=look, daemon=True)
    thread.start()
    yield memory
    over.set()
    thread.join()


def memory_of_a_worker(clip: Path, count: int) -> dict[str, float]:
    """Of the busiest worker over many clips: MB at most, and how much more in the last tenth than in the second."""
    with tempfile.TemporaryDirectory() as folder:
        inputs = links(clip, Path(folder) / "in", count)
        with watched() as memory:
            process_videos(str(inputs), Path(folder) / "out", OPTIONS, run=local_runner(2))
    history = max(memory.values(), key=len)
    tenth = len(history) // 10
    growth = max(history[-tenth:]) - max(history[tenth : 2 * tenth])
    return {"clips": count, "most_mb": round(max(max(h) for h in memory.values())), "growth_mb": round(growth, 1)}


def links(clip: Path, folder: Path, count: int) -> Path:
    """A folder with many names of one clip."""
    folder.mkdir()
    for number in range(count):
        (folder / f"clip{number:03}{clip.suffix}").symlink_to(clip)
    return folder


def long_video(clip: Path, folder: Path, count: int, seconds: Fraction) -> Path:
    """A folder with one video, the clip so many times; seconds: of the clip."""
    folder.mkdir()
    parts = [(clip, number * seconds) for number in range(count)]
    join_videos(parts, folder / f"long{clip.suffix}", sound_of=clip)
    return folder


def timed(run: Way, inputs: Path) -> float:
    """Seconds for a folder of inputs."""
    with tempfile.TemporaryDirectory() as out:
        started = time.perf_counter()
        run(inputs, Path(out))
        return time.perf_counter() - started


def main() -> int:
    """Measure; print the table and write it as JSON."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--videos", type=int, default=8, help="default: %(default)s")
    parser.add_argument("--rounds", type=int, default=3, help="default: %(default)s")
    parser.add_argument("--results", default="bench/results/batch.json", help="default: %(default)s")
    options = parser.parse_args()
    os.environ["RAY_USAGE_STATS_ENABLED"] = "0"
    clip = fetch("demo")
    with VideoReader(clip) as video:
        (last,) = deque(video, maxlen=1)
        frames, length = options.videos * (last.index + 1), last.time + last.duration
    half = float(options.videos * length / 60 / 2) + 0.001
    ways = {
        "single commands, one after the other": one_after_the_other,
        "batch, 1 worker with one core": workers(1, 1),
        "batch, 1 worker with both cores": workers(1),
        "batch, 2 workers with one core each": workers(2),
        "Ray, started for it, 2 cores": on_ray,
    }
    long_ways = {
        "one long video": workers(2),
        "one long video, one core": workers(2, 1),
        "one long video in two segments": workers(2, None, half),
    }
    few_ways = {"three videos": workers(2), "three videos, one core each": workers(2, 1)}
    clusters = {"Ray cluster, 1 node of 1 core": 1, "Ray cluster, 2 nodes of 1 core": 2}
    seconds: dict[str, list[float]] = {way: [] for way in (*ways, *clusters, *long_ways, *few_ways)}
    with tempfile.TemporaryDirectory() as folder:
        copies = links(clip, Path(folder) / "copies", options.videos)
        long = long_video(clip, Path(folder) / "long", options.videos, length)
        three = links(clip, Path(folder) / "three", FEW)
        for number in range(options.rounds):
            for way, run in ways.items():
                seconds[way].append(timed(run, copies))
            for way, nodes in clusters.items():
                with cluster(nodes) as run:  # its start is not counted
                    seconds[way].append(timed(run, copies))
            for way, run in long_ways.items():
                seconds[way].append(timed(run, long))
            for way, run in few_ways.items():
                seconds[way].append(timed(run, three))
            print(f"round {number + 1} of {options.rounds}", file=sys.stderr)
    rows = {}
    for way, s in seconds.items():
        done, took = frames * FEW // options.videos if way in few_ways else frames, statistics.median(s)
        rows[way] = {"seconds": round(took, 2), "frames_per_s": round(done / took, 1)}
    print("| way | seconds | frames/s |\n|---|--:|--:|")
    for way, row in rows.items():
        print(f"| {way} | {row['seconds']} | {row['frames_per_s']} |")
    memory = memory_of_a_worker(clip, 100)
    print(f"memory of a worker over {memory['clips']} clips: {memory['most_mb']} MB, {memory['growth_mb']:+} MB")
    with replacing(options.results) as temporary:
        content = {"machine": machine(), "videos": options.videos, "frames": frames, "rows": rows, "memory": memory}
        temporary.write_text(json.dumps(content, indent=1) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
