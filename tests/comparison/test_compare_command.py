"""`posecore compare` on a real clip: what it prints and writes, the page in a browser, what is refused."""

import json
import re

import pytest
from media import cut

from posecore.assets import fetch
from posecore.cli import main


def call(capsys, *words):
    try:
        status = main(["compare", *map(str, words)])
    except SystemExit as stop:
        status = stop.code
    return status, *capsys.readouterr()


@pytest.fixture(scope="module")
def done(tmp_path_factory, demo, lite):
    """Two settings on 66 frames with a man and a woman: the folder and the words of the command."""
    fetch("movenet-lightning")
    folder = tmp_path_factory.mktemp("compare")
    cut(demo, folder / "a <img src=x>.mp4", 60, 66)
    words = [folder / "a <img src=x>.mp4", "--models", "blazepose-lite,movenet-lightning", "--budget-ms", 10_000]
    return folder, [*words, "-o", folder / "compare.html", "--json", folder / "compare.json"]


@pytest.fixture
def compared(done, capsys):
    """After the command, which runs once: its standard output is kept beside what it writes."""
    folder, words = done
    if not (folder / "stdout.txt").exists():
        status, out, err = call(capsys, *words)
        assert status == 0, err
        assert err == f"posecore compare: {words[0]} -> {folder / 'compare.html'}, {folder / 'compare.json'}\n"
        (folder / "stdout.txt").write_text(out)
    return folder


def test_the_table_and_the_advice(compared):
    head, *rows, words, frames, advice = (compared / "stdout.txt").read_text().splitlines()
    assert head.split()[0] == "ms" and len(rows) == 2 and len({len(row) for row in (head, *rows)}) == 1
    assert any(row.startswith("* movenet-lightning ") and " strongest " in row for row in rows)
    assert "nearer to movenet-lightning, the strongest by its AP of 0.527 on COCO" in words
    assert frames.startswith("66 frames in 2 rounds; the rounds' medians differ by up to ")
    assert re.fullmatch(r"take movenet-lightning: \d+\.\d ms of a budget of 10000 ms, the strongest", advice)


def test_the_figures(compared):
    record = json.loads((compared / "compare.json").read_text())
    by_name = {row["setting"]: row for row in record["settings"]}
    lite, lightning = by_name["blazepose-lite"], by_name["movenet-lightning"]
    assert record["frames"] == 66 and record["machine"]["cores"] >= 1 and len(record["pieces"]) == 2
    for row in (lite, lightning):
        assert 0 < row["rounds_ms"][0] <= row["ms"] <= row["p95_ms"] and row["frames_per_second"] > 0
        assert row["with_person"] > 0.8 and 0 < row["jitter"] < 1000
    assert lightning["agreement"] == 1 and 0.1 < lite["agreement"] < 1
    assert (lite["megabytes"], lightning["megabytes"]) == (5.8, 4.8)
    assert (compared / "stdout.txt").read_text().splitlines()[-1] == record["advice"]
    assert {path.name for path in compared.iterdir()} == {
        "a <img src=x>.mp4",
        "compare.html",
        "compare.json",
        "stdout.txt",
    }


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_page(compared, open_page, scheme):
    page = open_page(compared / "compare.html", scheme=scheme)
    assert page.title() == "2 settings on a <img src=x>.mp4" and page.inner_text(".advice").startswith(
        "Take movenet-lightning"
    )
    assert page.locator("svg .dot").count() == 2 and page.locator("tbody tr").count() == 2
    assert page.locator(".dot.taken text").text_content() == "movenet-lightning"
    pictures = page.locator("img")
    assert pictures.count() >= 2 and pictures.count() % 2 == 0
    sizes = pictures.evaluate_all("(all) => all.map((one) => [one.naturalWidth, one.naturalHeight, one.alt])")
    assert all(width > 50 and height > 50 and "finds at" in alt for width, height, alt in sizes)
    colored = """(image) => {
        const canvas = document.createElement("canvas");
        [canvas.width, canvas.height] = [image.naturalWidth, image.naturalHeight];
        const context = canvas.getContext("2d");
        context.drawImage(image, 0, 0);
        const data = context.getImageData(0, 0, canvas.width, canvas.height).data;
        let count = 0;
        for (let n = 0; n < data.length; n += 4) count += data[n] > 200 && data[n + 1] > 90 && data[n + 2] < 90;
        return count;
    }"""
    orange = pictures.nth(1).evaluate(colored)
    assert orange > 30, "the person's left side is drawn"
    for width in (1280, 400):
        page.set_viewport_size({"width": width, "height": 800})
        assert page.evaluate("() => document.documentElement.scrollWidth") == width


def test_what_is_refused_leaves_no_trace(compared, capsys, tmp_path):
    clip = compared / "a <img src=x>.mp4"
    (tmp_path / "text.mp4").write_text("no video\n" * 100)
    (tmp_path / "folder").mkdir()
    before = clip.read_bytes()
    for words, reason in (
        ((tmp_path / "none.mp4",), "none.mp4: No such file"),
        ((clip, tmp_path / "text.mp4"), "text.mp4: is not a video"),
        ((clip, "--start", 9), "has nothing from 9 s on, it is 2.2 s long; give another --start"),
        ((clip, "--start", 2, "--end", 1), "--end 1 s: is not after --start 2 s"),
        ((clip, "--models", "movenet-lightening"), "movenet-lightening: unknown model; known are blazepose-lite"),
        ((clip, "--models", "movenet-thunder", "--engine", "mediapipe"), "mediapipe cannot run it"),
        ((clip, "--models", "own.onnx"), "own.onnx: no such model file"),
        ((clip, "--max-side", "640,small"), "a whole number of at least 0 is wanted, got small"),
        ((clip, "--budget-ms", 0), "a number above 0 is wanted, got 0"),
        ((clip, "-o", clip), "cannot be the page, it is a video already"),
        ((clip, "-o", tmp_path / "a", "--json", tmp_path / "a"), "cannot be the JSON, it is the page already"),
        ((clip, "-o", tmp_path / "folder"), "folder: is not an ordinary file"),
        ((clip, "--json", tmp_path / "text.mp4/a.json"), "text.mp4 is not a folder"),
    ):
        status, out, err = call(capsys, *words)
        assert (status, out, err.count("\n")) == (2, "", 1) and reason in err, err
        assert {path.name for path in tmp_path.iterdir()} == {"text.mp4", "folder"} and clip.read_bytes() == before
