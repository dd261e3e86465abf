"""OKS and average precision: the known answers, and every trap of pycocotools closed."""

import copy
import json
import subprocess
import sys

import numpy as np
import pytest

from posecore.coco import OKS_SIGMAS
from posecore.oks import STATS, evaluate, oks, oks_matrix
from posecore.pairs import keypoint_oks, offsets, pair, pck, torso
from posecore.report import make_report

VAL2014_100 = (
    0.3721605920962963, 0.6363211676183651, 0.34809411054389316, 0.38376909707884893, 0.3861842165646891,
    0.514388489208633, 0.7338129496402878, 0.5035971223021583, 0.5081081081081081, 0.5215384615384615,
)  # fmt: skip
VAL2014_100_PUBLISHED = (0.372, 0.636, 0.348, 0.384, 0.386, 0.514, 0.734, 0.504, 0.508, 0.522)
ONE_IMAGE = (
    0.5048844884488449, 0.7227722772277227, 0.6336633663366337, 0.46633663366336636, 0.7504950495049505,
    0.5181818, 0.7272727, 0.6363636, 0.4666667, 0.75,
)  # fmt: skip


def read(folder, name):
    return json.loads((folder / "oks" / name).read_text())


def person(image_id=1, x=100.0, y=100.0, size=100.0, v=2, **more):
    """Someone whose 17 keypoints lie on a diagonal in a square box."""
    steps = np.linspace(0, size, 17)
    keypoints = np.column_stack([x + steps, y + steps, np.full(17, v)]).ravel().tolist()
    return {
        "id": 1, "image_id": image_id, "category_id": 1, "bbox": [x, y, size, size], "area": size**2,
        "keypoints": keypoints, "num_keypoints": 17 if v else 0, "iscrowd": 0,
    } | more  # fmt: skip


def dataset(*people, images=(1,)):
    return {
        "images": [
            {"id": image_id, "file_name": f"{image_id}.jpg", "width": 640, "height": 480} for image_id in images
        ],
        "annotations": list(people),
        "categories": [{"id": 1, "name": "person"}],
    }


def result(of, score=0.9, shift=0.0, **more):
    """A pose that is someone's labels, moved to the right."""
    points = np.array(of["keypoints"], float).reshape(17, 3) + np.array([shift, 0, 0])
    return {
        "image_id": of["image_id"], "category_id": 1, "keypoints": points.ravel().tolist(), "score": score
    } | more  # fmt: skip


@pytest.mark.parametrize(("number", "name"), enumerate(STATS))
def test_known_answers(data, number, name):
    hundred = evaluate(read(data, "val2014_100_gt.json"), read(data, "val2014_100_results.json")).stats
    assert hundred[name] == pytest.approx(VAL2014_100_PUBLISHED[number], abs=5e-4)
    assert hundred[name] == pytest.approx(VAL2014_100[number], abs=1e-9)  # pycocotools 2.0.11 itself
    one = evaluate(read(data, "one_image_gt.json"), read(data, "one_image_results.json")).stats
    assert one[name] == pytest.approx(ONE_IMAGE[number], abs=1e-9 if number < 5 or number == 9 else 5e-8)


def test_sixty_single_values(data):
    branches = set()
    for case in read(data, "per_instance_oks.json"):
        truth = np.reshape(case["ground_truth"]["keypoints"], (17, 3))
        pose = np.reshape(case["prediction"]["keypoints"], (17, 3))[:, :2]
        value = oks(pose, truth, case["ground_truth"]["area"], case["ground_truth"]["bbox"])
        assert value == pytest.approx(case["oks"], abs=1e-9)
        branches.add(bool((truth[:, 2] > 0).any()))
    assert branches == {True, False}


def test_the_formula():
    """One labelled keypoint, 2σ·√area off: e^−½."""
    truth = np.zeros((17, 3))
    truth[9] = 50, 60, 1
    pose = np.full((17, 2), 1e4)  # what is not labelled has no say
    pose[9] = 50 + 2 * OKS_SIGMAS[9] * 80, 60
    assert oks(pose, truth, 80**2) == pytest.approx(np.exp(-0.5), abs=1e-12)


def test_wrong_shapes_and_a_missing_box():
    with pytest.raises(ValueError, match=r"got \(17, 3\) and \(17, 3\)"):
        oks(np.zeros((17, 3)), np.zeros((17, 3)), 1.0)
    with pytest.raises(ValueError, match="give the person's bbox"):
        oks(np.zeros((17, 2)), np.zeros((17, 3)), 1.0)


def test_matrix_of_nobody():
    assert oks_matrix([], [person()]).shape == (0, 1)
    assert oks_matrix([np.zeros((17, 2))], []).shape == (1, 0)


def test_no_results_are_all_missed():
    """`loadRes([])` raises IndexError."""
    stats = evaluate(dataset(person()), []).stats
    assert stats["AP"] == stats["AR"] == stats["AP_L"] == 0


def test_minus_one_where_there_is_nobody_to_find():
    stats = evaluate(dataset(person(size=50)), [result(person(size=50))]).stats
    assert stats["AP"] == stats["AP_M"] == pytest.approx(1)
    assert stats["AP_L"] == stats["AR_L"] == -1
    assert evaluate(dataset(), []).stats["AP"] == -1


def test_arguments_are_not_changed():
    """`loadRes` and `evaluate` write into what they are given."""
    truth, found = dataset(person()), [result(person())]
    before = copy.deepcopy((truth, found))
    evaluate(truth, found)
    assert (truth, found) == before


def test_a_box_in_a_result_has_no_say(data):
    """With a bbox pycocotools takes another area, and with it AP by size changes."""
    truth, found = read(data, "one_image_gt.json"), read(data, "one_image_results.json")
    assert "bbox" in found[0]
    without = [{name: value for name, value in r.items() if name != "bbox"} for r in found]
    tiny = [r | {"bbox": [0, 0, 1, 1], "area": 1, "segmentation": [[0, 0, 1, 0, 1, 1]]} for r in found]
    assert evaluate(truth, found).stats == evaluate(truth, without).stats == evaluate(truth, tiny).stats


def test_only_the_images_that_were_run_count_misses_included():
    """`imgIds` is every image of the annotations unless it is set."""
    people = [person(image_id) for image_id in (1, 2, 3)]
    truth = dataset(*people, images=(1, 2, 3))
    assert evaluate(truth, [result(people[0])], [1]).stats["AR"] == pytest.approx(1)
    assert evaluate(truth, [result(people[0])], [1, 2]).stats["AR"] == pytest.approx(1 / 2)
    assert evaluate(truth, [result(people[0])]).stats["AR"] == pytest.approx(1 / 3)
    assert evaluate(truth, [result(people[0]), result(people[1])], [1]).stats["AR"] == pytest.approx(1)


def test_predicted_visibility_has_no_say():
    someone = person()
    hidden = result(someone)
    hidden["keypoints"][2::3] = [0.0] * 17
    assert evaluate(dataset(someone), [hidden]).stats == evaluate(dataset(someone), [result(someone)]).stats


@pytest.mark.parametrize("number", [0, 7])
def test_annotation_ids_have_no_say(number):
    """pycocotools takes a match with annotation id 0 for none."""
    assert evaluate(dataset(person(id=number)), [result(person())]).stats["AP"] == pytest.approx(1)


def test_annotations_without_counts_and_crowd_flags():
    plain = {name: value for name, value in person().items() if name not in ("num_keypoints", "iscrowd")}
    assert evaluate(dataset(plain), [result(plain)]).stats["AP"] == pytest.approx(1)


def test_crowds_and_people_without_labels_do_not_count():
    crowd, unlabelled = person(iscrowd=1), person(v=0)
    for ignored in (crowd, unlabelled):
        assert evaluate(dataset(ignored), [result(ignored)]).stats["AP"] == -1
        pairs = pair(dataset(ignored), [result(ignored)], [1])
        assert len(pairs.oks) == len(pairs.pose_score) == 0


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"image_id": 9}, "image 9 is not in the annotations"),
        ({"category_id": 2}, "category_id is 2"),
        ({"keypoints": [1.0] * 50}, "51 finite numbers"),
        ({"keypoints": [float("nan")] * 51}, "51 finite numbers"),
        ({"score": None}, "finite score"),
        ({"score": "high"}, "needs image_id"),
    ],
)
def test_broken_results(change, message):
    with pytest.raises(ValueError, match=message):
        evaluate(dataset(person()), [result(person()) | change])


def test_unknown_image_ids():
    with pytest.raises(ValueError, match="1 image ids are not in the annotations, the first is 5"):
        evaluate(dataset(person()), [], [1, 5])


def test_keypoint_oks_is_the_oks_in_parts(data):
    truth = read(data, "one_image_gt.json")
    pairs = pair(truth, read(data, "one_image_results.json"), [image["id"] for image in truth["images"]])
    assert len(pairs.oks) == 11 and pairs.paired.all()
    assert np.nanmean(keypoint_oks(pairs), axis=1) == pytest.approx(pairs.oks, abs=1e-12)


def test_pairs_take_the_best_and_leave_the_missed():
    near, far, nobody = person(x=0), person(x=300), person(image_id=2)
    truth = dataset(near, far, nobody, images=(1, 2))
    pairs = pair(truth, [result(far, 0.2), result(near, 0.9, shift=5), result(near, 0.8, shift=60)], [1, 2])
    assert pairs.paired.tolist() == [True, True, False]
    assert pairs.oks[1] == pytest.approx(1) and 0.5 < pairs.oks[0] < 1 and pairs.oks[2] == 0
    assert sorted(zip(pairs.pose_score, pairs.pose_oks > 0, strict=True)) == [(0.2, True), (0.8, False), (0.9, True)]
    assert np.nanmedian(offsets(pairs)[0], axis=0) == pytest.approx([0.05, 0])
    assert (keypoint_oks(pairs)[2] == 0).all()


def test_pck_and_torso():
    someone = person()
    pairs = pair(dataset(someone), [result(someone, shift=8)], [1])
    steps = np.linspace(0, 100, 17)
    length = np.sqrt(2) * (steps[[11, 12]].mean() - steps[[5, 6]].mean())
    assert torso(pairs)[0] == pytest.approx(length)
    assert (pck(pairs, 0.2, torso(pairs)) == 1).all() and (pck(pairs, 0.1, torso(pairs)) == 0).all()
    assert np.isnan(pck(pairs, 0.2, np.array([np.nan]))).all()


def test_report_of_a_miss_and_a_hit():
    people = [person(1), person(2)]
    numbers = make_report(dataset(*people, images=(1, 2)), [result(people[0])]).numbers
    assert numbers["people"] == {
        "labelled": 2, "paired": 1, "right": 1, "missed": 1, "mean_oks": pytest.approx(0.5), "poses": 1
    }  # fmt: skip
    assert numbers["images"] == {"run": 2, "with_people": 2, "with_people_without_pose": 1}
    assert numbers["keypoints"][0]["oks"] == {"paired": 1.0, "all": 0.5}
    assert [size["people"] for size in numbers["sizes"]] == [0, 2, 0, 0]
    json.dumps(numbers, allow_nan=False)


def test_pycocotools_is_imported_when_it_is_used():
    code = (
        "import sys, posecore, posecore.oks, posecore.dataset, posecore.report; "
        "sys.exit(any(name in sys.modules for name in ('pycocotools', 'matplotlib')))"
    )
    assert subprocess.run([sys.executable, "-c", code]).returncode == 0
