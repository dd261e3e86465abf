"""What `posecore view` takes for an hour of video: building the page, opening it, going along its time line.

The document is made of a real one (default: what the default model says of the demo clip), which is repeated, each time
at another size and place, so that nothing repeats exactly. Chromium runs headless and draws without a GPU.
"""

import argparse
import json
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from posecore import DocumentWriter, FramePose, Keypoints, Person, process_video, read_document
from posecore.assets import fetch
from posecore.evaluation import machine
from posecore.files import replacing

ROOT = Path(__file__).parent.parent
ROUNDS = 120  # moves of the mouse
OPENED = "() => document.getElementById('message').textContent === ''"
# Milliseconds from each move on the ruler, or turn of the wheel, until the frame after it is drawn.
MOVES = """async ({ rounds, wheel }) => {
    const ruler = document.getElementById("ruler"), { left, top, width } = ruler.getBoundingClientRect(), took = [];
    const at = (n) => ({ clientX: left + (n + 1) * width / (rounds + 2), clientY: top + 5, cancelable: true });
    const frame = () => new Promise(requestAnimationFrame);
    ruler.setPointerCapture = () => {};
    if (!wheel) ruler.dispatchEvent(new PointerEvent("pointerdown", at(0)));
    for (let n = 0; n < rounds; n++) {
        await frame();
        const started = performance.now(), deltaY = n < rounds / 2 ? -60 : 60;
        const turned = () => new WheelEvent("wheel", { ...at(rounds / 2), deltaY });
        ruler.dispatchEvent(wheel ? turned() : new PointerEvent("pointermove", at(n)));
        await frame();
        took.push(performance.now() - started);
    }
    ruler.dispatchEvent(new PointerEvent("pointerup", at(0)));
    return took;
}"""


def make_document(source: Path, target: Path, count: int) -> None:
    """Repeat the frames of `source` until there are `count`."""
    meta, frames = read_document(source)
    meta = {key: value for key, value in meta.items() if key not in ("format_version", "frame_count")}
    rng = np.random.default_rng(0)
    with DocumentWriter(target, meta, everyone=any(p.track_id for f in frames for p in f.persons)) as writer:
        while writer.frame_count < count:
            scale, move = np.float32(rng.uniform(0.7, 1.3)), rng.uniform(-80, 80, 2).astype(np.float32)

            def elsewhere(person: Person, scale: np.float32 = scale, move: np.ndarray = move) -> Person:
                keypoints = Keypoints(person.keypoints.xy * scale + move, person.keypoints.score)
                return replace(person, keypoints=keypoints, box=person.box * scale + np.tile(move, 2))

            for frame in frames[: count - writer.frame_count]:
                n = writer.frame_count
                writer.write(FramePose(n, round(1000 * n / meta["fps"]), tuple(map(elsewhere, frame.persons))))


def build(document: Path, page: Path) -> dict[str, float]:
    """Seconds and memory of the command, from a cold process."""
    started = time.perf_counter()
    command = [sys.executable, str(ROOT / "run.py"), "view", str(document), "--no-video", "-o", str(page)]
    subprocess.run(command, check=True)
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
    return {
        "build_s": round(time.perf_counter() - started, 1),
        "build_MB": round(peak),
        "page_MB": round(page.stat().st_size / 1e6, 2),
    }


def look(page: Path) -> dict[str, Any]:
    """Seconds until the first frame is drawn; ms of a frame while the mouse goes along, and while it zooms."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        arguments = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--no-first-run"]
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=arguments)
        tab = browser.new_page(viewport={"width": 1280, "height": 720})
        started = time.perf_counter()
        tab.goto(page.as_uri())
        tab.wait_for_function(OPENED)
        found: dict[str, Any] = {"open_s": round(time.perf_counter() - started, 2)}
        for name, wheel in (("scrub", False), ("zoom", True)):
            took = tab.evaluate(MOVES, {"rounds": ROUNDS, "wheel": wheel})
            quantiles = statistics.quantiles(took, n=20)
            found[f"{name}_ms"] = {"median": round(statistics.median(took), 1), "p95": round(quantiles[-1], 1)}
        browser.close()
    return found


def main() -> int:
    """Make the document, build and open its page; print and write what it took."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--document", type=Path, help="default: the default model on the demo clip")
    parser.add_argument("--frames", type=int, default=108_000, help="default: %(default)s, an hour")
    parser.add_argument("--results", default="bench/results/view.json", help="default: %(default)s")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        document, page = Path(folder, "hour.json"), Path(folder, "hour.html")
        if options.document is None:
            process_video(fetch("demo"), json=Path(folder, "demo.json"))
        make_document(options.document or Path(folder, "demo.json"), document, options.frames)
        found = {"frames": options.frames} | build(document, page) | look(page)
    print(json.dumps(found, indent=1))
    with replacing(options.results) as temporary:
        temporary.write_text(json.dumps({"machine": machine(), **found}, indent=1) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
