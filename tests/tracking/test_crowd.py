"""What the pose network is shown of people who stand close."""

import numpy as np

from posecore.tracking.crowd import alone, near

RED, BLUE, GREY = (200, 30, 30), (30, 30, 200), (90, 90, 90)


def picture(*people):
    """A grey ground of 320 × 240 pixels, and boxes of one colour on it, the last in front."""
    image = np.full((240, 320, 3), GREY, np.uint8)
    for color, (x0, y0, x1, y1) in people:
        image[y0:y1, x0:x1] = color
    return image


def boxes(*values):
    return np.array(values, np.float32)


def pixels(image, color):
    return int((image == color).all(axis=2).sum())


def test_who_is_near_is_black_outside_of_ones_own_box():
    one, other = (100, 50, 140, 200), (120, 60, 160, 210)  # they overlap by 20 × 140 pixels
    image = picture((RED, one), (BLUE, other))
    shown = alone(image, *boxes(one), boxes(other))
    assert (shown[50:200, 100:140] == image[50:200, 100:140]).all(), "what is in the own box stays, whoever it is"
    assert pixels(shown, BLUE) == 20 * 140
    assert pixels(image, BLUE) == 40 * 150, "the picture itself is as it was"
    assert not shown[60:210, 140:160].any() and (shown[:, 160:] == image[:, 160:]).all()


def test_who_is_near_comes_within_a_quarter_of_the_height():
    tall, beside, far, small = (100, 50, 140, 200), (150, 50, 190, 200), (200, 50, 240, 200), (165, 210, 175, 230)
    expected = [
        [False, True, False, True],  # the small one is near the tall ones, who are not near it
        [True, False, True, True],
        [False, True, False, True],
        [False, False, False, False],
    ]
    assert near(boxes(tall, beside, far, small)).tolist() == expected
    assert near(np.zeros((0, 4), np.float32)).shape == (0, 0)


def test_who_has_nobody_near_costs_nothing():
    one = (100, 50, 140, 200)
    image = picture((RED, one))
    assert alone(image, *boxes(one), np.zeros((0, 4), np.float32)) is image


def test_boxes_may_leave_the_picture():
    one, other = (-30, -20, 25, 100), (20, -20, 70, 300)
    image = picture((RED, (0, 0, 25, 100)), (BLUE, (20, 0, 70, 240)))
    shown = alone(image, *boxes(one), boxes(other))
    assert pixels(shown, BLUE) == 5 * 100 and (shown[:100, :25] == image[:100, :25]).all()
    assert pixels(alone(image, *boxes((-90, 0, -1, 100)), boxes(other)), BLUE) == 0, "who has left is in none of it"
