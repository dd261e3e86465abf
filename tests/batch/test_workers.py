"""Worker processes that are killed, and their drivers: nothing is lost."""

import multiprocessing
import random
import shutil
import signal
import subprocess
import time
from collections import deque
from dataclasses import replace
from types import SimpleNamespace

import pytest
from batches import BROKEN, LITE, at_work_on, command, documents, ended, leftovers, run, wait_for, workers_of
from waiting import HANGS, running

from posecore.batch import process_videos, workers
from posecore.batch.manifest import Manifest
from posecore.pipeline import process_video


class Idle(workers._Worker):
    """A worker without a process, which tells what it is given."""

    def __init__(self, options):
        self.task, self._cores = None, SimpleNamespace(value=0)

    def give(self, task, cores):
        self.task, self.cores = task, cores


def pool_of(monkeypatch, count, cores, options=LITE):
    monkeypatch.setattr(workers, "available_cores", lambda: cores)
    monkeypatch.setattr(workers, "_Worker", Idle)
    return workers._Pool(count, options)


def shares(pool):
    return [worker.cores for worker in pool._workers]


@pytest.mark.parametrize(
    ("count", "cores", "videos", "expected"),
    [
        (1, 2, 1, [2]),
        (2, 2, 9, [1, 1]),
        (3, 8, 3, [3, 3, 2]),
        (3, 8, 9, [3, 3, 2]),
        (20, 8, 20, [1] * 20),
        (4, 6, 4, [2, 2, 1, 1]),
    ],
)
def test_workers_share_the_cores(monkeypatch, count, cores, videos, expected):
    """The first video, which is the longest, has more where not all can have as many."""
    pool = pool_of(monkeypatch, count, cores)
    pool._hand_out(deque("v" * videos))
    assert shares(pool) == expected


def test_cores_that_no_video_waits_for_go_to_those_at_work(monkeypatch):
    pool, tasks = pool_of(monkeypatch, 3, 3), deque("abcd")
    first, second, third = pool._workers
    pool._hand_out(tasks)
    second.task = None  # done
    pool._hand_out(tasks)
    assert second.task == "d" and shares(pool) == [1, 1, 1]
    third.task = None
    pool._hand_out(tasks)
    assert shares(pool) == [2, 1, 0]
    second.task = None
    pool._hand_out(tasks)
    assert shares(pool) == [3, 0, 0]
    first.task = None
    pool._hand_out(tasks)
    assert shares(pool) == [0, 0, 0]


def test_who_says_how_many_threads_has_those(monkeypatch):
    pool = pool_of(monkeypatch, 2, 8, replace(LITE, threads=3))
    pool._hand_out(deque("a"))
    assert shares(pool) == [3, 0]


@pytest.mark.parametrize("count", [1, 3])
def test_few_videos_give_what_they_always_give(clips, expected, tmp_path, count):
    """On all the cores there are, whatever their number."""
    (tmp_path / "in").mkdir()
    names = [f"walk{number:02}" for number in range(count)]
    for name in names:
        shutil.copy(clips / f"{name}.mp4", tmp_path / "in")
    done = process_videos(str(tmp_path / "in"), tmp_path / "out", LITE, run=workers.local_runner())
    assert not done.failed and documents(tmp_path / "out") == {name: expected[name] for name in names}


@pytest.fixture
def folder(demo, clips, tmp_path):
    """The demo clip, whose work lasts long enough to be disturbed, and a short one."""
    (tmp_path / "in").mkdir()
    shutil.copy(demo, tmp_path / "in" / "demo.mp4")
    shutil.copy(clips / "walk00.mp4", tmp_path / "in")
    return tmp_path / "in"


@pytest.mark.slow
def test_the_video_of_a_killed_worker_is_done_by_another(folder, expected, tmp_path):
    out = tmp_path / "out"
    with running(command(folder, out, "--no-video"), stderr=subprocess.PIPE, text=True) as process:
        first = at_work_on(out / "demo.json")
        first.kill()
        assert at_work_on(out / "demo.json", first) != first
        _, said = process.communicate(timeout=HANGS)
    assert process.returncode == 0 and "2 videos done" in said and "0 failed" in said, said
    process_video(folder / "demo.mp4", json=tmp_path / "demo.json", options=LITE)
    assert documents(out) == {"demo": (tmp_path / "demo.json").read_bytes(), "walk00": expected["walk00"]}
    assert not leftovers(out)


@pytest.mark.slow
def test_what_kills_three_workers_is_given_up_and_the_rest_is_done(folder, expected, tmp_path):
    out, killed = tmp_path / "out", []
    with running(command(folder, out, "--no-video"), stderr=subprocess.PIPE, text=True) as process:
        for _ in range(3):
            killed.append(at_work_on(out / "demo.json", *killed))
            killed[-1].kill()
        _, said = process.communicate(timeout=HANGS)
    assert process.returncode == 3 and "1 videos done" in said and "Traceback" not in said, said
    assert f"{folder}/demo.mp4: 3 workers died of it" in Manifest(out).records["demo"].error
    assert documents(out) == {"walk00": expected["walk00"]} and not leftovers(out)


@pytest.mark.slow
def test_workers_may_be_killed(clips, expected, tmp_path):
    """Five times at random moments; the batch goes on."""
    rng = random.Random(1)
    with running(command(clips, tmp_path), stderr=subprocess.PIPE, text=True) as process:
        for number in range(5):
            wait_for(tmp_path, 6 * number + rng.randrange(1, 6))
            time.sleep(rng.uniform(0, 0.1))
            rng.choice(workers_of(process)).kill()
        _, said = process.communicate(timeout=HANGS)
    assert process.returncode == 3 and "37 videos done" in said, said
    assert documents(tmp_path) == expected and not leftovers(tmp_path)


@pytest.mark.slow
def test_the_driver_may_be_killed(clips, expected, tmp_path):
    """Five times at random moments; its workers end with it, and the last run does the rest."""
    rng = random.Random(0)
    for number in range(5):
        with running(command(clips, tmp_path), stderr=subprocess.DEVNULL) as process:
            wait_for(tmp_path, 6 * number + rng.randrange(1, 6))
            time.sleep(rng.uniform(0, 0.1))
            workers = workers_of(process)
            assert len(workers) == 2
            process.kill()
            process.wait()
            assert ended(workers)
    done = run(clips, tmp_path)
    assert done.returncode == 3, done.stderr
    assert documents(tmp_path) == expected and not leftovers(tmp_path)
    records = Manifest(tmp_path).records
    assert len(records) == 40 and {name for name, record in records.items() if record.error} == BROKEN


@pytest.mark.slow
def test_ctrl_c_leaves_no_half_file(clips, expected, tmp_path):
    with running(command(clips, tmp_path), stderr=subprocess.PIPE, text=True) as process:
        wait_for(tmp_path, 10)
        workers = workers_of(process)
        process.send_signal(signal.SIGINT)
        _, said = process.communicate(timeout=HANGS)
        assert ended(workers)
    assert process.returncode == 130 and "goes on where it stopped" in said and "Traceback" not in said
    assert not leftovers(tmp_path)
    assert all(expected[name] == content for name, content in documents(tmp_path).items())


def test_a_second_batch_in_the_same_folder_stops(clips, few, tmp_path):
    with running(command(clips, tmp_path / "out"), stderr=subprocess.DEVNULL) as process:
        wait_for(tmp_path / "out", 1)
        process.send_signal(signal.SIGSTOP)  # it stays at work as long as the second one needs
        second = run(few, tmp_path / "out")
        assert second.returncode == 2 and second.stderr.count("\n") == 1
        assert "another batch is at work there" in second.stderr
    assert run(few, tmp_path / "out", "--no-video").returncode == 3  # the lock went with the process


def test_a_worker_ends_when_its_driver_is_gone(monkeypatch):
    monkeypatch.setattr(workers.signal, "signal", lambda *_: None)
    pipe, driver = multiprocessing.Pipe()
    driver.close()
    workers._work(pipe, LITE, None)
    pipe.close()


def test_a_task_for_a_worker_that_has_just_died_is_kept():
    """Its pipe says that it is dead, and the task is given to another."""
    worker = object.__new__(workers._Worker)
    worker._cores = multiprocessing.RawValue("i", 0)
    worker.pipe, other = multiprocessing.Pipe()
    other.close()
    worker.pipe.close()
    worker.give("task", 2)
    assert worker.task == "task" and worker.cores == 2
