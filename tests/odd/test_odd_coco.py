"""The odd annotation files of odd/coco: every row of its table, for predicting, scoring and both in one command."""

import json
import os
import re
import shutil
import signal
import sys
from pathlib import Path

import pytest
from odd_coco_files import make_odd_coco

from posecore.cli import main

ROOT = Path(__file__).parent.parent.parent
STRINGS = ("string-ids", "number-strings")
CATEGORY = {"category-0": 0, "category-7": 7, "category-string": "1"}
SAME = (
    "plain", *STRINGS, "real-number-ids", "several-categories", "two-kinds-of-keypoints", *CATEGORY, "no-categories",
    "no-size", "no-box", "no-num-keypoints", "no-annotation-ids", "nulls", "null-coordinates", "same-image-twice",
    "folder-in-name", "bom",
)  # fmt: skip
SCORED = (*SAME, "no-file-name")
PREDICTED = (*SAME, "no-area", "no-annotations", "images-alone")
NEVER = {  # neither predicted nor scored
    "image-unknown": ("annotation 13", "image 99"),
    "list": ("no list of images", "person_keypoints_val2017.json"),
    "cut": ("not valid JSON", "write it anew"),
}
NOT_SCORED = NEVER | {
    "no-area": ("annotation 11", "no area"),
    "no-annotations": ("nobody is labelled in the 3 images", "nobody to find"),
    "images-alone": ("no annotations", "scored"),
}
NOT_PREDICTED = NEVER | {"no-file-name": ("image 1 has no file_name", "add it")}


@pytest.fixture(scope="session")
def odd(made, tmp_path_factory) -> Path:
    """Three pictures and what says who is in them: those of POSECORE_DATA, or made ones of the same names."""
    folder = Path(os.environ.get("POSECORE_DATA") or "missing").resolve() / "odd" / "coco"
    if not folder.is_dir():
        folder = tmp_path_factory.mktemp("odd") / "coco"
        folder.mkdir()
        make_odd_coco(made.scenes, folder)
    return folder


@pytest.fixture
def call(tmp_path, monkeypatch, capsys):
    """Call a command in this process, in a folder of its own; its status, output and errors."""
    handlers = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(str(ROOT / "eval"))

    def call(name, *arguments):
        import predict_coco
        import score_oks

        texts = [str(argument) for argument in arguments]
        capsys.readouterr()
        if name == "evaluate":
            status = main(["evaluate", *texts])
        else:
            status = {"predict": predict_coco, "score": score_oks}[name].main(texts)
        return status, *capsys.readouterr()

    yield call
    for number, handler in handlers.items():
        signal.signal(number, handler)
    for name in ("predict_coco", "score_oks", "command"):
        sys.modules.pop(name, None)


def predict(call, annotations, *more, images=None):
    arguments = ("--annotations", annotations, "--images", images or annotations.parent, "--model-complexity", 0)
    return call("predict", *arguments, "--results", "r.json", *more)


def score(call, odd, name, *more):
    own = odd / f"{name}.results.json"
    results = own if own.exists() else odd / "plain.results.json"
    return call("score", "--annotations", odd / f"{name}.json", "--results", results, "--report", "report.json", *more)


def evaluate(call, odd, name):
    return call("evaluate", "--annotations", odd / f"{name}.json", "--images", odd, "--model-complexity", 0, "-o", "o")


def load(path):
    return json.loads(Path(path).read_text(encoding="utf-8"))


def one_line(told, *words):
    """It is refused in a line that names all of this; what was printed before is given back."""
    status, printed, error = told
    assert status == 2 and error.count("\n") == 1 and "Traceback" not in error, error
    for word in words:
        assert word in error
    return printed


def ids_of(odd, name):
    seen = [image["id"] for image in json.loads((odd / f"{name}.json").read_text(encoding="utf-8-sig"))["images"]]
    return list(dict.fromkeys(seen))


@pytest.fixture(scope="session")
def straight(odd, lite, tmp_path_factory):
    """What `posecore evaluate` makes of plain.json: its results and its report."""
    folder = tmp_path_factory.mktemp("plain")
    arguments = ["--annotations", odd / "plain.json", "--images", odd, "--model-complexity", 0, "-o", folder]
    assert main(["evaluate", *map(str, arguments)]) == 0
    return load(folder / "results.json"), load(folder / "report.json")


@pytest.mark.parametrize("name", SCORED)
def test_scores(call, odd, name):
    status, printed, error = score(call, odd, name)
    assert (status, error) == (0, "")
    report = load("report.json")
    assert report["stats"]["AP"] == pytest.approx(0.85149, abs=5e-6) and report["stats"]["AR"] == pytest.approx(0.85)
    assert report["stats"]["AP50"] == pytest.approx(1) == report["stats"]["AP75"]
    assert (report["people"]["labelled"], report["people"]["paired"], report["people"]["missed"]) == (2, 2, 0)
    assert report["images"] == {"run": 3, "with_people": 2, "with_people_without_pose": 0}
    assert sorted(report["image_ids"]) == sorted(ids_of(odd, name))
    assert sum(row["labelled"] for row in report["keypoints"]) == (33 if name == "null-coordinates" else 34)
    assert "= 0.851" in printed and "2 labelled, 2 with a pose" in printed and "images    3 scored" in printed


@pytest.mark.parametrize("name", NOT_SCORED)
def test_is_not_scored(call, odd, name):
    assert one_line(score(call, odd, name), f"{name}.json", *NOT_SCORED[name]) == ""
    assert not Path("report.json").exists()


@pytest.mark.parametrize("name", PREDICTED)
def test_predicts(call, odd, lite, straight, name):
    """The same poses as of plain.json, with the ids and the category of this file."""
    status, printed, error = predict(call, odd / f"{name}.json")
    assert (status, error) == (0, "") and "on 3 images, 0 unreadable" in printed
    assert load("r.meta.json")["image_ids"] == sorted(ids_of(odd, name))
    ids = dict(zip((1, 2, 3), ids_of(odd, name), strict=True))
    category = CATEGORY.get(name, 1)
    assert load("r.json") == [
        pose | {"image_id": ids[pose["image_id"]], "category_id": category} for pose in straight[0]
    ]
    assert all(type(pose["category_id"]) is type(category) for pose in load("r.json"))


@pytest.mark.parametrize("name", NOT_PREDICTED)
def test_is_not_predicted(call, odd, name):
    assert one_line(predict(call, odd / f"{name}.json"), f"{name}.json", *NOT_PREDICTED[name]) == ""
    assert os.listdir() == []


@pytest.mark.parametrize("name", SAME)
def test_evaluates(call, odd, lite, straight, name):
    status, printed, error = evaluate(call, odd, name)
    assert (status, error) == (0, "") and "on 3 images, 0 unreadable" in printed
    report, plain = load("o/report.json"), straight[1]
    assert sorted(report["image_ids"]) == sorted(ids_of(odd, name)) and report["images"] == plain["images"]
    if name != "null-coordinates":
        assert report["stats"] == plain["stats"] and report["people"] == plain["people"]
    assert report["people"]["labelled"] == 2 and report["stats"]["AP"] > 0


@pytest.mark.parametrize("name", {**NOT_SCORED, **NOT_PREDICTED})
def test_is_not_evaluated(call, odd, lite, name):
    """What can be predicted and not scored is predicted, and the poses are kept."""
    words = NOT_PREDICTED.get(name) or NOT_SCORED[name]
    printed = one_line(evaluate(call, odd, name), f"{name}.json", *words)
    assert ("on 3 images" in printed) == Path("o/results.json").exists() == (name in PREDICTED)
    assert not Path("o/report.json").exists()


def test_a_list_of_ids_that_are_text(call, odd, lite):
    assert predict(call, odd / "string-ids.json", "--ids", odd / "string-ids.txt")[0] == 0
    assert load("r.meta.json")["image_ids"] == ["frame_0001", "frame_0003"]
    assert score(call, odd, "string-ids", "--ids", odd / "string-ids.txt")[0] == 0
    assert load("report.json")["image_ids"] == ["frame_0001", "frame_0003"]
    Path("ids.txt").write_text("frame_0001\nframe_0009\n")
    told = predict(call, odd / "string-ids.json", "--ids", "ids.txt")
    one_line(told, "ids.txt: 1 of 2 image ids are not in the annotations, the first is frame_0009")


@pytest.mark.parametrize("name", ["plain", "number-strings", "real-number-ids"])
def test_a_list_of_numbers_fits_whatever_they_are_written_as(call, odd, lite, name):
    Path("ids.txt").write_bytes(b"\xef\xbb\xbf3\r\n1\r\n")
    assert predict(call, odd / f"{name}.json", "--ids", "ids.txt")[0] == 0
    first, _, third = ids_of(odd, name)
    assert load("r.meta.json")["image_ids"] == [first, third]


def test_an_interrupted_run_with_text_ids_goes_on(call, odd, lite):
    assert predict(call, odd / "string-ids.json")[0] == 0
    before = load("r.json")
    shutil.copytree(odd, "images")
    Path("images/mirrored.jpg").unlink()
    assert predict(call, odd / "string-ids.json", images="images")[0] == 0
    assert load("r.meta.json")["unreadable"].keys() == {"frame_0002"}
    assert load("r.json") == [pose for pose in before if pose["image_id"] != "frame_0002"]


@pytest.mark.parametrize("protocol", ["box", "region"])
def test_boxes_are_wanted_where_they_are_looked_at(call, odd, lite, protocol):
    told = predict(call, odd / "no-box.json", "--protocol", protocol)
    one_line(told, "no-box.json: somebody in image 1 has no bbox; use --protocol image")
    assert predict(call, odd / "nulls.json", "--protocol", protocol)[0] == 0
    assert {pose["image_id"] for pose in load("r.json")} == {1, 2}


@pytest.mark.parametrize("name", ["../secret.jpg", "a/../../secret.jpg", "/etc/passwd", "", None, 7])
def test_a_name_cannot_lead_out_of_the_folder(call, odd, name):
    truth = load(odd / "plain.json")
    truth["images"][0]["file_name"] = name
    Path("a.json").write_text(json.dumps(truth))
    one_line(predict(call, Path("a.json"), images=odd), "a.json: image 1 ")


def changed(odd, **fields):
    """plain.json whose first person has other fields."""
    truth = load(odd / "plain.json")
    truth["annotations"][0] |= fields
    return truth


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"keypoints": [0] * 48}, ("annotation 11", "not 51 numbers")),
        ({"keypoints": [[1, 2, 2]] * 17}, ("annotation 11", "not 51 numbers")),
        ({"keypoints": [None, None, 2] * 17}, ("annotation 11", "labelled keypoint without a place")),
        ({"keypoints": [float("nan"), 1, 2] * 17}, ("annotation 11", "not 51 numbers")),
        ({"keypoints": "nose"}, ("annotation 11", "not 51 numbers")),
        ({"bbox": [1, 2, 3]}, ("annotation 11", "bbox")),
        ({"bbox": [1, 2, 3, "4"]}, ("annotation 11", "bbox")),
        ({"area": "large"}, ("annotation 11", "area")),
        ({"area": 10**400}, ()),
        ({"image_id": None}, ("annotation 11", "image None")),
        ({"image_id": [1]}, ()),
    ],
)
def test_broken_people_are_refused(call, odd, fields, words):
    Path("a.json").write_text(json.dumps(changed(odd, **fields)))
    one_line(predict(call, Path("a.json"), images=odd), "a.json: not COCO person keypoint annotations", *words)
    one_line(call("score", "--annotations", "a.json", "--results", odd / "plain.results.json"), "a.json: not COCO")


@pytest.mark.parametrize(
    ("change", "word"),
    [
        ({"images": [{"id": 1, "file_name": "a.jpg"}, {"id": 1, "file_name": "b.jpg"}]}, "image 1 is a.jpg and b.jpg"),
        ({"images": [{"id": 1}, {"id": "1"}]}, "numbers and text"),
        ({"images": [{"id": None}]}, "has the id None"),
        ({"images": [3]}, "not COCO person"),
        ({"images": None}, "no list of images"),
        ({"annotations": {}}, "no annotations"),
        ({"annotations": [3]}, "not COCO person"),
        ({"categories": [{"id": 1, "name": "dog", "keypoints": ["nose"]}]}, "no categories have the 17 keypoints"),
        ({"categories": "person"}, "not COCO person"),
    ],
)
def test_what_is_no_dataset_is_refused(call, odd, change, word):
    Path("a.json").write_text(json.dumps(load(odd / "plain.json") | change))
    told = call("score", "--annotations", "a.json", "--results", odd / "plain.results.json")
    one_line(told, "a.json: not COCO person keypoint annotations", word)


@pytest.mark.parametrize("text", ["[" * 100_000, '{"images": [', "\ufeff", "\x00"])
def test_what_is_no_json_is_refused(call, odd, text):
    Path("a.json").write_text(text, encoding="utf-8")
    told = call("score", "--annotations", "a.json", "--results", odd / "plain.results.json")
    one_line(told, "a.json: not valid JSON", "write it anew")


@pytest.mark.parametrize(
    ("change", "word"),
    [
        ({"image_id": [1]}, "result 0: needs image_id"),
        ({"score": 10**400}, "result 0: needs image_id"),
        ({"category_id": 2}, "result 0: category_id is 2, expected 1"),
        ({"image_id": "1"}, "result 0: image 1 is not in the annotations"),
    ],
)
def test_broken_results_are_refused(call, odd, change, word):
    Path("r.json").write_text(json.dumps([load(odd / "plain.results.json")[0] | change]))
    one_line(call("score", "--annotations", odd / "plain.json", "--results", "r.json"), f"r.json: {word}")


def test_results_of_cocos_own_category_count_where_nothing_else_has_its_number(call, odd):
    arguments = ("--annotations", odd / "category-7.json", "--results", odd / "plain.results.json")
    status, printed, _ = call("score", *arguments)
    assert status == 0 and "= 0.851" in printed


def test_a_description_of_another_run_is_refused(call, odd):
    shutil.copy(odd / "plain.results.json", "r.json")
    for content, word in (({"image_ids": [[1]]}, "not the description"), ({"image_ids": [1, 99]}, "image 99 is not")):
        Path("r.meta.json").write_text(json.dumps(content))
        one_line(call("score", "--annotations", odd / "plain.json", "--results", "r.json"), f"r.meta.json: {word}")
    Path("r.meta.json").write_text(json.dumps({"image_ids": [1], "options": None, "model": []}))
    arguments = ("--annotations", odd / "plain.json", "--results", "r.json", "--html", "r.html")
    assert call("score", *arguments)[0] == 0


@pytest.mark.parametrize("name", ["r.json", "report.json", "report.html", "r.meta.json", "r.json.partial.jsonl"])
def test_a_full_disk_names_the_file(call, odd, lite, monkeypatch, name):
    """Whatever is written last; what was there before stays."""
    write = Path.write_text

    def full(path, *arguments, **options):
        if re.fullmatch(rf"\.{name}\.[0-9a-f-]+\.part", path.name):
            raise OSError(28, "No space left on device")
        return write(path, *arguments, **options)

    shutil.copy(odd / "plain.results.json", "r.json")
    before = {path: Path(path).read_bytes() for path in os.listdir()}
    monkeypatch.setattr(Path, "write_text", full)
    if name.startswith("report"):
        told = call("score", "--annotations", odd / "plain.json", "--results", "r.json", "--report", "report.json",
                    "--html", "report.html")  # fmt: skip
    else:
        told = predict(call, odd / "plain.json")
    one_line(told, f"{name}: cannot be written (No space left on device); choose another place or make room")
    assert not list(Path().glob(".*.part"))
    if name in before:
        assert Path(name).read_bytes() == before[name]


def test_annotations_on_a_pipe_are_refused(call, odd):
    os.mkfifo("a.json")
    one_line(predict(call, Path("a.json"), images=odd), "a.json: is a pipe or a device")
