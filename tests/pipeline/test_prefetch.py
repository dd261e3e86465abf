import threading
import time
from contextlib import ExitStack

import pytest
from waiting import wait_until

from posecore.pipeline.prefetch import AHEAD, Prefetch, stage


def numbers(limit, closed=None, fail_at=None):
    try:
        for n in range(limit):
            if n == fail_at:
                raise ValueError(f"broken at {n}")
            yield n
    finally:
        if closed is not None:
            closed.append(threading.current_thread().name)


def test_items_come_in_order_from_another_thread():
    closed = []
    with Prefetch(numbers(100, closed), "counting") as items:
        assert list(items) == list(range(100))
    assert closed == ["counting"]


def test_it_runs_ahead_by_a_few_items_only():
    """One is taken, AHEAD wait, and one is in the hand of the thread."""
    made = []
    with Prefetch((made.append(n) for n in range(100)), "counting") as items:
        next(iter(items))
        wait_until(lambda: len(made) == AHEAD + 2, "making items ahead")
        time.sleep(0.2)
        assert len(made) == AHEAD + 2


def test_an_error_is_raised_where_the_items_are_read():
    seen = []
    with pytest.raises(ValueError, match="broken at 3"), Prefetch(numbers(9, fail_at=3), "counting") as items:
        for n in items:
            seen.append(n)
    assert seen == [0, 1, 2]


def test_an_error_travels_through_a_chain_of_stages():
    with Prefetch(numbers(99, fail_at=50), "first") as first:
        with Prefetch((2 * n for n in first), "second") as second:
            with pytest.raises(ValueError, match="broken at 50"):
                list(second)


def test_leaving_early_stops_every_stage():
    before, closed = threading.active_count(), []
    with Prefetch(numbers(10**9, closed), "first") as first:
        with Prefetch((2 * n for n in first), "second") as second:
            assert next(iter(second)) == 0
    assert closed == ["first"] and threading.active_count() == before


def test_a_reader_that_fails_stops_every_stage():
    before, closed = threading.active_count(), []
    with pytest.raises(KeyboardInterrupt):
        with Prefetch(numbers(10**9, closed), "first") as first:
            with Prefetch((2 * n for n in first), "second") as second:
                for n in second:
                    if n == 20:
                        raise KeyboardInterrupt
    assert closed == ["first"] and threading.active_count() == before


def test_stages_part_when_there_are_more_cores():
    """In the thread of the reader while there is one core, each in its own from the next item on; nothing is lost."""
    where, cores = {"first": [], "second": []}, [1]

    def noting(items, name):
        for item in items:
            where[name].append(threading.current_thread().name)
            yield item

    before, seen, closed = threading.active_count(), [], []
    with ExitStack() as stack:
        first = stage(stack, noting(numbers(40, closed), "first"), "first", lambda: cores[0])
        second = stage(stack, noting(first, "second"), "second", lambda: cores[0])
        for n in second:
            seen.append(n)
            cores[0] += n == 9
    assert seen == list(range(40)) and threading.active_count() == before
    here = threading.current_thread().name
    assert where == {name: [here] * 10 + [name] * 30 for name in where} and closed == ["first"]


@pytest.mark.parametrize("last", [5, 15])
def test_stages_that_parted_and_those_that_did_not_stop_early(last):
    before, closed, seen = threading.active_count(), [], []
    with ExitStack() as stack:
        first = stage(stack, numbers(10**9, closed), "first", lambda: 1 + len(seen) // 10)
        for n in stage(stack, (2 * n for n in first), "second", lambda: 1 + len(seen) // 10):
            seen.append(n)
            if n == 2 * last:
                break
    assert len(closed) == 1 and threading.active_count() == before
