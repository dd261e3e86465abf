"""The page in a browser: what is drawn where and when, keys, lists, and that nothing leaves it."""

import json
import re
from dataclasses import replace

import av
import cv2
import numbered
import numpy as np
import pytest
from documents import META
from media import cut
from numbered import WRIST, document_of, wrist_at
from waiting import wait_until

from posecore import DocumentWriter, FramePose, Options, process_video, read_document
from posecore.coco import KEYPOINT_NAMES
from posecore.overlay import PLAIN
from posecore.pose import Keypoints, Person
from posecore.viewer import write_view

COUNT = 36
# Of a page: the number that the picture shows, and for each place whether a dot of the left side is drawn there.
READ = """(places) => {
    const canvas = document.getElementById("canvas"), context = canvas.getContext("2d");
    const scale = Math.min(canvas.width / 320, canvas.height / 180);
    const left = (canvas.width - 320 * scale) / 2, top = (canvas.height - 180 * scale) / 2;
    const at = (x, y) => context.getImageData(Math.round(left + x * scale), Math.round(top + y * scale), 1, 1).data;
    const bits = [0, 1, 2, 3, 4, 5].map((bit) => at(54 * bit + 27, 40)[0] > 128);
    return {
        number: bits.reduce((sum, bit, n) => sum + (bit ? 2 ** n : 0), 0),
        dots: places.flatMap(([x, y], n) => at(x, y)[0] > 200 && at(x, y)[2] < 80 ? [n] : []),
    };
}"""
PLACES = [wrist_at(number) for number in range(COUNT)]


def frame_of(page):
    return int(re.search(r"frame (\d+)", page.inner_text("#now"))[1])


def wait_for_picture(page, number):
    """Until the picture with this number is on the canvas."""
    page.wait_for_function(f"(places) => ({READ})(places).number === {number}", arg=PLACES)


@pytest.mark.parametrize("name", ["steady", "variable", "phone", "wide", "webm"])
def test_the_skeleton_is_on_the_frame_that_it_belongs_to(name, show, tmp_path):
    """Standing still and while it plays, the picture's own number says which frame it is."""
    video = tmp_path / f"{name}.{'webm' if name == 'webm' else 'mp4'}"
    getattr(numbered, name)(video, COUNT)
    write_view(document_of(video, tmp_path / "a.json"), tmp_path / "video.html")
    page = show(tmp_path / "video.html")
    for key, number in (("Home", 0), (".", 10), ("ArrowRight", 11), ("End", COUNT - 1), (",", COUNT - 11),
                        ("ArrowLeft", COUNT - 12)):  # fmt: skip
        page.keyboard.press(key)
        wait_for_picture(page, number)
        assert page.evaluate(READ, PLACES)["dots"] == [number] and frame_of(page) == number
    page.keyboard.press("Home")
    wait_for_picture(page, 0)
    page.keyboard.press(" ")
    page.wait_for_selector("#play.playing")
    seen = page.evaluate(f"""async (places) => {{
        const seen = [];
        while (document.querySelector("#play.playing") && seen.length < 60) {{
            await new Promise(requestAnimationFrame);
            seen.push(({READ})(places));
        }}
        return seen;
    }}""", PLACES)  # fmt: skip
    assert len({moment["number"] for moment in seen}) > 5
    assert [moment for moment in seen if moment["dots"] != [moment["number"]]] == []


def saved(page):
    with page.expect_download() as download:
        page.keyboard.press("s")
    return cv2.imread(str(download.value.path()))[..., ::-1].astype(int), download.value.suggested_filename


def saved_once_seen(page, name):
    """The picture of the frame whose file has this name: saved again and again until that is the frame that is seen."""
    pictures = {}

    def seen():
        picture, its_name = saved(page)
        pictures[its_name] = picture
        return name in pictures

    wait_until(seen, f"{name} is seen")
    return pictures[name]


def test_a_picture_saved_in_haste_has_the_name_of_the_frame_on_it(show, tmp_path):
    numbered.steady(tmp_path / "video.mp4", COUNT)
    write_view(document_of(tmp_path / "video.mp4", tmp_path / "a.json"), tmp_path / "video.html")
    page = show(tmp_path / "video.html")
    for key in (".", "ArrowRight", "End", ",", "ArrowLeft", "Home"):
        page.keyboard.press(key)
        picture, name = saved(page)
        number = sum(2**bit for bit in range(6) if picture[40, 54 * bit + 27, 0] > 128)
        assert name == f"video_{number}.png"


def test_a_real_clip_has_its_keypoints_where_the_document_says(show, demo, lite, tmp_path):
    """The saved picture is the decoded frame, with the colour of its side at every keypoint."""
    video = tmp_path / "walk.mp4"
    cut(demo, video, 110, 12)
    process_video(video, json=tmp_path / "a.json", options=Options(model_complexity=0, download_model=False))
    write_view(tmp_path / "a.json", tmp_path / "video.html")
    page = show(tmp_path / "video.html")
    page.select_option("#joint", label="nose")
    frames = read_document(tmp_path / "a.json")[1]
    with av.open(str(video)) as container:
        pictures = [frame.to_ndarray(format="rgb24").astype(int) for frame in container.decode(video=0)]
    for number in (0, 7, 11):
        page.keyboard.press("Home")
        for _ in range(number):
            page.keyboard.press("ArrowRight")
        assert frame_of(page) == number
        found = saved_once_seen(page, f"walk_{number}.png")
        assert found.shape == pictures[number].shape
        keypoints = frames[number].persons[0].keypoints
        away = np.ones(found.shape[:2], bool)
        x0, y0, x1, y1 = frames[number].persons[0].box.astype(int)
        away[max(0, y0 - 15) : y1 + 15, max(0, x0 - 15) : x1 + 15] = False
        differs = [abs(found - picture)[away].mean() for picture in pictures]
        assert differs[number] < 4 and np.argmin(differs) == number
        for joint, (x, y) in enumerate(keypoints.xy):
            later = np.linalg.norm(keypoints.xy[joint + 1 :] - keypoints.xy[joint], axis=1)
            if KEYPOINT_NAMES[joint] != "nose" and (later > 8).all() and 0 <= x < 320 and 0 <= y < found.shape[0]:
                assert abs(found[round(float(y)), round(float(x))] - PLAIN.of(joint)).max() < 40, KEYPOINT_NAMES[joint]


@pytest.fixture
def document(tmp_path):
    """100 frames of 40 ms, one person, whose wrist goes on by 1.5 pixels a frame; away in 30–39, unsure in 60–64."""

    def document(name="a.json", count=100, moved=lambda n: 0, **meta):
        path = tmp_path / name
        with DocumentWriter(path, META | {"width": 320, "height": 180, "source": "gone.mp4"} | meta) as writer:
            for n in range(count):
                xy = np.stack([np.linspace(60, 200, 17), np.linspace(20, 160, 17)], axis=1).astype(np.float32)
                xy[WRIST] = 20 + 1.5 * n, 30
                score = np.full(17, 0.1 if 60 <= n < 65 else 0.9, np.float32)
                person = Person.around(Keypoints(xy + moved(n), score))
                writer.write(FramePose(n, 40 * n, () if 30 <= n < 40 else (person,)))
        return path

    return document


def test_keys_and_clicks(show, document, tmp_path):
    write_view(document(), tmp_path / "view.html")
    page = show(tmp_path / "view.html")
    for key, frame in (("n", 30), ("n", 60), ("n", 60), ("p", 30), ("End", 99), ("ArrowRight", 99), (",", 89),
                       ("ArrowLeft", 88), ("Home", 0), (".", 10), ("ArrowRight", 11)):  # fmt: skip
        page.keyboard.press(key)
        assert frame_of(page) == frame, key
    assert page.locator("#doubts button").all_inner_texts() == [
        "missing\n0:01.20 · 10 frames",
        "low score\n0:02.40 · 5 frames",
    ]
    page.click("#doubts button >> nth=1")
    assert frame_of(page) == 60 and page.inner_text("#doubt") == "low score"
    page.keyboard.press("Home")
    page.keyboard.press(" ")
    page.wait_for_function("() => /frame ([5-9]|\\d\\d)/.test(document.getElementById('now').textContent)")
    assert page.get_attribute("#play", "aria-label") == "pause"
    page.keyboard.press(" ")
    assert page.get_attribute("#play", "aria-label") == "play"
    box = page.locator("#ruler").bounding_box()
    page.mouse.click(box["x"] + box["width"] / 2, box["y"] + 5)
    assert frame_of(page) == 50
    page.keyboard.press("Home")
    for _ in range(2):
        page.keyboard.press("+")
    page.mouse.click(box["x"] + box["width"] - 2, box["y"] + 5)
    assert frame_of(page) == 24
    page.keyboard.press("0")
    page.keyboard.press("?")
    assert page.is_visible("#help") and "next doubtful stretch" in page.inner_text("#keys")
    page.keyboard.press("Escape")
    assert page.is_hidden("#help")


def test_the_numbers_are_those_of_the_document(show, document, tmp_path):
    """Within the unit in which they are packed."""
    write_view(document(), tmp_path / "view.html")
    page = show(tmp_path / "view.html")
    page.keyboard.press(".")
    x, y, score, speed = page.locator("#curve-names output").all_inner_texts()
    assert float(x.split()[0]) == pytest.approx(35, abs=0.13) and y == "30.0 px"
    assert score == "0.90" and float(speed.split()[0]) == pytest.approx(37.5, abs=3.2)


def test_what_is_not_wanted_is_not_drawn(show, document, tmp_path):
    """The switches act on the picture at once; without a video the ground is plain."""
    write_view(document(), tmp_path / "view.html")
    page = show(tmp_path / "view.html")
    place = [[20 + 1.5 * 10, 30]]
    page.select_option("#joint", label="nose")
    page.keyboard.press(".")
    assert page.evaluate(READ, place)["dots"] == [0] and page.is_hidden("#picture")
    page.click("summary")
    page.get_by_role("checkbox", name="left wrist").uncheck()
    assert page.evaluate(READ, place)["dots"] == []
    page.click("#all-joints")
    assert page.evaluate(READ, place)["dots"] == [0]
    page.fill("#min-score", "0.95")
    assert page.evaluate(READ, place)["dots"] == []


def test_filled_joints_are_hollow_and_a_single_frame_is_not_lost_among_thousands(show, tmp_path):
    """One frame of 8,000 in which the score falls reaches the floor of its lane; seven share a pixel there."""
    path, out = tmp_path / "a.json", 4000
    with DocumentWriter(path, META | {"width": 320, "height": 180}) as writer:
        for n in range(8000):
            person = numbered.someone(100, 100)
            person.keypoints.score[:] = 0.01 if n == out else 0.9  # 0 would be nobody
            filled = np.arange(17) == WRIST if n == 1 else None
            keypoints = replace(person.keypoints, filled=filled)
            writer.write(FramePose(n, 40 * n, (replace(person, keypoints=keypoints),)))
    write_view(path, tmp_path / "view.html")
    page = show(tmp_path / "view.html")
    page.select_option("#joint", label="nose")
    page.uncheck("#ids")
    page.click("summary")
    page.click("#no-joints")
    page.get_by_role("checkbox", name="left wrist").check()
    place = [[100, 100]]
    assert page.evaluate(READ, place)["dots"] == [0]
    page.keyboard.press("ArrowRight")
    assert page.evaluate(READ, place)["dots"] == []
    heights = page.evaluate("""() => {
        const canvas = document.getElementById("curves"), { width, height } = canvas.getBoundingClientRect();
        const lane = Math.round(height / 4), context = canvas.getContext("2d"), ratio = canvas.width / width;
        const dark = (x) => Array.from({ length: lane - 4 }, (_, y) => y).filter((y) =>
            context.getImageData(Math.round(x * ratio), Math.round((2 * lane + y) * ratio), 1, 1).data[0] < 120).length;
        return [Math.max(...[-1, 0, 1].map((by) => dark(Math.floor(width / 2) + by))), dark(width / 4)];
    }""")
    assert heights[0] > 15 > 5 > heights[1]


def test_two_runs(show, document, tmp_path):
    """The stretch in which they differ most comes first, and a click goes there."""
    first = document()
    second = document("b.json", moved=lambda n: 40 if 80 <= n < 95 else 25 if 10 <= n < 20 else 0)
    write_view(first, tmp_path / "view.html", other=second)
    page = show(tmp_path / "view.html")
    texts = page.locator("#apart button").all_inner_texts()
    assert [text.split("\n")[1] for text in texts] == ["0:03.20 · 15 frames", "0:00.40 · 10 frames"]
    page.click("#apart button >> nth=0")
    assert frame_of(page) == 80 and float(page.locator("#curve-names output").first.inner_text()) > 0.5
    page.select_option("#joint", label="nose")
    assert page.evaluate(READ, [[140, 30], [180, 70]])["dots"] == [0]  # the second's dots are hollow
    page.check("#beside")
    colors = page.evaluate("""() => {
        const canvas = document.getElementById("canvas"), scale = Math.min(canvas.width / 640, canvas.height / 180);
        const top = (canvas.height - 180 * scale) / 2, context = canvas.getContext("2d");
        const left = (n) => canvas.width * (n + 0.5) / 2 - 160 * scale;
        return [[0, 140, 30], [1, 180, 70]].map(([n, x, y]) =>
            [...context.getImageData(Math.round(left(n) + x * scale), Math.round(top + y * scale), 1, 1).data]);
    }""")
    assert all(red > 200 and blue < 80 for red, _, blue, _ in colors)


def test_hostile_names_are_text(show, document, tmp_path):
    evil = "</script><script>alert(1)</script><img src=x onerror=alert(2)>\u2028&amp;'\""
    path = document("a<img src=x onerror=alert(3)>.json", source=evil, model=evil, model_family=evil, history=[evil])
    made = json.loads(path.read_text())
    for frame in made["frames"]:
        frame["persons"] = [
            {"score": 0.5, "track_id": 1, "box": [0, 0, 9, 9], "keypoints": frame["keypoints"]}
        ]  # fmt: skip
    made["meta"]["track_names"] = {"1": evil}
    path.write_text(json.dumps(made))
    write_view(path, tmp_path / "view.html", other=path)
    page = show(tmp_path / "view.html")
    assert " ".join(page.title().split()) == " ".join(evil.split()) and page.inner_text("h1").startswith(
        "</script><script>alert(1)"
    )
    page.keyboard.press("?")
    assert evil.split("\u2028")[0] in page.inner_text("#help")
    assert evil.split("\u2028")[0] in page.locator(".row").first.inner_text()
    assert page.locator("img, iframe, object, link").count() == 0
    assert "connect-src" not in page.content() and "default-src 'none'" in page.content()


def test_a_linked_video_and_one_that_is_gone(show, tmp_path):
    video = tmp_path / "a folder" / "100% #1?.mp4"
    video.parent.mkdir()
    numbered.steady(video, 5)
    path = document_of(video, tmp_path / "a.json")
    write_view(path, tmp_path / "pages/video.html", video, embed_limit=0)
    page = show(tmp_path / "pages/video.html")
    page.keyboard.press("End")
    page.wait_for_function("() => document.getElementById('now').textContent.endsWith('frame 4')")
    video.rename(tmp_path / "elsewhere.mp4")
    page.reload()
    page.wait_for_function("() => document.getElementById('message').textContent.includes('skeletons alone')")
    page.set_input_files("#file", tmp_path / "elsewhere.mp4")
    page.wait_for_selector("body.has-video")
    assert page.inner_text("#message") == ""


def contrasts(page):
    """Of the page's colours on its grounds, as WCAG 2 counts it."""
    return page.evaluate("""() => {
        const canvas = document.createElement("canvas").getContext("2d");
        const light = (name) => {
            canvas.fillStyle = getComputedStyle(document.documentElement).getPropertyValue(name).trim();
            const [r, g, b] = canvas.fillStyle.match(/\\w\\w/g).map((part) => parseInt(part, 16) / 255)
                .map((v) => (v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4));
            return 0.2126 * r + 0.7152 * g + 0.0722 * b + 0.05;
        };
        const pair = (a, b) => [a + b, Math.max(light(a), light(b)) / Math.min(light(a), light(b))];
        const inks = ["--ink", "--soft", "--accent", "--bad", "--warn", "--jump", "--apart"];
        return [...inks.flatMap((ink) => ["--card", "--ground", "--lane"].map((ground) => pair(ink, ground))),
                pair("--on-accent", "--accent")];
    }""")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_it_can_be_read_and_used_by_everybody(scheme, show, document, tmp_path):
    write_view(document(), tmp_path / "view.html", other=document("b.json"))
    page = show(tmp_path / "view.html", scheme=scheme)
    assert {name: ratio for name, ratio in contrasts(page) if ratio < 4.5} == {}
    nameless = page.evaluate("""() => [...document.querySelectorAll("button, select, input")].filter((element) =>
        !(element.textContent || element.ariaLabel || element.labels?.length)).map((element) => element.outerHTML)""")
    assert nameless == []
    size = "() => [document.documentElement.scrollWidth, document.documentElement.scrollHeight]"
    assert page.evaluate(size) == [1280, 720]
    page.set_viewport_size({"width": 400, "height": 800})
    assert page.evaluate(size)[0] == 400
