"""How bench/batch.py looks at the memory of workers."""

import threading
from types import SimpleNamespace

import batch
import psutil
from waiting import HANGS


def test_a_worker_that_ends_while_it_is_looked_at_is_passed_over(monkeypatch):
    looked = threading.Event()

    def gone():
        raise psutil.NoSuchProcess(7)

    def there():
        looked.set()
        return ["python", "spawn_main"]

    def memory():
        return SimpleNamespace(rss=5_000_000)

    workers = [SimpleNamespace(cmdline=gone), SimpleNamespace(cmdline=there, memory_info=memory, pid=9)]
    monkeypatch.setattr(batch.psutil, "Process", lambda: SimpleNamespace(children=lambda recursive: workers))
    with batch.watched() as found:
        assert looked.wait(HANGS)
    assert set(found) == {9} and found[9][0] == 5
