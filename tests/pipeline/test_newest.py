"""The slot of one: the newest wins, nothing is lost that is not counted, and nobody is held up."""

import threading
import time

import pytest
from waiting import wait_until

from posecore.pipeline.newest import ROOM, Newest


def test_who_is_slow_gets_the_newest_and_what_was_dropped_is_counted():
    """The generator is never held up; the last item is not lost when the end comes."""
    ended = threading.Event()

    def numbers():
        yield from range(1000)
        ended.set()

    with Newest(numbers(), "counting", int) as items:
        ended.wait()
        seen = list(items)
    assert seen == [999] and items.dropped == 999


def test_items_that_are_alike_wait_together_and_not_too_many_of_them():
    """Tens, of which only the first is work: whoever comes to 25 finds those since 20, to 29 the last of them."""
    for until, expected in ((25, [20, 21, 22, 23, 24, 25]), (29, list(range(30 - ROOM, 30)))):
        ended = threading.Event()

        def numbers(until=until, ended=ended):
            yield from range(until + 1)
            ended.set()

        with Newest(numbers(), "counting", lambda number: number // 10) as items:
            ended.wait()
            assert list(items) == expected and items.dropped == until + 1 - len(expected)


def test_who_is_quick_gets_everything():
    taken = threading.Semaphore(1)

    def numbers():
        for n in range(50):
            taken.acquire()
            yield n

    seen = []
    with Newest(numbers(), "counting", int) as items:
        for n in items:
            seen.append(n)
            taken.release()
    assert seen == list(range(50)) and items.dropped == 0


def test_ticks_while_nothing_comes():
    go_on = threading.Event()

    def one():
        go_on.wait()
        yield "item"

    with Newest(one(), "waiting", str) as items:
        ticking = items.ticking(0.01)
        assert next(ticking) is None and next(ticking) is None
        go_on.set()
        assert list(filter(None, ticking)) == ["item"]


def test_an_error_comes_after_the_last_item():
    def broken():
        yield 1
        raise ValueError("broken")

    seen = []
    with pytest.raises(ValueError, match="broken"), Newest(broken(), "breaking", int) as items:
        seen.extend(items)
    assert seen in ([1], [])


def test_a_generator_that_does_not_answer_is_left_to_itself():
    never, left = threading.Event(), []

    def stuck():
        yield 1
        never.wait()

    started = time.monotonic()
    with Newest(stuck(), "stuck", int, patience=0.1) as items:
        assert next(iter(items)) == 1
        left.append(items._thread)
    assert left[0].is_alive() and time.monotonic() - started < 60
    never.set()
    wait_until(lambda: not left[0].is_alive(), "the end of the thread")
