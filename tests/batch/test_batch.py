"""Many videos: every one once, and again only what changed."""

import json
import shutil
import subprocess
import sys
from dataclasses import replace

import pytest
from batches import BROKEN, LITE, RUN, documents, here, leftovers, run

from posecore import pipeline
from posecore.batch import process_videos
from posecore.batch.manifest import Manifest
from posecore.options import Options


def test_forty_inputs(clips, expected, tmp_path):
    """Every good one done once, every bad one reported once; the second run has nothing to do."""
    done = run(clips, tmp_path)
    assert done.returncode == 3, done.stderr
    assert "37 videos done" in done.stderr and "0 done before, 3 failed" in done.stderr
    assert "Traceback" not in done.stderr and "leaked" not in done.stderr
    assert documents(tmp_path) == expected and not leftovers(tmp_path)
    assert {str(path.relative_to(tmp_path).with_suffix("")) for path in tmp_path.rglob("*.mp4")} == set(expected)
    lines = [json.loads(line) for line in (tmp_path / "manifest.jsonl").read_text().splitlines()]
    assert len(lines) == 40 and {line["name"] for line in lines if line["error"]} == BROKEN
    for name in BROKEN:
        assert done.stderr.count(f"  {name} ") == 1
    walk = next(line for line in lines if line["name"] == "walk05")
    assert walk["frames"] == 12 and walk["engine"] == "openvino" and walk["outputs"] == ["walk05.mp4", "walk05.json"]

    before = {path: path.stat().st_mtime_ns for path in tmp_path.rglob("*.json")}
    again = run(clips, tmp_path)
    assert again.returncode == 3 and "0 videos done (0 frames), 37 done before, 3 failed" in again.stderr
    assert {path: path.stat().st_mtime_ns for path in tmp_path.rglob("*.json")} == before


def counts(result):
    return sum(not record.error for record in result.done), result.skipped, len(result.failed)


def test_what_changed_is_done_again(few, clips, tmp_path):
    out = tmp_path / "out"
    assert counts(process_videos(str(few), out, LITE, video=False, run=here)) == (3, 0, 1)
    assert counts(process_videos(str(few), out, LITE, video=False, run=here)) == (0, 3, 1)
    shutil.copy(clips / "walk09.mp4", few / "walk01.mp4")
    assert counts(process_videos(str(few), out, LITE, video=False, run=here)) == (1, 2, 1)
    (out / "walk02.json").unlink()
    assert counts(process_videos(str(few), out, LITE, video=False, run=here)) == (1, 2, 1)
    assert counts(process_videos(str(few), out, Options(engine="openvino"), video=False, run=here)) == (3, 0, 1)
    assert counts(process_videos(str(few), out, LITE, video=True, run=here)) == (3, 0, 1)
    assert counts(process_videos(str(few), out, replace(LITE, start=0.1), run=here)) == (3, 0, 1)
    assert counts(process_videos(str(few), out, replace(LITE, start=0.1), run=here)) == (0, 3, 1)


def test_failures_are_tried_again_when_asked_for(few, clips, tmp_path):
    out = tmp_path / "out"
    process_videos(str(few), out, LITE, video=False, run=here)
    assert counts(process_videos(str(few), out, LITE, video=False, run=here)) == (0, 3, 1)
    assert counts(process_videos(str(few), out, LITE, video=False, retry_failed=True, run=here)) == (0, 3, 1)
    assert len((out / "manifest.jsonl").read_text().splitlines()) == 5
    shutil.copy(clips / "walk09.mp4", few / "half.mp4")
    assert counts(process_videos(str(few), out, LITE, video=False, run=here)) == (1, 3, 0)


def test_a_torn_line_costs_one_video(few, tmp_path):
    out = tmp_path / "out"
    process_videos(str(few), out, LITE, video=False, run=here)
    manifest = out / "manifest.jsonl"
    torn = json.loads(manifest.read_text().splitlines()[-1])["name"]
    manifest.write_bytes(manifest.read_bytes()[:-25])
    result = process_videos(str(few), out, LITE, video=False, run=here)
    assert [record.name for record in result.done] == [torn]
    assert len(Manifest(out).records) == 4


def test_what_can_be_lived_with_is_told(made, tmp_path, capsys):
    result = process_videos(str(made / "damaged.mp4"), tmp_path / "out", LITE, video=False, run=here)
    (warning,) = result.done[0].warnings
    assert warning.startswith(f"{made / 'damaged.mp4'}: 1 damaged part stepped over")
    assert Manifest(tmp_path / "out").records["damaged"].warnings == (warning,)


def test_an_output_may_not_be_an_input(few, tmp_path):
    (tmp_path / "list.txt").write_text(f"{few}/walk00.mp4\n{few}/walk01.mp4\n")
    before = sorted(few.iterdir())
    with pytest.raises(ValueError, match=r"walk00\.mp4: is an input and an output"):
        process_videos(str(tmp_path / "list.txt"), few, LITE, run=here)
    assert sorted(few.iterdir()) == before


def test_a_model_that_cannot_be_had_is_an_error_before_any_work(few, tmp_path, monkeypatch):
    monkeypatch.setenv("POSECORE_CACHE", str(tmp_path / "empty"))
    with pytest.raises(FileNotFoundError):
        process_videos(str(few), tmp_path / "out", replace(LITE, download_model=False), run=here)
    with pytest.raises(FileNotFoundError):
        process_videos(str(few), tmp_path / "out", replace(LITE, model_path=tmp_path / "none.task"), run=here)
    assert not Manifest(tmp_path / "out").records


def test_another_model_under_the_same_name_is_another_option(few, lite, tmp_path, monkeypatch):
    shutil.copy(lite, tmp_path / "my.task")
    monkeypatch.chdir(tmp_path)
    mine = replace(LITE, model_path="my.task")
    assert counts(process_videos(str(few), tmp_path / "out", mine, video=False, run=here)) == (3, 0, 1)
    assert counts(process_videos(str(few), tmp_path / "out", mine, video=False, run=here)) == (0, 3, 1)
    with open("my.task", "ab") as file:
        file.write(b"more")
    assert counts(process_videos(str(few), tmp_path / "out", mine, video=False, run=lambda *_: iter(()))) == (0, 0, 0)


def test_what_killed_runs_left_is_removed_even_where_nothing_is_to_be_done(few, tmp_path):
    out = tmp_path / "out"
    process_videos(str(few), out, LITE, video=False, run=here)
    (out / ".walk00.json.123-00ff-0123abcd.part").touch()
    process_videos(str(few), out, LITE, video=False, run=here)
    assert not leftovers(out)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--input", "none", "--output-dir", "out"), "No such file"),
        (("--input", "few", "--output-dir", "out", "--no-video", "--no-json"), "nothing to write"),
        (
            ("--input", "few", "--output-dir", "out", "--workers", "0"),
            "a whole number of at least 1 is wanted, got 0",
        ),
        (("--input", "few", "--output-dir", "few/half.mp4"), "few/half.mp4"),
        (("--input", "few"), "required: --output-dir"),
    ],
)
def test_bad_usage(few, tmp_path, arguments, message):
    command = [sys.executable, str(RUN), "batch", *arguments]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True)
    assert done.returncode == 2 and done.stderr.count("\n") == 1, done.stderr
    assert message in done.stderr and "Traceback" not in done.stderr


def test_help(tmp_path):
    done = subprocess.run([sys.executable, str(RUN), "batch", "--help"], capture_output=True, text=True, cwd=tmp_path)
    assert done.returncode == 0 and "--retry-failed" in done.stdout and "--max-side" in done.stdout


def test_a_fault_of_our_own_is_told_of_one_video_and_the_rest_is_done(few, tmp_path, monkeypatch):
    whole = pipeline.process_video

    def faulty(source, *more, **options):
        if source.endswith("walk01.mp4"):
            raise RuntimeError("a fault")
        return whole(source, *more, **options)

    monkeypatch.setattr(pipeline, "process_video", faulty)
    done = process_videos(str(few), tmp_path / "out", LITE, video=False, run=here)
    assert {record.name: record.error for record in done.failed}[
        "walk01"
    ] == "internal failure: RuntimeError('a fault')"
    assert counts(done) == (2, 0, 2) and not leftovers(tmp_path / "out")


def test_a_video_of_a_list_that_is_not_there_has_failed(few, tmp_path):
    (tmp_path / "list.txt").write_text(f"{few}/walk00.mp4\n{few}/none.mp4\n")
    done = process_videos(str(tmp_path / "list.txt"), tmp_path / "out", LITE, video=False, run=here)
    assert counts(done) == (1, 0, 1) and "none.mp4: No such file" in done.failed[0].error
