"""The same batches on Ray: one machine, then a cluster of several nodes that are killed."""

import random
import shutil
import subprocess
import threading
from contextlib import suppress

import psutil
import pytest
from batches import BROKEN, LITE, at_work_on, command, documents, ended, leftovers, wait_for
from waiting import HANGS, running

from posecore.batch import long_videos, process_videos
from posecore.batch.manifest import Manifest
from posecore.batch.ray_cluster import cores_each, ray_runner
from posecore.pipeline import process_video

pytestmark = [pytest.mark.slow, pytest.mark.ray]
ray = pytest.importorskip("ray", reason="Ray is not installed: pip install 'posecore[ray]'")


def test_it_does_what_local_workers_do(clips, expected, tmp_path):
    done = subprocess.run(command(clips, tmp_path, "--ray"), capture_output=True, text=True, timeout=HANGS)
    assert done.returncode == 3, done.stderr
    assert "37 videos done" in done.stderr and "3 failed" in done.stderr and "Traceback" not in done.stderr
    assert documents(tmp_path) == expected and not leftovers(tmp_path)
    again = subprocess.run(command(clips, tmp_path, "--ray"), capture_output=True, text=True, timeout=HANGS)
    assert "0 videos done (0 frames), 37 done before, 3 failed" in again.stderr


def test_segments_of_long_videos_are_tasks(few, expected, tmp_path):
    """All of them warm up from the start, so nothing may differ."""
    result = process_videos(str(few), tmp_path / "out", LITE, run=ray_runner(workers=2), segment_minutes=0.003)
    assert [record.name for record in result.failed] == ["half"]
    assert documents(tmp_path / "out") == {name: expected[name] for name in ("walk00", "walk01", "walk02")}
    assert not (tmp_path / "out" / long_videos.FOLDER).exists() and not leftovers(tmp_path)


@pytest.mark.parametrize(
    ("nodes", "tasks", "cores"),
    [
        ([2], 1, 2),
        ([2], 2, 1),
        ([1, 1], 1, 1),
        ([3, 3], 3, 1),
        ([4, 4], 3, 2),
        ([8, 0], 3, 2),
        ([8], 100, 1),
        ([], 3, 1),
    ],
)
def test_few_tasks_have_more_cores_each(nodes, tasks, cores):
    """As many as leave room for all of them side by side, on nodes that a task does not reach over."""
    assert cores_each(nodes, tasks) == cores


def is_worker(process):
    with suppress(psutil.Error):
        return " ".join(process.cmdline()).startswith(("ray::do_task", "ray::IDLE"))
    return False


def test_the_video_of_a_killed_worker_is_done_by_another(demo, tmp_path):
    (tmp_path / "in").mkdir()
    shutil.copy(demo, tmp_path / "in" / "demo.mp4")
    out = tmp_path / "out"
    arguments = command(tmp_path / "in", out, "--no-video", "--ray")
    with running(arguments, stderr=subprocess.PIPE, text=True) as process:
        first = at_work_on(out / "demo.json")
        assert is_worker(first)
        first.kill()
        second = at_work_on(out / "demo.json", first)
        assert second != first and is_worker(second)
        _, said = process.communicate(timeout=HANGS)
    assert process.returncode == 0 and "1 videos done" in said and "0 failed" in said, said
    process_video(demo, json=tmp_path / "demo.json", options=LITE)
    assert documents(out) == {"demo": (tmp_path / "demo.json").read_bytes()} and not leftovers(out)


def test_the_driver_may_be_killed(clips, expected, tmp_path):
    with running(command(clips, tmp_path, "--ray"), stderr=subprocess.DEVNULL) as process:
        wait_for(tmp_path, 3)
        workers = [child for child in psutil.Process(process.pid).children(recursive=True) if is_worker(child)]
        process.kill()
        process.wait()
        assert workers and ended(workers)
    done = subprocess.run(command(clips, tmp_path), capture_output=True, text=True, timeout=HANGS)
    assert done.returncode == 3, done.stderr
    assert documents(tmp_path) == expected and not leftovers(tmp_path)


def started(start):
    """What `start` starts; Ray gives that 30 s, which a busy machine may need more than once."""
    for _ in range(5):
        try:
            return start()
        except Exception as error:  # Ray raises bare ones
            failed = error
    raise failed


@pytest.fixture
def cluster(monkeypatch):
    from ray.cluster_utils import Cluster

    monkeypatch.setenv("RAY_USAGE_STATS_ENABLED", "0")
    head = {"num_cpus": 0, "include_dashboard": False}
    cluster = started(lambda: Cluster(initialize_head=True, head_node_args=head))
    yield cluster
    ray.shutdown()
    cluster.shutdown()


def _kill(cluster, node):
    """All processes of a node, as when its power goes."""
    family = [child for info in node.all_processes["raylet"] for child in psutil.Process(info.process.pid).children()]
    cluster.remove_node(node, allow_graceful=False)
    for child in family:
        with suppress(psutil.NoSuchProcess):
            child.kill()


COPIES = [f"copy{number}" for number in range(2)]


@pytest.fixture
def many(clips, tmp_path):
    """All clips several times: a batch that lasts."""
    for copy in COPIES:
        shutil.copytree(clips, tmp_path / "many" / copy)
    return tmp_path / "many"


def test_nodes_may_be_killed(cluster, many, expected, tmp_path):
    """Three times at random moments one of the two nodes that work is killed, and another one joins."""
    rng, out = random.Random(0), tmp_path / "out"
    nodes = [started(lambda: cluster.add_node(num_cpus=1)) for _ in range(2)]
    results = []
    batch = threading.Thread(
        target=lambda: results.append(process_videos(str(many), out, LITE, run=ray_runner(cluster.address))),
        daemon=True,
    )
    batch.start()
    for number in range(3):
        wait_for(out, 20 * number + rng.randrange(1, 20))
        node = nodes.pop(rng.randrange(2))
        _kill(cluster, node)
        assert batch.is_alive()
        nodes.append(started(lambda: cluster.add_node(num_cpus=1)))
    batch.join(timeout=HANGS)
    (result,) = results
    broken = {f"{copy}/{name}" for copy in COPIES for name in BROKEN}
    print(f"given up after three deaths: {({record.name for record in result.failed} - broken) or 'none'}")
    process_videos(str(many), out, LITE, retry_failed=True)
    assert documents(out) == {f"{copy}/{name}": content for copy in COPIES for name, content in expected.items()}
    assert not leftovers(out)
    assert {name for name, record in Manifest(out).records.items() if record.error} == broken


def test_a_cluster_that_is_not_there(clips, tmp_path):
    shutil.copy(clips / "walk00.mp4", tmp_path)
    with pytest.raises(ValueError, match=r"127\.0\.0\.1:1: no Ray cluster there"):
        process_videos(str(tmp_path), tmp_path / "out", LITE, run=ray_runner("127.0.0.1:1"))
