from posecore.evaluation import pareto_front


def test_what_is_beaten_is_left_out_and_the_cheapest_comes_first():
    points = {"heavy": (33, 0.42), "thunder": (23, 0.65), "full": (9, 0.37), "lightning": (8, 0.53), "lite": (6, 0.30)}
    assert pareto_front(points) == ["lite", "lightning", "thunder"]


def test_equals_do_not_beat_each_other_and_one_alone_is_not_beaten():
    assert pareto_front({"a": (1, 0.5), "b": (1, 0.5), "c": (1, 0.4), "d": (2, 0.5)}) == ["a", "b"]
    assert pareto_front({"a": (1, 0)}) == ["a"]
