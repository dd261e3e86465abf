"""The loop of the README is the command: the same keypoints, to the last bit that the document keeps."""

import numpy as np
import pytest
from media import cut

from posecore import Options, VideoReader, open_estimator, process_video, read_document


@pytest.fixture(scope="module")
def clips_of_the_demo(demo, tmp_path_factory):
    """Three parts of the demo clip: larger than max_side, smaller, and as it was recorded."""
    folder = tmp_path_factory.mktemp("parts")
    cut(demo, folder / "large.mp4", 90, 30, width=1000)
    cut(demo, folder / "small.mp4", 60, 30, width=480)
    return [folder / "large.mp4", folder / "small.mp4", demo]


def by_the_loop(path, **options):
    with VideoReader(path) as video, open_estimator(complexity=0, **options) as estimator:
        return [estimator(frame) for frame in video]


@pytest.mark.parametrize(("number", "max_side"), [(0, 640), (0, 256), (0, 0), (1, 640), (1, 256), (1, 0), (2, 640)])
def test_the_loop_finds_what_the_command_finds(clips_of_the_demo, tmp_path, number, max_side):
    path = clips_of_the_demo[number]
    looped = by_the_loop(path, max_side=max_side)
    process_video(path, json=tmp_path / "out.json", options=Options(model_complexity=0, max_side=max_side))
    _, commanded = read_document(tmp_path / "out.json")
    assert [len(people) for people in looped] == [len(frame.persons) for frame in commanded]
    pairs = [(a[0].keypoints, b.persons[0].keypoints) for a, b in zip(looped, commanded, strict=True) if a]
    assert len(pairs) > 20
    largest = max(np.abs(one.xy - other.xy).max() for one, other in pairs)
    print(f"{path.name} at {max_side}: {largest:.4f} px largest difference in {len(pairs)} frames")
    assert largest <= 0.01


def test_a_frame_keeps_the_pictures_that_were_made(demo):
    with VideoReader(demo) as video:
        frame = next(iter(video))
    assert frame.small(320) is frame.small(320) and frame.image is frame.image
    assert frame.small(320).shape == (180, 320, 3) and frame.image.shape == (994, 1768, 3)
    assert frame.size == (1768, 994)


def test_drawing_on_a_frame_does_not_change_what_the_networks_see(demo):
    with VideoReader(demo) as video:
        frame = next(iter(video))
    before = frame.small(320).copy()
    frame.image[:] = 0
    np.testing.assert_array_equal(frame.small(320), before)


def test_the_document_does_not_say_the_size_of_a_model_of_ones_own(clips_of_the_demo, lite, tmp_path):
    """Heavy is what would be fetched, lite is what is given."""
    options = Options(model_complexity=2, model_path=lite)
    process_video(clips_of_the_demo[1], json=tmp_path / "own.json", options=options)
    process_video(clips_of_the_demo[1], json=tmp_path / "known.json", options=Options(model_complexity=0))
    own, known = (read_document(tmp_path / f"{name}.json")[0] for name in ("own", "known"))
    assert "model_size" not in own and known["model_size"] == "lite"
    assert own == {key: value for key, value in known.items() if key != "model_size"}
