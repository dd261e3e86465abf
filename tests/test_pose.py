import numpy as np
import pytest

from posecore.pose import Keypoints, Landmarks


def test_wrong_shapes_name_expected_and_actual():
    with pytest.raises(ValueError, match=r"xy: expected shape \(17, 2\), got \(17, 3\)"):
        Keypoints(np.zeros((17, 3), np.float32), np.zeros(17, np.float32))
    with pytest.raises(ValueError, match=r"presence: expected shape \(33,\), got \(17,\)"):
        Landmarks(np.zeros((33, 3), np.float32), np.zeros(33, np.float32), np.zeros(17, np.float32))
