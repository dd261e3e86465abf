"""The same batches on Ray: one machine, then a cluster of several nodes that are killed."""

import os
import random
import shutil
import subprocess
import threading
import time

import psutil
import pytest
from test_batch import BROKEN, LITE, clips, command, documents, expected, leftovers  # noqa: F401

from posecore.batch import process_videos
from posecore.manifest import Manifest
from posecore.ray_cluster import ray_runner

pytestmark = [pytest.mark.slow, pytest.mark.ray]
ray = pytest.importorskip("ray", reason="Ray is not installed: pip install 'posecore[ray]'")


def test_it_does_what_local_workers_do(clips, expected, tmp_path):  # noqa: F811
    done = subprocess.run(command(clips, tmp_path, "--ray"), capture_output=True, text=True, timeout=300)
    assert done.returncode == 3, done.stderr
    assert "37 videos done" in done.stderr and "3 failed" in done.stderr and "Traceback" not in done.stderr
    assert documents(tmp_path) == expected and not leftovers(tmp_path)
    again = subprocess.run(command(clips, tmp_path, "--ray"), capture_output=True, text=True, timeout=300)
    assert "0 videos done (0 frames), 37 done before, 3 failed" in again.stderr


def test_the_driver_may_be_killed(clips, expected, tmp_path):  # noqa: F811
    process = subprocess.Popen(command(clips, tmp_path, "--ray"), stderr=subprocess.DEVNULL)
    while len(documents(tmp_path)) < 3:
        assert process.poll() is None
        time.sleep(0.1)
    family = psutil.Process(process.pid).children(recursive=True)
    process.kill()
    process.wait()
    psutil.wait_procs(family, timeout=30)  # Ray ends its own
    done = subprocess.run(command(clips, tmp_path), capture_output=True, text=True, timeout=300)
    assert done.returncode == 3, done.stderr
    assert documents(tmp_path) == expected and not leftovers(tmp_path)


@pytest.fixture
def cluster():
    from ray.cluster_utils import Cluster

    os.environ["RAY_USAGE_STATS_ENABLED"] = "0"
    cluster = Cluster(initialize_head=True, head_node_args={"num_cpus": 0, "include_dashboard": False})
    yield cluster
    ray.shutdown()
    cluster.shutdown()


def test_nodes_may_be_killed(cluster, clips, expected, tmp_path):  # noqa: F811
    """Five times at random moments one of the two nodes that work is killed, and another one joins."""
    rng = random.Random(0)
    nodes = [cluster.add_node(num_cpus=1) for _ in range(2)]
    results = []
    batch = threading.Thread(
        target=lambda: results.append(process_videos(str(clips), tmp_path, LITE, run=ray_runner(cluster.address)))
    )
    batch.start()
    for _ in range(5):
        time.sleep(rng.uniform(1, 3))
        node = nodes.pop(rng.randrange(2))
        cluster.remove_node(node, allow_graceful=False)
        nodes.append(cluster.add_node(num_cpus=1))
    batch.join(timeout=200)
    (result,) = results
    lost = {record.name for record in result.failed} - BROKEN
    print(f"given up after three deaths: {lost or 'none'}")
    process_videos(str(clips), tmp_path, LITE, retry_failed=True)
    assert documents(tmp_path) == expected and not leftovers(tmp_path)
    records = Manifest(tmp_path).records
    assert {name for name, record in records.items() if record.error} == BROKEN


def test_a_cluster_that_is_not_there(clips, tmp_path):  # noqa: F811
    shutil.copy(clips / "walk00.mp4", tmp_path)
    with pytest.raises(ValueError, match=r"127\.0\.0\.1:1: no Ray cluster there"):
        process_videos(str(tmp_path), tmp_path / "out", LITE, run=ray_runner("127.0.0.1:1"))
