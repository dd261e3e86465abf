"""OKS and average precision: the known answers, and every trap of pycocotools closed."""

import copy
import subprocess
import sys

import numpy as np
import pytest
from people import crowd, dataset, person, read, result

from posecore.coco import OKS_SIGMAS
from posecore.evaluation.oks import STATS, evaluate, oks, oks_matrix

VAL2014_100 = (
    0.3721605920962963, 0.6363211676183651, 0.34809411054389316, 0.38376909707884893, 0.3861842165646891,
    0.514388489208633, 0.7338129496402878, 0.5035971223021583, 0.5081081081081081, 0.5215384615384615,
)  # fmt: skip
VAL2014_100_PUBLISHED = (0.372, 0.636, 0.348, 0.384, 0.386, 0.514, 0.734, 0.504, 0.508, 0.522)
ONE_IMAGE = (
    0.5048844884488449, 0.7227722772277227, 0.6336633663366337, 0.46633663366336636, 0.7504950495049505,
    0.5181818, 0.7272727, 0.6363636, 0.4666667, 0.75,
)  # fmt: skip


@pytest.mark.parametrize(("number", "name"), list(enumerate(STATS)))
def test_known_answers(oks_cases, number, name):
    hundred = evaluate(read(oks_cases, "val2014_100_gt.json"), read(oks_cases, "val2014_100_results.json")).stats
    assert hundred[name] == pytest.approx(VAL2014_100_PUBLISHED[number], abs=5e-4)
    assert hundred[name] == pytest.approx(VAL2014_100[number], abs=1e-9)  # pycocotools 2.0.11 itself
    one = evaluate(read(oks_cases, "one_image_gt.json"), read(oks_cases, "one_image_results.json")).stats
    assert one[name] == pytest.approx(ONE_IMAGE[number], abs=1e-9 if number < 5 or number == 9 else 5e-8)


def test_sixty_single_values(oks_cases):
    branches = set()
    for case in read(oks_cases, "per_instance_oks.json"):
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


def test_a_box_in_a_result_has_no_say():
    """With a bbox pycocotools takes a pose's size from it: a large stray pose becomes medium, and AP_M halves."""
    someone = person(size=50)
    truth, found = dataset(someone), [result(someone, 0.5), result(person(x=300, size=300), 0.9)]
    boxed = [r | {"bbox": [0, 0, 50, 50], "area": 2500, "segmentation": [[0, 0, 50, 0, 50, 50]]} for r in found]
    assert evaluate(truth, boxed).stats == evaluate(truth, found).stats
    assert evaluate(truth, boxed).stats["AP_M"] == pytest.approx(1)
    assert plain_pycocotools(truth, found)[3] == pytest.approx(1)
    assert plain_pycocotools(truth, boxed)[3] == pytest.approx(0.5)  # the trap is there


def plain_pycocotools(truth, found):
    """The ten numbers as everyone's script gets them; pycocotools writes into copies."""
    from pycocotools.coco import COCO
    from pycocotools.cocoeval import COCOeval

    index = COCO()
    index.dataset = copy.deepcopy(truth)
    index.createIndex()
    scorer = COCOeval(index, index.loadRes(copy.deepcopy(found)), "keypoints")
    scorer.evaluate()
    scorer.accumulate()
    scorer.summarize()
    return scorer.stats.tolist()


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


def test_only_labelled_keypoints_count_hidden_ones_too():
    """v > 0 of the truth decides: 1 is labelled and hidden, 2 labelled and visible, 0 not labelled."""
    half = person()
    half["keypoints"][2::3] = [1] * 5 + [2] * 4 + [0] * 8
    half["num_keypoints"] = 9
    wild = result(half)
    wild["keypoints"][27:] = [5000.0, -300.0, 1.0] * 8  # where nothing is labelled
    assert evaluate(dataset(half), [wild]).stats["AP"] == pytest.approx(1)
    wild["keypoints"][:15] = [5000.0, -300.0, 1.0] * 5  # where v is 1
    assert evaluate(dataset(half), [wild]).stats["AP"] == 0


@pytest.mark.parametrize("number", [0, 7])
def test_annotation_ids_have_no_say(number):
    """pycocotools takes a match with annotation id 0 for none."""
    assert evaluate(dataset(person(id=number)), [result(person())]).stats["AP"] == pytest.approx(1)


def test_annotations_without_counts_and_crowd_flags():
    plain = {name: value for name, value in person().items() if name not in ("num_keypoints", "iscrowd")}
    assert evaluate(dataset(plain), [result(plain)]).stats["AP"] == pytest.approx(1)


def test_crowds_and_people_without_labels_do_not_count():
    for ignored in (person(iscrowd=1), person(v=0)):
        assert evaluate(dataset(ignored), [result(ignored)]).stats["AP"] == -1
    beside = dataset(person(), person(x=300, v=0, id=2))
    poses = [result(person(), 0.5), result(person(x=300), 0.9)]  # the surer one is on whom nobody labelled
    assert evaluate(beside, poses).stats["AP"] == pytest.approx(1)


@pytest.mark.parametrize("seed", range(5))
def test_another_implementation_agrees(seed):
    truth, found = crowd(seed)
    stats = check_another_implementation(truth, found)
    assert all(0.1 < stats[name] < 0.9 for name in ("AP", "AP50", "AP75", "AP_M", "AP_L"))


@pytest.mark.parametrize("case", ["val2014_100", "one_image"])
def test_another_implementation_agrees_on_real_cases(oks_cases, case):
    check_another_implementation(read(oks_cases, f"{case}_gt.json"), read(oks_cases, f"{case}_results.json"))


def check_another_implementation(truth, found):
    from faster_coco_eval import COCO, COCOeval_faster

    ours = evaluate(truth, found)
    index = COCO(truth)
    poses = [{name: r[name] for name in ("image_id", "category_id", "keypoints", "score")} for r in found]
    scorer = COCOeval_faster(index, index.loadRes(poses), "keypoints", print_function=lambda *_: None)
    scorer.evaluate()
    scorer.accumulate()
    scorer.summarize()
    assert list(ours.stats.values()) == pytest.approx(scorer.stats[:10].tolist(), abs=1e-9)
    return ours.stats


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"image_id": 9}, "image 9 is not in the annotations"),
        ({"category_id": 2}, "category_id is 2"),
        ({"keypoints": [1.0] * 50}, "51 finite numbers"),
        ({"keypoints": [float("nan")] * 51}, "51 finite numbers"),
        ({"keypoints": [1e308] * 51}, "51 finite numbers"),
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


def test_pycocotools_is_imported_when_it_is_used():
    code = (
        "import sys, posecore, posecore.evaluation.oks, posecore.evaluation.dataset, posecore.evaluation.report; "
        "sys.exit(any(name in sys.modules for name in ('pycocotools', 'matplotlib')))"
    )
    assert subprocess.run([sys.executable, "-c", code]).returncode == 0
