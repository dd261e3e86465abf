"""The report: its numbers, its plots, its page."""

import json
import re
from html.parser import HTMLParser
from xml.etree import ElementTree

import numpy as np
import pytest
from people import crowd, dataset, person, read, result

from posecore.coco import KEYPOINT_NAMES
from posecore.evaluation import plots
from posecore.evaluation.oks import STATS, evaluate
from posecore.evaluation.page import make_page
from posecore.evaluation.report import make_report

DRAWINGS = (
    plots.keypoint_bars,
    plots.oks_histogram,
    plots.precision_recall,
    plots.calibration,
    plots.size_bars,
    plots.error_vectors,
)


@pytest.fixture(scope="module")
def many():
    """The report of some many people."""
    return make_report(*crowd())


@pytest.fixture(scope="module")
def page(many):
    return make_page(many, "A <title> & more", {"model": {"name": "full"}, "image_ids": [4711]})


@pytest.fixture(scope="module")
def nobody():
    """A report of one person whom no pose was found for."""
    return make_report(dataset(person()), [])


def test_a_miss_and_a_hit():
    people = [person(1), person(2)]
    numbers = make_report(dataset(*people, images=(1, 2)), [result(people[0])]).numbers
    assert numbers["people"] == {
        "labelled": 2, "paired": 1, "right": 1, "missed": 1, "mean_oks": pytest.approx(0.5), "poses": 1
    }  # fmt: skip
    assert numbers["images"] == {"run": 2, "with_people": 2, "with_people_without_pose": 1}
    assert numbers["keypoints"][0]["oks"] == {"paired": 1.0, "all": 0.5}
    assert numbers["keypoints"][0]["pck_0.2_torso"] == {"paired": 1.0, "all": 0.5}
    assert [size["people"] for size in numbers["sizes"]] == [0, 2, 0, 0]
    assert [size["missed"] for size in numbers["sizes"]] == [0, 1, 0, 0]
    assert numbers["oks_histogram"] == [0] * 19 + [1]
    assert numbers["image_ids"] == [1, 2]


def test_people_smaller_than_coco_has_them_are_not_lost():
    """They count in AP, in no size of COCO's, and have one of their own."""
    people = [person(1, area=31.0**2), person(2, area=31.0**2), person(3)]
    numbers = make_report(dataset(*people, images=(1, 2, 3)), [result(people[0])]).numbers
    assert [(s["size"], s["people"], s["missed"]) for s in numbers["sizes"]][:2] == [
        ("under 32", 2, 1),
        ("32–96", 0, 0),
    ]
    assert numbers["sizes"][0]["AP"] == pytest.approx(51 / 101) and numbers["stats"]["AP"] == pytest.approx(34 / 101)
    assert sum(size["people"] for size in numbers["sizes"]) == numbers["people"]["labelled"] == 3
    assert numbers["stats"]["AP_M"] == -1
    assert "under 32 px" in plots.size_bars(make_report(dataset(*people, images=(1, 2, 3)), []))


def test_signed_errors():
    someone = person(size=100)
    numbers = make_report(dataset(someone), [result(someone, shift=-7)]).numbers
    assert all(row["median_error"] == pytest.approx([-0.07, 0]) for row in numbers["keypoints"])


def test_nothing_to_measure_is_none_and_the_numbers_are_json(nobody):
    for report in (nobody, make_report(dataset(), [])):
        json.dumps(report.numbers, allow_nan=False)
    assert nobody.numbers["keypoints"][3]["oks"] == {"paired": None, "all": 0.0}
    assert nobody.numbers["keypoints"][3]["median_error"] == [None, None]
    assert nobody.numbers["calibration"] == []


def test_the_numbers_agree_with_one_another():
    check_numbers(*crowd())


def test_the_numbers_of_a_real_case_agree_with_one_another(oks_cases):
    """Cocoapi's 100 images."""
    check_numbers(read(oks_cases, "val2014_100_gt.json"), read(oks_cases, "val2014_100_results.json"))


def check_numbers(truth, found):
    numbers = make_report(truth, found).numbers
    scored = evaluate(truth, found)
    assert numbers["stats"] == scored.stats and list(numbers["stats"]) == list(STATS)
    people = numbers["people"]
    assert people["paired"] + people["missed"] == people["labelled"] == sum(s["people"] for s in numbers["sizes"])
    assert sum(numbers["oks_histogram"]) == people["paired"]
    assert sum(numbers["oks_histogram"][10:]) == people["right"]
    assert [row["name"] for row in numbers["keypoints"]] == list(KEYPOINT_NAMES)
    curves = numbers["precision_recall"]
    for curve, stat in (("oks_0.5", "AP50"), ("oks_0.75", "AP75"), ("mean", "AP")):
        assert np.mean(curves[curve]) == pytest.approx(numbers["stats"][stat], abs=1e-5)
        assert (np.diff(curves[curve]) <= 1e-9).all()
    bins = numbers["calibration"]
    assert sum(bin["poses"] for bin in bins) == people["poses"]
    assert (np.diff([bin["score"] for bin in bins]) >= 0).all()


@pytest.mark.parametrize("draw", DRAWINGS)
def test_plots_are_svg_that_loads_nothing(many, nobody, draw):
    for report in (many, nobody):
        svg = draw(report)
        assert ElementTree.fromstring(svg).tag.endswith("svg")
        references = re.findall(r'(?:href|src)="([^"]*)"|url\(([^)]*)\)', svg)
        assert all((a or b).startswith(("#", "data:")) for a, b in references)


def test_plots_say_what_was_measured(many):
    sizes = [size for size in many.numbers["sizes"] if size["AP"] >= 0]
    text = plots.size_bars(many)
    assert all(f"{size['AP']:.3f}" in text and f"{size['people']} people" in text for size in sizes)
    assert f"OKS ≥ 0.5: {many.numbers['stats']['AP50']:.3f}" in plots.precision_recall(many)
    vectors = plots.error_vectors(many)
    assert all(name.replace("_", " ") in vectors for name in KEYPOINT_NAMES)


class Links(HTMLParser):
    """What a page refers to, and the elements it has."""

    def __init__(self, page):
        super().__init__()
        self.links, self.tags = [], []
        self.feed(page)

    def handle_starttag(self, tag, attributes):
        self.tags.append(tag)
        self.links += [value for name, value in attributes if name in ("src", "href", "xlink:href", "srcset", "data")]


def test_the_page_stands_alone(many, page):
    parsed = Links(page)
    assert all(link.startswith(("#", "data:")) for link in parsed.links)
    assert not {"script", "link", "iframe", "object", "img"} & set(parsed.tags)
    assert parsed.tags.count("svg") == len(DRAWINGS)
    assert "@import" not in page and not re.search(r"url\((?!['\"]?(#|data:))", page)
    assert "A &lt;title&gt; &amp; more" in page and "A <title>" not in page
    assert f"{many.numbers['stats']['AP']:.3f}" in page and "name full" in page and "4711" not in page


def test_ids_of_the_plots_do_not_clash(page):
    """Clip paths are found by id in the whole page: two plots must not share one that differs."""
    definitions: dict[str, str] = {}
    for name, body in re.findall(r'<clipPath id="([^"]*)">(.*?)</clipPath>', page, re.S):
        assert definitions.setdefault(name, body) == body


def test_a_page_of_nobody(nobody):
    page = make_page(nobody, "x")
    assert "1 people with labelled keypoints" in page and "nan" not in page.lower()
    assert page == make_page(nobody, "x")


def test_hostile_names_are_text(many):
    evil = "</script><script>alert(1)</script><img src=x onerror=alert(2)>"
    page = make_page(many, evil, {"model": {evil: evil}, evil: evil, "image_ids": []})
    assert "<script" not in page and "<img" not in page and page.count("&lt;/script&gt;&lt;script&gt;alert(1)") == 6
