import numpy as np
import pytest

from posecore.estimator import PoseEstimator, downscale, open_estimator
from posecore.pose import Landmarks


class Corners:
    """A landmarker that finds every landmark in the lower right corner, and keeps what it was given."""

    def detect(self, image, timestamp_ms=None):
        self.seen = image.shape, timestamp_ms
        ones = np.ones(33, np.float32)
        return [Landmarks(np.ones((33, 3), np.float32), ones, ones)]

    def close(self):
        self.closed = True


def blank(height, width):
    return np.zeros((height, width, 3), np.uint8)


@pytest.mark.parametrize(
    ("size", "max_side", "expected"),
    [
        ((1080, 1920), 640, (360, 640)),
        ((1920, 1080), 640, (640, 360)),
        ((1080, 1920), 0, (1080, 1920)),
        ((48, 64), 640, (48, 64)),
        ((3, 5000), 100, (1, 100)),
    ],
)
def test_downscale_keeps_the_longer_side_within_the_limit(size, max_side, expected):
    assert downscale(blank(*size), max_side).shape[:2] == expected


def test_keypoints_come_in_pixels_of_the_full_picture():
    corners = Corners()
    with PoseEstimator(corners, max_side=320) as estimator:
        (person,) = estimator(blank(1080, 1920), 40)
    assert corners.seen == ((180, 320, 3), 40)
    np.testing.assert_array_equal(person.keypoints.xy, np.full((17, 2), (1920, 1080)))
    assert corners.closed


def test_an_unknown_engine_is_refused():
    with pytest.raises(ValueError, match="nonsense: unknown engine"):
        open_estimator("nonsense")
