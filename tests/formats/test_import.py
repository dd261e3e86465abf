"""Other programs' files as documents: the round trip of every format, what is recognised, what is refused."""

import json
import os

import jsonschema
import numpy as np
import pytest
from documents import FPS, META, NOBODYS, ONE, SCHEMA, SEVERAL, SIZE, even, write_people

from posecore.assets.pack import stored_zip
from posecore.cli import main
from posecore.coco import KEYPOINT_NAMES
from posecore.formats import VideoFacts, export_document, import_document, read_document, readable

UNEVEN = [0, 33, 67, 140, 167, 200, 233, 267, 300, 333]
KNOWN = VideoFacts(SIZE, FPS, even(10), "a.mp4")
# What comes back besides ids and keypoints.
TIMED = {"csv", "parquet", "npz", "coco-dataset"}
SCORED = {"coco", "coco-dataset", "npz", "slp"}
BOXED = {"coco-dataset", "npz"}
COMPLETE = {"coco-dataset", "npz"}  # size, rate and the number of frames too


def same(before, after, name):
    """Whether two frames have the same people, in whatever order."""
    assert (before.index, before.timestamp_ms, len(before.persons)) == (
        after.index,
        after.timestamp_ms,
        len(after.persons),
    )
    found = {person.track_id: person for person in after.persons}
    for person in before.persons:
        other = found[person.track_id]
        np.testing.assert_array_equal(other.keypoints.xy, person.keypoints.xy)
        np.testing.assert_array_equal(other.keypoints.score, person.keypoints.score)
        if name in SCORED:
            assert other.score == pytest.approx(person.score, abs=1e-4)
        if name in BOXED:
            np.testing.assert_allclose(other.box, person.box, atol=0.011)


def there_and_back(tmp_path, document, name, video):
    export_document(document, name, tmp_path / "out")
    import_document(tmp_path / "out", tmp_path / "back.json", video=video)  # recognised
    jsonschema.validate(json.loads((tmp_path / "back.json").read_text()), SCHEMA)
    return read_document(tmp_path / "back.json")


@pytest.mark.parametrize(
    ("name", "ids"),
    [
        pytest.param(name, ids, id=f"{name}-{which}")
        for name in readable()
        for which, ids in {"several": SEVERAL, "one": ONE, "nobody's": NOBODYS}.items()
        if name != "dlc" or ids is NOBODYS  # it holds one person, and no id
    ],
)
def test_round_trip(tmp_path, name, ids):
    if name == "slp":
        pytest.importorskip("sleap_io")
    count = len(ids)
    document = write_people(tmp_path / "in.json", ids)
    video = VideoFacts() if name in COMPLETE else VideoFacts(SIZE, FPS, even(count), "a.mp4")
    meta, frames = there_and_back(tmp_path, document, name, video)
    expected = read_document(document)[1]
    assert len(frames) == meta["frame_count"] == count
    for before, after in zip(expected, frames, strict=True):
        same(before, after, name)
    assert (meta["fps"], meta["width"], meta["height"], meta["source"]) == (FPS, *SIZE, "a.mp4")
    assert meta["imported_from"] == {"openpose-17": "openpose"}.get(name, name)


@pytest.mark.parametrize("name", sorted(TIMED))
def test_true_times_come_back(tmp_path, name):
    document = write_people(tmp_path / "in.json", SEVERAL, UNEVEN)
    _, frames = there_and_back(tmp_path, document, name, VideoFacts() if name in COMPLETE else VideoFacts(SIZE))
    times = [frame.timestamp_ms for frame in frames]
    first = 0 if name in COMPLETE else 1  # a long table has no row of a frame in which nobody is
    assert times[first:9] == [*UNEVEN[first:5], pytest.approx(200, abs=1), *UNEVEN[6:9]]
    assert times == sorted(times)


@pytest.mark.parametrize("name", ["dlc-multi", "npz", "slp"])
def test_names_of_people_come_back(tmp_path, name):
    if name == "slp":
        pytest.importorskip("sleap_io")
    document = write_people(tmp_path / "in.json", SEVERAL, track_names={"7": "Anna"})
    meta, frames = there_and_back(tmp_path, document, name, KNOWN)
    (anna,) = meta["track_names"]
    assert meta["track_names"] == {anna: "Anna"}
    before = [frame.index for frame in read_document(document)[1] for one in frame.persons if one.track_id == 7]
    assert [frame.index for frame in frames for one in frame.persons if one.track_id == int(anna)] == before
    assert anna == "7" or name != "npz"


# Files of other programs, as they write them.


def run(*words):
    try:
        return main(["import", *map(str, words)])
    except SystemExit as stop:
        return stop.code


def body_25(seed):
    """OpenPose's default model: 25 points, of which the last six are feet."""
    rng = np.random.default_rng(seed)
    points = np.round(np.c_[rng.uniform(0, 500, (25, 2)), rng.uniform(0.2, 1, 25)], 3)
    points[4] = 0  # right wrist
    return points


def test_openposes_own_folder(tmp_path):
    """Its default model has 25 points, its person_id is -1, and a frame may be missing."""
    folder = tmp_path / "walk"
    folder.mkdir()
    for number in (0, 1, 3):
        people = [
            {"person_id": [-1], "pose_keypoints_2d": body_25(10 * number + n).ravel().tolist()} for n in range(number)
        ]
        text = json.dumps({"version": 1.3, "people": people})
        (folder / f"walk_{number:012d}_keypoints.json").write_text(text)
    assert run(folder, "-o", tmp_path / "out.json", "--size", "640x480", "--fps", "25") == 0
    meta, frames = read_document(tmp_path / "out.json")
    jsonschema.validate(json.loads((tmp_path / "out.json").read_text()), SCHEMA)
    assert [len(frame.persons) for frame in frames] == [0, 1, 0, 3]
    assert [frame.timestamp_ms for frame in frames] == [0, 40, 80, 120]
    assert (meta["width"], meta["height"], meta["fps"], meta["source"]) == (640, 480, 25, "walk")
    points, found = body_25(10), frames[1].persons[0].keypoints
    for name, place in (("nose", 0), ("left_wrist", 7), ("left_hip", 12), ("right_ankle", 11), ("left_ear", 18)):
        number = KEYPOINT_NAMES.index(name)
        np.testing.assert_allclose([*found.xy[number], found.score[number]], points[place], atol=0.006)
    wrist = KEYPOINT_NAMES.index("right_wrist")
    assert not found.xy[wrist].any() and found.score[wrist] == 0
    assert frames[1].persons[0].box[0] > 0  # what was not found does not count
    assert all(person.track_id is None for frame in frames for person in frame.persons)


def test_coco_results_with_the_list_of_pictures(tmp_path):
    """Ids of pictures are no numbers of frames; the order of the list is that of the frames."""
    values = [round(float(v), 2) for v in np.random.default_rng(0).uniform(1, 99, 51)]
    values[2::3] = [0.5] * 17
    results = [{"image_id": image, "category_id": 1, "keypoints": values, "score": 2.5} for image in (139, 785000)]
    images = [{"id": n, "file_name": f"{n}.jpg", "width": 64, "height": 48} for n in (785000, 5, 139)]
    (tmp_path / "results.json").write_text(json.dumps(results))
    (tmp_path / "images.json").write_text(json.dumps({"images": images, "annotations": [], "categories": []}))
    arguments = [tmp_path / "results.json", "-o", tmp_path / "out.json", "--fps", "10"]
    assert run(*arguments, "--images", tmp_path / "images.json") == 0
    meta, frames = read_document(tmp_path / "out.json")
    assert [len(frame.persons) for frame in frames] == [1, 0, 1] and (meta["width"], meta["height"]) == (64, 48)
    assert frames[0].persons[0].score == 1  # at most
    np.testing.assert_allclose(frames[2].persons[0].keypoints.xy, np.reshape(values, (17, 3))[:, :2], atol=0.006)


def test_ids_of_pictures_ask_for_their_list(tmp_path, capsys):
    (tmp_path / "a.json").write_text(json.dumps([{"image_id": 785000, "keypoints": [1] * 51, "score": 1}]))
    assert run(tmp_path / "a.json", "-o", tmp_path / "out.json", "--size", "64x48", "--fps", "10") == 2
    assert "image_id 785000 is no number of a frame; name the list of pictures with --images" in capsys.readouterr().err


def test_coco_labels_as_people_draw_them(tmp_path, coco):
    """The annotations of val2017: flags for scores, crowds, people without keypoints. One picture is the video."""
    document = json.loads((coco / "annotations/person_keypoints_val2017.json").read_text())
    one = next(r["image_id"] for r in document["annotations"] if 0 < r["num_keypoints"] < 17)
    document["images"] = [image for image in document["images"] if image["id"] == one]
    document["annotations"] = [record for record in document["annotations"] if record["image_id"] == one]
    (tmp_path / "a.json").write_text(json.dumps(document))
    assert run(tmp_path / "a.json", "-o", tmp_path / "out.json", "--fps", "1") == 0
    _, (frame,) = read_document(tmp_path / "out.json")
    for person, record in zip(frame.persons, document["annotations"], strict=True):
        flags = np.reshape(record["keypoints"], (17, 3))[:, 2]
        np.testing.assert_array_equal(person.keypoints.score, flags > 0)
        x, y, width, height = record["bbox"]
        np.testing.assert_allclose(person.box, [x, y, x + width, y + height], atol=0.01)


def test_a_table_that_somebody_has_made(tmp_path):
    """Columns in another order, no time, no score, the mark that Excel puts before UTF-8."""
    text = "\ufeffkeypoint,frame,y,x\r\nnose,1,20,10.5\r\nnose,0,21,11\r\nleft_knee,1,,\r\n"
    (tmp_path / "a.csv").write_text(text, encoding="utf-8", newline="")
    assert run(tmp_path / "a.csv", "-o", tmp_path / "out.json", "--size", "64x48", "--fps", "10") == 0
    _, frames = read_document(tmp_path / "out.json")
    assert [frame.persons[0].keypoints.xy[0].tolist() for frame in frames] == [[11, 21], [10.5, 20]]
    assert [frame.persons[0].keypoints.score.sum() for frame in frames] == [1, 1]


def test_deeplabcuts_own_file(tmp_path):
    """Parts that COCO has not, and paths of pictures as an index."""
    text = (
        "scorer,net,net,net,net,net,net\nbodyparts,nose,nose,nose,tail,tail,tail\n"
        "coords,x,y,likelihood,x,y,likelihood\nlabeled-data/a/img1.png,1,2,0.9,3,4,0.8\nlabeled-data/a/img2.png,,,,3,4,0.8\n"
    )
    (tmp_path / "a.csv").write_text(text)
    assert run(tmp_path / "a.csv", "-o", tmp_path / "out.json", "--size", "64x48", "--fps", "10") == 0
    _, frames = read_document(tmp_path / "out.json")
    assert [len(frame.persons) for frame in frames] == [1, 0]
    (tmp_path / "b.csv").write_text(text.replace("nose", "snout"))
    assert run(tmp_path / "b.csv", "-o", tmp_path / "b.json", "--size", "64x48", "--fps", "10") == 2


# A video says what is missing.


def test_a_video_gives_size_times_and_the_number_of_frames(tmp_path, tiny_video):
    document = write_people(tmp_path / "in.json", [(1,), (), (1,), ()])
    export_document(document, "csv", tmp_path / "a.csv")
    assert run(tmp_path / "a.csv", "-o", tmp_path / "out.json", "--video", tiny_video) == 0
    meta, frames = read_document(tmp_path / "out.json")
    assert (meta["width"], meta["height"], meta["fps"], meta["source"]) == (64, 48, 25, "tiny.mp4")
    assert [frame.timestamp_ms for frame in frames] == [40 * number for number in range(10)]
    assert [len(frame.persons) for frame in frames] == [1, 0, 1, *[0] * 7]
    assert run(tmp_path / "a.csv", "-o", tmp_path / "out.json", "--video", tiny_video, "--fps", 25) == 2


def test_a_video_of_something_else_is_refused(tmp_path, tiny_video, capsys):
    export_document(write_people(tmp_path / "in.json", [(1,)] * 12), "csv", tmp_path / "a.csv")
    assert run(tmp_path / "a.csv", "-o", tmp_path / "out.json", "--video", tiny_video) == 2
    error = capsys.readouterr().err
    assert error.count("\n") == 1 and "it has a frame 10, and the video has 10 frames" in error
    assert sorted(os.listdir(tmp_path)) == ["a.csv", "in.json"]


# What is refused.


@pytest.fixture
def odd(tmp_path):
    """Files that are something else, by name."""
    write_people(tmp_path / "document.json", ONE)
    (tmp_path / "text.txt").write_text("once upon a time\n")
    (tmp_path / "empty").touch()
    (tmp_path / "table.csv").write_text("frame,keypoint,x,y\n0,nose,1,2\n")
    (tmp_path / "half.json").write_text('[{"image_id": 0, "keypoints": [1, 2')
    (tmp_path / "elbow.csv").write_text("frame,keypoint,x,y\n0,funny_bone,1,2\n")
    (tmp_path / "twice.csv").write_text("frame,track,keypoint,x,y\n0,1,nose,1,2\n0,1,nose,1,2\n")
    (tmp_path / "word.csv").write_text("frame,keypoint,x,y\n0,nose,one,2\n")
    (tmp_path / "damaged.slp").write_bytes(b"\x89HDF\r\n\x1a\n" + b"nonsense" * 9)
    (tmp_path / "damaged.npz").write_bytes(b"PK\x03\x04" + b"nonsense" * 9)
    (tmp_path / "damaged.parquet").write_bytes(b"PAR1" + b"nonsense" * 9)
    (tmp_path / "head.csv").write_text("scorer,a\nbodyparts,nose\n")
    (tmp_path / "folder").mkdir()
    (tmp_path / "two").mkdir()
    for name in ("a_1_keypoints.json", "b_1_keypoints.json"):
        (tmp_path / "two" / name).write_text('{"people": []}')
    (tmp_path / "points").mkdir()
    (tmp_path / "points" / "a_1_keypoints.json").write_text('{"people": [{"pose_keypoints_2d": [1, 2, 3]}]}')
    return tmp_path


SIZED = ["--size", "64x48", "--fps", "10"]


@pytest.mark.parametrize(
    ("name", "options", "message"),
    [
        ("document.json", SIZED, "document.json: is a document of posecore already"),
        ("text.txt", SIZED, "text.txt: is in no format that is recognised; name it with --from: coco"),
        ("empty", SIZED, "empty: is in no format that is recognised"),
        ("folder", SIZED, "folder: is in no format that is recognised"),
        ("folder", ["--from", "openpose", *SIZED], "no name in it ends on the number of a frame"),
        ("missing", SIZED, "missing: No such file or directory; check the path"),
        ("missing", ["--from", "csv", *SIZED], "missing: No such file or directory; check the path"),
        (
            "table.csv",
            [],
            "csv does not say the size of the picture and frames per second; name its video with --video",
        ),
        ("table.csv", ["--size", "64x48"], "csv does not say frames per second"),
        ("table.csv", ["--size", "64"], "width and height in pixels are wanted, such as 1280x720"),
        ("table.csv", ["--from", "cvs", *SIZED], "cvs: unknown format that can be imported; did you mean csv?"),
        ("table.csv", ["--from", "mot", *SIZED], "mot: unknown format that can be imported"),
        ("table.csv", ["--from", "dlc", *SIZED], "table.csv: cannot be read as dlc"),
        ("table.csv", ["--from", "coco", *SIZED], "table.csv: cannot be read as coco"),
        ("table.csv", ["--images", "x", *SIZED], "--images goes with coco, not with csv"),
        ("half.json", SIZED, "half.json: cannot be read as coco"),
        ("elbow.csv", SIZED, "elbow.csv: cannot be read as csv (KeyError('funny_bone'))"),
        ("twice.csv", SIZED, "frame 0 has nose of track 1 twice"),
        ("word.csv", SIZED, "could not convert string to float: 'one'"),
        ("damaged.slp", SIZED, "damaged.slp: cannot be read as slp"),
        ("damaged.npz", SIZED, "damaged.npz: cannot be read as npz"),
        ("damaged.parquet", SIZED, "damaged.parquet: cannot be read as parquet"),
        ("head.csv", SIZED, "head.csv: cannot be read as dlc"),
        ("two", SIZED, "b_1_keypoints.json and a_1_keypoints.json are of the same frame"),
        ("points", SIZED, "a_1_keypoints.json: ValueError('a person has 1 points; 17, 18 and 25 are known')"),
    ],
)
def test_bad_input_is_one_line(odd, capsys, name, options, message):
    (odd / "out.json").write_text("old")
    before = sorted(os.listdir(odd))
    assert run(odd / name, "-o", odd / "out.json", *options) == 2
    out, error = capsys.readouterr()
    assert out == "" and error.count("\n") == 1 and message in error
    assert sorted(os.listdir(odd)) == before and (odd / "out.json").read_text() == "old"


def test_what_is_read_is_not_written(odd, capsys):
    assert run(odd / "table.csv", "-o", odd / "table.csv", *SIZED) == 2
    assert "table.csv: is an input too; name another file" in capsys.readouterr().err


def test_from_wins_over_the_content(tmp_path):
    """Results that begin as another file would."""
    export_document(write_people(tmp_path / "in.json", ONE), "coco", tmp_path / "a.csv")
    arguments = [tmp_path / "a.csv", "-o", tmp_path / "out.json", "--size", "1080x1920", "--fps", "30"]
    assert run(*arguments, "--from", "coco") == 0 and run(*arguments) == 0
    assert run(*arguments, "--from", "csv") == 2
    assert read_document(tmp_path / "out.json")[0]["width"] == META["width"]


@pytest.mark.parametrize(
    ("kind", "damage"),
    [
        ("npz", lambda content: content[:400] + bytes(60) + content[460:]),  # amid a compressed array
        ("npz", lambda content: stored_zip({"a.npy": b"\x93NUMPY\1\0\50\0" + b"{'shape': (".ljust(40)})),  # no end
        ("slp", lambda content: content.replace(b"HEAP", b"PAEH")),  # where HDF5 has its names
    ],
)
def test_damage_further_on_is_one_line_too(tmp_path, capsys, kind, damage):
    if kind == "slp":
        pytest.importorskip("sleap_io")
    export_document(write_people(tmp_path / "in.json", SEVERAL), kind, tmp_path / "a")
    (tmp_path / "a").write_bytes(damage((tmp_path / "a").read_bytes()))
    assert run(tmp_path / "a", "-o", tmp_path / "out.json", *SIZED) == 2
    error = capsys.readouterr().err
    assert error.count("\n") == 1 and f"a: cannot be read as {kind}" in error


def test_numbers_that_are_too_large_are_not_found(tmp_path, capfd):
    points = [1e300, 5, 0.9] * 17 + [1, 2, 0.9]
    (tmp_path / "a_0_keypoints.json").write_text(json.dumps({"people": [{"pose_keypoints_2d": points}]}))
    assert run(tmp_path / "a_0_keypoints.json", "-o", tmp_path / "out.json", *SIZED) == 0
    assert capfd.readouterr().err == "" and len(read_document(tmp_path / "out.json")[1]) == 1
