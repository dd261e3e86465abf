"""Worker processes that are killed, and their drivers: nothing is lost."""

import random
import signal
import subprocess
import time

import psutil
import pytest
from batches import BROKEN, command, documents, leftovers, run, wait_for, workers_of

from posecore.batch.manifest import Manifest
from posecore.batch.workers import worker_options
from posecore.options import Options


def test_workers_share_the_cores(monkeypatch):
    monkeypatch.setattr("posecore.batch.workers.available_cores", lambda: 8)
    assert [worker_options(Options(), workers).threads for workers in (1, 3, 8, 20)] == [8, 2, 1, 1]
    assert worker_options(Options(threads=5), 8).threads == 5


@pytest.mark.slow
def test_workers_may_be_killed(clips, expected, tmp_path):
    """Five times at random moments; the batch goes on."""
    rng = random.Random(1)
    process = subprocess.Popen(command(clips, tmp_path), stderr=subprocess.PIPE, text=True)
    for number in range(5):
        wait_for(tmp_path, 6 * number + rng.randrange(1, 6))
        time.sleep(rng.uniform(0, 0.1))
        rng.choice(workers_of(process)).kill()
    _, said = process.communicate(timeout=200)
    assert process.returncode == 3 and "37 videos done" in said, said
    assert documents(tmp_path) == expected and not leftovers(tmp_path)


@pytest.mark.slow
def test_the_driver_may_be_killed(clips, expected, tmp_path):
    """Five times at random moments; its workers end with it, and the last run does the rest."""
    rng = random.Random(0)
    for number in range(5):
        process = subprocess.Popen(command(clips, tmp_path), stderr=subprocess.DEVNULL)
        wait_for(tmp_path, 6 * number + rng.randrange(1, 6))
        time.sleep(rng.uniform(0, 0.1))
        workers = workers_of(process)
        assert len(workers) == 2
        process.kill()
        process.wait()
        assert not psutil.wait_procs(workers, timeout=10)[1]
    done = run(clips, tmp_path)
    assert done.returncode == 3, done.stderr
    assert documents(tmp_path) == expected and not leftovers(tmp_path)
    records = Manifest(tmp_path).records
    assert len(records) == 40 and {name for name, record in records.items() if record.error} == BROKEN


@pytest.mark.slow
def test_ctrl_c_leaves_no_half_file(clips, expected, tmp_path):
    process = subprocess.Popen(command(clips, tmp_path), stderr=subprocess.PIPE, text=True)
    wait_for(tmp_path, 10)
    workers = workers_of(process)
    process.send_signal(signal.SIGINT)
    _, said = process.communicate(timeout=20)
    assert process.returncode == 130 and "goes on where it stopped" in said and "Traceback" not in said
    assert not psutil.wait_procs(workers, timeout=5)[1]
    assert not leftovers(tmp_path)
    assert all(expected[name] == content for name, content in documents(tmp_path).items())


def test_a_second_batch_in_the_same_folder_stops(clips, few, tmp_path):
    process = subprocess.Popen(command(clips, tmp_path / "out"), stderr=subprocess.DEVNULL)
    try:
        while not (tmp_path / "out" / ".lock").exists():
            time.sleep(0.02)
        time.sleep(0.3)
        second = run(few, tmp_path / "out")
        assert second.returncode == 2 and second.stderr.count("\n") == 1
        assert "another batch is at work there" in second.stderr
    finally:
        process.kill()
        process.wait()
    assert run(few, tmp_path / "out", "--no-video").returncode == 3  # the lock went with the process
