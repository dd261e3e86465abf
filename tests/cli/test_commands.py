"""The front door: what `posecore` offers, and what it says to who mistypes."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from media import cut, demux

from posecore import read_document
from posecore.cli.commands import COMMANDS
from posecore.errors import is_users
from posecore.models import MODELS

POSECORE = str(Path(sys.executable).with_name("posecore"))


@pytest.fixture
def posecore(tmp_path):
    """Run the installed command in a folder of its own."""

    def posecore(*arguments, **options):
        environment = os.environ | {"COLUMNS": "80"} | options.pop("env", {})
        return subprocess.run(
            [POSECORE, *map(str, arguments)], cwd=tmp_path, capture_output=True, text=True, env=environment, **options
        )

    return posecore


@pytest.fixture
def walk(demo, tmp_path):
    """12 frames of a woman who walks."""
    (tmp_path / "sub").mkdir()
    cut(demo, tmp_path / "sub" / "walk.mp4", 110, 12)
    return tmp_path / "sub" / "walk.mp4"


def refused(process, *words):
    """One line on stderr, status 2."""
    assert (process.returncode, process.stdout) == (2, "") and process.stderr.count("\n") == 1, process.stderr
    assert all(word in process.stderr for word in words), process.stderr
    return True


def test_help_lists_the_commands_with_a_line_each(posecore):
    text = posecore("--help").stdout
    for name, (line, _) in COMMANDS.items():
        assert re.search(rf"^  {name} +{re.escape(line)}$", text, re.MULTILINE)
    assert posecore().stdout == text and max(map(len, text.splitlines())) <= 100
    assert posecore("--version").stdout == "posecore 0.1.0\n"


@pytest.mark.parametrize("name", COMMANDS)
def test_every_option_has_one_line_of_help(posecore, name):
    text = posecore(*name.split(), "--help").stdout
    lines = text.splitlines()
    assert len(lines) <= 60 and max(map(len, lines)) <= 80
    options = [line for line in lines if line.startswith("  -")]
    assert options and all(re.match(r"  (-\w[^ ]*|--)[^ ]*.*  \S", line) for line in options), options
    after = [lines[n + 1] for n, line in enumerate(lines[:-1]) if line.startswith("  -")]
    assert not [line for line in after if line.startswith("   ")]  # nothing is wrapped


def test_related_options_stand_together(posecore):
    text = posecore("run", "--help").stdout
    groups = [line.rstrip(":") for line in text.splitlines() if re.fullmatch(r"\w[\w ]*:", line)]
    expected = [
        "options",
        "files",
        "model",
        "fewer looks",
        "a stretch of the video",
        "what is drawn",
        "what is written",
    ]
    assert groups == expected


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        (["rnu", "x.mp4"], "did you mean run?"),
        (["bach"], "did you mean batch?"),
        (["xyzzy"], "posecore --help lists them"),
        (["run", "x.mp4", "--max-sied", "3"], "no option --max-sied; did you mean --max-side?"),
        (["batch", "--inptu", "x"], "no option --inptu; did you mean --input?"),
        (["fetch", "havy"], "havy: unknown; did you mean heavy?"),
        (["fetch", "nonsense"], "known are lite, full, heavy, movenet-lightning,"),
        (["evaluate", "--anotations", "x"], "did you mean --annotations?"),
        (["run"], "required: --input (or VIDEO)"),
        (["run", "a.mp4", "--input", "b.mp4"], "two videos are named, a.mp4 and b.mp4"),
    ],
)
def test_who_mistypes_is_told_what_was_probably_meant(posecore, typed, meant):
    assert refused(posecore(*typed), meant)


def test_a_video_in_place_of_a_command(posecore, walk):
    assert refused(posecore("sub/walk.mp4"), "did you mean posecore run sub/walk.mp4?")


def test_without_names_the_outputs_lie_in_this_folder(posecore, walk, lite, tmp_path):
    done = posecore("run", "sub/walk.mp4", "--model-complexity", 0)
    assert done.returncode == 0, done.stderr
    assert done.stderr.endswith(" -> walk.pose.mp4, walk.pose.json\n") and done.stderr.startswith("posecore run: ")
    assert len(demux(tmp_path / "walk.pose.mp4")[0].times) == len(read_document(tmp_path / "walk.pose.json")[1]) == 12

    (tmp_path / "walk.pose.json").write_text("mine")
    (tmp_path / "walk.pose.mp4").unlink()
    again = posecore("run", "sub/walk.mp4", "--model-complexity", 0)
    assert refused(again, "walk.pose.json: is already there; give --overwrite, or name other files with -o and --json")
    assert (tmp_path / "walk.pose.json").read_text() == "mine" and not (tmp_path / "walk.pose.mp4").exists()
    (tmp_path / "walk.pose.mp4").symlink_to("elsewhere.mp4")
    assert refused(posecore("run", "sub/walk.mp4"), "walk.pose.mp4: is already there")
    (tmp_path / "walk.pose.mp4").unlink()
    assert posecore("run", "sub/walk.mp4", "--model-complexity", 0, "--overwrite").returncode == 0
    assert len(read_document(tmp_path / "walk.pose.json")[1]) == 12


def test_one_named_output_is_the_only_one(posecore, walk, lite, tmp_path):
    before = {path.name for path in tmp_path.iterdir()}
    assert posecore("run", walk, "-o", "x.webm", "--model-complexity", 0).returncode == 0
    assert {path.name for path in tmp_path.iterdir()} - before == {"x.webm"}


def test_it_is_run_py_by_another_name(posecore, run, walk, lite, tmp_path):
    """The same options, the same document, to the byte."""
    options = ("--model-complexity", 0, "--max-side", 256, "--landmarks")
    assert posecore("run", walk, "--json", "a.json", *options).returncode == 0
    assert run("--input", walk, "--json", "b.json", *options).returncode == 0
    assert run(walk, "--json", "c.json", *options).returncode == 0
    a, b, c = ((tmp_path / f"{name}.json").read_bytes() for name in "abc")
    assert a == b == c


def test_models_are_listed_with_what_was_measured(posecore, lite, tmp_path):
    text = posecore("models").stdout
    rows = {line.split()[0]: line.split()[1:] for line in text.splitlines()[1:-3]}
    assert set(rows) == set(MODELS)
    assert rows["blazepose-lite"][:5] == ["33", "landmarks", "5.8", "Apache-2.0", "yes"]
    for name, (*_, ap, missed, openvino, mediapipe) in rows.items():
        assert 0.2 < float(ap) < 1 and int(missed) >= 0 and float(openvino) > 0
        assert mediapipe == "–" if name.startswith("movenet") else float(mediapipe) > float(openvino)
    text = posecore("models", env={"POSECORE_CACHE": str(tmp_path / "empty")}).stdout
    assert [line.split()[5] for line in text.splitlines()[1:-3]] == ["no"] * len(MODELS)


def test_fetch_prints_the_path(posecore, lite, demo):
    done = posecore("fetch", "lite", "demo")
    assert (done.stdout, done.stderr) == (f"{lite}\n{demo}\n", "")


@pytest.fixture
def coco_of_the_demo(demo, tmp_path):
    """Two frames of the demo clip as a COCO data set, labelled with what the heavy model finds: AP of heavy is 1."""
    import cv2

    from posecore import VideoReader, open_estimator

    (tmp_path / "images").mkdir()
    images, people = [], []
    with VideoReader(demo) as video, open_estimator(complexity=2, mode="image", max_side=0) as estimator:
        for frame in (frame for frame in video if frame.index in (100, 130)):
            name = f"{frame.index}.png"
            cv2.imwrite(str(tmp_path / "images" / name), frame.image[..., ::-1])
            width, height = frame.size
            images.append({"id": frame.index, "file_name": name, "width": width, "height": height})
            (found,) = estimator(frame.image)
            x0, y0, x1, y1 = map(float, found.box)
            points = [v for (x, y) in found.keypoints.xy.tolist() for v in (x, y, 2)]
            people.append(
                {"id": frame.index, "image_id": frame.index, "category_id": 1, "keypoints": points, "num_keypoints": 17}
                | {"bbox": [x0, y0, x1 - x0, y1 - y0], "area": (x1 - x0) * (y1 - y0) * 0.5, "iscrowd": 0}
            )
    content = {"images": images, "annotations": people, "categories": [{"id": 1, "name": "person"}]}
    (tmp_path / "a.json").write_text(json.dumps(content))
    return tmp_path


@pytest.mark.slow
def test_evaluate_predicts_scores_and_reports(posecore, coco_of_the_demo):
    heavy = posecore("evaluate", "--annotations", "a.json", "--images", "images", "--model-complexity", 2)
    assert heavy.returncode == 0, heavy.stderr
    assert heavy.stdout.startswith("2 poses on 2 images, 0 unreadable")
    assert re.search(r"^AP +Average Precision .* = 1\.000$", heavy.stdout, re.MULTILINE)
    out = coco_of_the_demo / "evaluation"
    assert {path.name for path in out.iterdir()} == {
        "results.json", "results.meta.json", "report.json", "report.html"
    }  # fmt: skip
    report = json.loads((out / "report.json").read_text())
    assert report["run"]["model"]["name"] == "heavy" and report["people"]["right"] == 2
    lite = posecore(
        "evaluate", "--annotations", "a.json", "--images", "images", "--model-complexity", 0, "-o", "lite", "--limit", 1
    )
    assert lite.returncode == 0 and "images    1 scored" in lite.stdout
    assert (out / "report.html").read_text().count("<svg") == 6


def test_evaluate_with_bad_input(posecore, tmp_path):
    arguments = ("evaluate", "--annotations", "absent.json", "--images", ".")
    assert refused(posecore(*arguments), "absent.json: cannot be read", "check the path")
    assert refused(posecore(*arguments, "--protocol", "crop"), "crop: unknown protocol; known are image, box, region")
    assert refused(posecore("evaluate", "--images", "."), "required: --annotations")
    assert not list(tmp_path.iterdir())


def test_a_library_of_the_system_that_is_missing_is_named_with_the_cure(posecore, walk, tmp_path):
    """As in a slim container: OpenCV cannot be loaded."""
    (tmp_path / "stub").mkdir()
    (tmp_path / "stub" / "cv2.py").write_text(
        "raise ImportError('libGL.so.1: cannot open shared object file: No such file or directory')"
    )
    done = posecore("run", walk, "--json", "a.json", env={"PYTHONPATH": str(tmp_path / "stub")})
    assert refused(done, "OpenCV lacks a library of the system (libGL.so.1", "apt-get install libgl1")


def test_a_command_that_the_system_cannot_run_says_so_and_the_others_run(walk, tmp_path):
    """As on Windows, which has no fcntl."""
    code = "import sys; sys.modules['fcntl'] = None; from posecore.cli import main; sys.exit(main(sys.argv[1:]))"
    command = [sys.executable, "-c", code]
    done = subprocess.run([*command, "batch", "--input", "x"], cwd=tmp_path, capture_output=True, text=True)
    assert refused(done, "posecore batch needs Linux or macOS")
    options = ("--json", "a.json", "--model-complexity", "0")
    assert subprocess.run([*command, "run", str(walk), *options], cwd=tmp_path).returncode == 0


def test_an_import_of_our_own_that_is_broken_is_no_fault_of_the_users():
    with pytest.raises(ImportError) as broken:
        from posecore.video import nonsense  # noqa: F401
    assert not is_users(broken.value) and is_users(ImportError("libGL.so.1: missing"))


@pytest.mark.parametrize(("absent", "other"), [("openvino", "mediapipe"), ("mediapipe", "openvino")])
def test_the_engine_that_is_installed_is_used_and_the_other_is_missed_in_one_line(walk, lite, tmp_path, absent, other):
    code = f"import sys; sys.modules[{absent!r}] = None; from posecore.cli import main; sys.exit(main(sys.argv[1:]))"
    command = [sys.executable, "-c", code, "run", str(walk), "--model-complexity", "0", "--json", "a.json"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert read_document(tmp_path / "a.json")[0]["engine"] == other
    done = subprocess.run([*command, "--engine", absent], cwd=tmp_path, capture_output=True, text=True)
    assert refused(done, f"engine {absent}: is not installed; pip install {absent}", f"use --engine {other}")
