"""The scripts of eval/ from outside, as a user runs them."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from people import dataset, person, result
from test_oks import VAL2014_100_PUBLISHED
from waiting import HANGS, running, wait_until

from posecore import models
from posecore.assets import ASSETS
from posecore.coco import KEYPOINT_NAMES
from posecore.evaluation.dataset import read_annotations, read_ids
from posecore.evaluation.oks import STATS
from posecore.options import ENGINES

ROOT = Path(__file__).parent.parent.parent


@pytest.fixture
def script(tmp_path):
    """Run a script of eval/ from another folder, without PYTHONPATH; returns the finished process."""

    def script(name, *arguments):
        return subprocess.run(command(name, *arguments), cwd=tmp_path, capture_output=True, text=True, timeout=HANGS)

    return script


def command(name, *arguments):
    return [sys.executable, str(ROOT / "eval" / name), *map(str, arguments)]


def one_line(process, *words):
    """A failed script says one line and no traceback."""
    assert process.returncode == 2, process.stderr
    assert process.stdout == "" and process.stderr.count("\n") == 1, process.stderr
    for word in words:
        assert str(word) in process.stderr
    return True


@pytest.fixture(scope="module")
def annotations(made_coco):
    return made_coco / "annotations/person_keypoints_val2017.json"


def eight_of(coco, folder):
    """Fill a folder with 8 single-person pictures of a data set, as links, and ids.txt."""
    truth = read_annotations(coco / "annotations/person_keypoints_val2017.json")
    ids = read_ids(coco / "single_person.txt", truth)[:8]
    for image in truth["images"]:
        if image["id"] in ids:
            (folder / image["file_name"]).symlink_to(coco / "val2017" / image["file_name"])
    (folder / "ids.txt").write_text("".join(f"{image_id}\n" for image_id in ids))
    return folder


@pytest.fixture(scope="module")
def eight(made_coco, tmp_path_factory):
    return eight_of(made_coco, tmp_path_factory.mktemp("eight"))


def predict(annotations, images, results="r.json"):
    """The arguments of a run of the lite model."""
    return (
        "--annotations", annotations, "--images", images, "--ids", images / "ids.txt", "--results", results,
        "--model-complexity", 0,
    )  # fmt: skip


@pytest.fixture(scope="module")
def eight_results(annotations, eight, lite, tmp_path_factory):
    """The folder of an undisturbed run on the 8 pictures: r.json, r.meta.json."""
    folder = tmp_path_factory.mktemp("results")
    done = subprocess.run(command("predict_coco.py", *predict(annotations, eight)), cwd=folder, capture_output=True)
    assert done.returncode == 0, done.stderr
    return folder


def load(path):
    return json.loads(Path(path).read_text(encoding="utf-8"))


def test_results_are_in_cocos_format(eight_results, annotations):
    check_results(eight_results / "r.json", annotations, at_least=8)
    assert sorted(p.name for p in eight_results.iterdir()) == ["r.json", "r.meta.json"]


def test_results_of_real_pictures(coco, lite, script, tmp_path):
    """Eight pictures of COCO: most people are found, and some of them rightly."""
    annotations = coco / "annotations/person_keypoints_val2017.json"
    (tmp_path / "images").mkdir()
    images = eight_of(coco, tmp_path / "images")
    done = script("predict_coco.py", *predict(annotations, images))
    assert done.returncode == 0, done.stderr
    check_results(tmp_path / "r.json", annotations, at_least=4)
    done = script("score_oks.py", "--annotations", annotations, "--results", "r.json", "--ids", images / "ids.txt")
    assert 0.05 < float(done.stdout.splitlines()[0].split()[-1]) < 0.8


def check_results(path, annotations, at_least):
    results = load(path)
    assert at_least <= len(results) <= 8
    pictures = {image["id"]: image for image in read_annotations(annotations)["images"]}
    for record in results:
        assert set(record) == {"image_id", "category_id", "keypoints", "score"} and record["category_id"] == 1
        assert len(record["keypoints"]) == 51 and 0 < record["score"] <= 1
        middle = np.median(np.reshape(record["keypoints"], (17, 3)), axis=0)[:2]
        picture = pictures[record["image_id"]]
        assert (middle > 0).all() and (middle < (picture["width"], picture["height"])).all()


def test_the_meta_file_says_what_was_run(eight_results, eight):
    meta = load(eight_results / "r.meta.json")
    assert meta["image_ids"] == [int(line) for line in (eight / "ids.txt").read_text().split()]
    assert meta["model"]["name"] == "lite" and meta["model"]["sha256"] in ASSETS["lite"].sha256
    assert meta["engine"] == "openvino" and meta["versions"]["openvino"] == meta["machine"]["openvino"]
    assert meta["options"] == {
        "protocol": "image", "box_padding": None, "model_complexity": 0, "max_side": 0, "num_poses": 1,
        "search": False, "mirror": False, "coco_correction": False, "instance_score": "rms-visibility", "workers": 1,
    }  # fmt: skip
    assert meta["unreadable"] == {} and meta["resumed_images"] == 0
    assert {"posecore", "opencv-python", "numpy"} <= set(meta["versions"]) and meta["machine"]["cores"] >= 1
    times = meta["milliseconds_per_image"]
    assert 0 < times["median"] <= times["p95"] and times["mean"] > 0
    assert len(meta["annotations"]["sha256"]) == 64


def test_workers_give_the_same_results(annotations, eight, eight_results, script, tmp_path):
    done = script("predict_coco.py", *predict(annotations, eight), "--workers", 3)
    assert done.returncode == 0, done.stderr
    assert load(tmp_path / "r.json") == load(eight_results / "r.json")


@pytest.mark.slow
@pytest.mark.ray
def test_ray_gives_the_same_results(annotations, eight, eight_results, script, tmp_path):
    pytest.importorskip("ray", reason="Ray is not installed: pip install 'posecore[ray]'")
    done = script("predict_coco.py", *predict(annotations, eight), "--ray")
    assert done.returncode == 0, done.stderr
    assert load(tmp_path / "r.json") == load(eight_results / "r.json")


def test_an_interrupted_run_goes_on_where_it_stopped(annotations, eight, eight_results, script, tmp_path):
    """The fifth picture is a pipe that says nothing, so the run waits there until it is interrupted."""
    images = tmp_path / "images"
    images.mkdir()
    for path in eight.iterdir():
        (images / path.name).symlink_to(path.resolve())
    fifth = sorted(images.glob("*.jpg"))[4]
    real = fifth.resolve()
    fifth.unlink()
    os.mkfifo(fifth)
    arguments = predict(annotations, images)
    partial = tmp_path / "r.json.partial.jsonl"
    line = command("predict_coco.py", *arguments)
    with running(line, cwd=tmp_path, stderr=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        wait_until(lambda: partial.exists() and partial.read_text().count("\n") >= 5, "four pictures")
        process.send_signal(signal.SIGINT)
        _, said = process.communicate(timeout=HANGS)
    assert process.returncode == 130 and "goes on where it stopped" in said and "Traceback" not in said
    assert not (tmp_path / "r.json").exists()

    other = script("predict_coco.py", *arguments, "--max-side", 300)
    assert one_line(other, "r.json.partial.jsonl", "options max_side 0, now 300", "delete the file")
    partial.write_text(partial.read_text()[:-20])  # as a power cut leaves it
    fifth.unlink()
    fifth.symlink_to(real)
    again = script("predict_coco.py", *arguments)
    assert again.returncode == 0, again.stderr
    assert load(tmp_path / "r.json") == load(eight_results / "r.json")
    meta, straight = load(tmp_path / "r.meta.json"), load(eight_results / "r.meta.json")
    assert meta["resumed_images"] == 3 and not partial.exists()
    changing = ("milliseconds_per_image", "resumed_images")
    assert {k: v for k, v in meta.items() if k not in changing} == {
        k: v for k, v in straight.items() if k not in changing
    }


def test_unreadable_pictures_are_skipped_and_reported(annotations, eight, eight_results, script, tmp_path):
    images = tmp_path / "images"
    images.mkdir()
    (images / "ids.txt").write_text((eight / "ids.txt").read_text())
    first, second, *others = sorted(eight.glob("*.jpg"))
    for path in others:
        (images / path.name).symlink_to(path.resolve())
    (images / second.name).write_bytes(second.read_bytes()[:5000])
    done = script("predict_coco.py", *predict(annotations, images))
    assert done.returncode == 0, done.stderr
    assert f"{first.name}: cannot be read" in done.stderr and f"{second.name}: not a picture, or cut" in done.stderr
    assert "on 6 images, 2 unreadable" in done.stdout
    meta = load(tmp_path / "r.meta.json")
    assert [int(i) for i in meta["unreadable"]] == [int(path.stem) for path in (first, second)]
    assert meta["image_ids"] == [int(path.stem) for path in others]
    skipped = {int(first.stem), int(second.stem)}
    expected = [record for record in load(eight_results / "r.json") if record["image_id"] not in skipped]
    assert load(tmp_path / "r.json") == expected
    scored = script("score_oks.py", "--annotations", annotations, "--results", "r.json")
    assert "images    6 scored" in scored.stdout


def test_protocol_box_and_limit(annotations, eight, lite, script, tmp_path):
    done = script("predict_coco.py", *predict(annotations, eight), "--protocol", "box", "--limit", 3)
    assert done.returncode == 0, done.stderr
    meta = load(tmp_path / "r.meta.json")
    assert len(meta["image_ids"]) == 3 and meta["options"]["box_padding"] == 0.25
    assert {record["image_id"] for record in load(tmp_path / "r.json")} <= set(meta["image_ids"])


def test_score_prints_the_ten_known_numbers(oks_cases, script):
    oks = oks_cases
    done = script(
        "score_oks.py", "--annotations", oks / "val2014_100_gt.json", "--results", oks / "val2014_100_results.json"
    )
    assert done.returncode == 0 and done.stderr == ""
    lines = done.stdout.splitlines()
    assert [line.split()[0] for line in lines[:10]] == list(STATS)
    assert [float(line.split()[-1]) for line in lines[:10]] == list(VAL2014_100_PUBLISHED)
    for name in (*KEYPOINT_NAMES, "misses", "√area"):
        assert any(line.startswith(name) for line in lines)


def test_score_writes_both_reports(annotations, eight, eight_results, script, tmp_path):
    results = eight_results / "r.json"
    arguments = ("--annotations", annotations, "--results", results, "--ids", eight / "ids.txt")
    done = script("score_oks.py", *arguments, "--report", "o/report.json", "--html", "o/report.html")
    assert done.returncode == 0, done.stderr
    report = load(tmp_path / "o/report.json")
    assert report["run"]["model"]["name"] == "lite" and len(report["image_ids"]) == 8
    assert f"AP    Average Precision @[ OKS=0.50:0.95 | area=   all ] = {report['stats']['AP']:.3f}" in done.stdout
    assert report["people"]["labelled"] == 8 and report["people"]["paired"] == len(load(results))
    page = (tmp_path / "o/report.html").read_text(encoding="utf-8")
    assert "BlazePose lite on COCO keypoints, protocol image" in page and page.count("<svg") == 6


def test_make_ids(made_coco, annotations, script, tmp_path):
    assert script("make_ids.py", "--annotations", annotations, "--ids", "ids.txt").stdout == "8 image ids: ids.txt\n"
    assert (tmp_path / "ids.txt").read_text() == (made_coco / "single_person.txt").read_text()
    assert one_line(script("make_ids.py", "--annotations", "absent.json", "--ids", "ids.txt"), "absent.json", "check")


@pytest.fixture
def small(tmp_path):
    """Files of a data set of one picture, images/, a.json, r.json, and broken ones."""
    (tmp_path / "images").mkdir()
    contents = {
        "a.json": dataset(person()),
        "r.json": [result(person())],
        "other.json": [result(person(image_id=99))],
        "empty.json": [],
        "captions.json": {"images": [{"id": 1}], "annotations": [{"id": 1, "image_id": 1, "caption": "A man."}]},
        "no_images.json": dataset(images=()),
    }
    for name, content in contents.items():
        (tmp_path / name).write_text(json.dumps(content))
    (tmp_path / "malformed.json").write_text('[{"image_id": 1, ')
    (tmp_path / "ids.txt").write_text("1\n7\n")
    (tmp_path / "words.txt").write_text("one\n")
    return tmp_path


@pytest.mark.parametrize(
    ("annotations", "images", "more", "words"),
    [
        ("a.json", "absent", (), ("absent: no such folder", "--images")),
        ("a.json", "images", ("--ids", "ids.txt"), ("ids.txt: 1 of 2 image ids are not in the annotations", "is 7")),
        ("a.json", "images", ("--ids", "words.txt"), ("words.txt: not a list of image ids",)),
        ("a.json", "images", ("--ids", "absent.txt"), ("absent.txt: cannot be read", "check the path")),
        ("a.json", "images", ("--limit", "0"), ("--limit", "at least 1")),
        ("a.json", "images", ("--model-complexity", "3"), ("--model-complexity", "invalid choice")),
        ("a.json", "images", ("--protocol", "box", "--people", "2"), ("--people", "--protocol image")),
        ("a.json", "images", ("--box-padding", "-1"), ("--box-padding", "at least 0")),
        ("malformed.json", "images", (), ("malformed.json: not valid JSON",)),
        ("captions.json", "images", (), ("captions.json: not COCO person keypoint annotations",)),
        ("no_images.json", "images", (), ("no_images.json: holds no images",)),
        ("absent.json", "images", (), ("absent.json: cannot be read",)),
    ],
)
def test_predict_with_bad_input(small, script, annotations, images, more, words):
    arguments = ("--annotations", annotations, "--images", images, "--results", "out.json", *more)
    assert one_line(script("predict_coco.py", *arguments), *words)
    assert not list(small.glob("out*"))


def test_predict_when_no_picture_can_be_read(small, script, lite):
    arguments = ("--annotations", "a.json", "--images", "images", "--results", "out.json", "--model-complexity", 0)
    done = script("predict_coco.py", *arguments)
    assert done.returncode == 2 and "Traceback" not in done.stderr
    assert done.stderr.splitlines()[-1].endswith("images: none of the 1 pictures could be read; check --images")
    assert not list(small.glob("out*"))


@pytest.mark.parametrize("results", ["images", "a.json/r.json"])
def test_predict_into_what_is_no_file(small, script, lite, results):
    done = script("predict_coco.py", "--annotations", "a.json", "--images", "images", "--results", results)
    assert one_line(done, results, "name a file")


@pytest.mark.parametrize(
    ("annotations", "results", "more", "words"),
    [
        ("a.json", "other.json", (), ("other.json: result 0: image 99 is not in the annotations", "another data set")),
        ("a.json", "empty.json", (), ("empty.json: holds no results",)),
        ("a.json", "malformed.json", (), ("malformed.json: not valid JSON",)),
        ("a.json", "a.json", (), ("a.json: not COCO results",)),
        ("a.json", "absent.json", (), ("absent.json: cannot be read",)),
        ("malformed.json", "r.json", (), ("malformed.json: not valid JSON",)),
        ("r.json", "r.json", (), ("r.json: not COCO person keypoint annotations",)),
        ("a.json", "r.json", ("--ids", "ids.txt"), ("ids.txt: 1 of 2 image ids",)),
        ("a.json", "r.json", ("--report", "images"), ("images: is not an ordinary file",)),
    ],
)
def test_score_with_bad_input(small, script, annotations, results, more, words):
    done = script("score_oks.py", "--annotations", annotations, "--results", results, *more)
    assert done.returncode == 2 and done.stderr.count("\n") == 1 and "Traceback" not in done.stderr
    assert all(word in done.stderr for word in words), done.stderr


def test_images_that_were_never_run_are_not_misses(small, script):
    (small / "a.json").write_text(json.dumps(dataset(person(), images=(1, 7))))
    (small / "r.meta.json").write_text(json.dumps({"image_ids": [1]}))
    assert "images    1 scored" in script("score_oks.py", "--annotations", "a.json", "--results", "r.json").stdout
    done = script("score_oks.py", "--annotations", "a.json", "--results", "r.json", "--ids", "ids.txt")
    assert one_line(done, "ids.txt: 1 of 2 images were never run, the first is 7", "r.meta.json")
    for text in ("{}", '{"image_ids": [1], "model": NaN}'):
        (small / "r.meta.json").write_text(text)
        done = script("score_oks.py", "--annotations", "a.json", "--results", "r.json")
        assert one_line(done, "r.meta.json: not the description of a run")


def test_the_table_of_results_is_that_of_the_files():
    """docs/results.md and `posecore models` hold what `make results` wrote."""
    sys.path.insert(0, str(ROOT / "eval"))
    try:
        from results_table import measured, table
    finally:
        sys.path.pop(0)
    assert table(ROOT / "eval/results") in (ROOT / "docs/results.md").read_text(encoding="utf-8")
    assert measured(ROOT / "eval/results") == models.measured()


@pytest.mark.slow
def test_run_all_gives_what_the_scripts_give(annotations, eight, eight_results, script, tmp_path):
    truth = load(annotations)
    ids = {int(line) for line in (eight / "ids.txt").read_text().split()}
    truth["images"] = [image for image in truth["images"] if image["id"] in ids]
    truth["annotations"] = [p for p in truth["annotations"] if p["image_id"] in ids]
    (tmp_path / "a.json").write_text(json.dumps(truth))
    (tmp_path / "t.md").write_text(
        "Before.\n<!-- results: made by eval/run_all.py -->\n<!-- end of results -->\nAfter.\n"
    )
    arguments = ("--annotations", "a.json", "--images", eight, "--out", "results")
    done = script("run_all.py", *arguments, "--text", "t.md")
    assert done.returncode == 0, done.stderr
    # BlazePose by each engine; MoveNet alone; for one and for all people every model with the finder, MoveNet mirrored.
    made = 10 * len(ENGINES) + 2 + 2 * (len(models.MODELS) + 2)
    assert len(list((tmp_path / "results").glob("*.json"))) == made == 36
    scored = script(
        "score_oks.py", "--annotations", annotations, "--results", eight_results / "r.json", "--report", "s"
    )
    assert scored.returncode == 0
    stats = load(tmp_path / "results/mediapipe_lite_image.json")["single_person"]["stats"]
    assert stats == pytest.approx(load(tmp_path / "s")["stats"], abs=1e-5)
    text = (tmp_path / "t.md").read_text()
    assert text.startswith("Before.\n<!--") and text.endswith("-->\nAfter.\n")
    assert f"| mediapipe | lite | the picture | – | {stats['AP']:.3f} | {stats['AP50']:.3f} |" in text
    assert (tmp_path / "results/single_person.txt").read_text() == (eight / "ids.txt").read_text()


@pytest.mark.slow
def test_a_correction_is_fitted(annotations, script, tmp_path):
    """On pictures whose labels are the full model's own keypoints there is little to correct."""
    images = annotations.parent.parent / "val2017"
    done = script("fit_correction.py", "--annotations", annotations, "--images", images, "--out", "c.json")
    assert done.returncode == 0, done.stderr
    head, *rows, _, fitted = done.stdout.splitlines()
    assert [row.split()[0] for row in rows] == [
        f"openvino_{size}_image{end}" for end in ("_search_people-all", "") for size in ("lite", "full", "heavy")
    ]
    assert head.startswith("AP, then corrected") and fitted.endswith("in 10 images: c.json")
    table = load(tmp_path / "c.json")
    assert table["images"] == 10 and 20 < table["poses"] < 60
    assert np.abs(table["constant"]).max() < 0.1 and np.shape(table["weights"]) == (17, 2, 33, 2)


def test_run_all_with_bad_input(annotations, small, script):
    (small / "t.md").write_text("No marks.")
    arguments = ("--annotations", annotations, "--images", "absent")
    assert one_line(script("run_all.py", *arguments, "--text", "t.md"), "t.md: lacks the marks")
    assert one_line(script("run_all.py", *arguments, "--text", "absent.md"), "absent.md")
    assert one_line(script("run_all.py", "--annotations", "no_images.json", "--images", "images"), "no image of one")
