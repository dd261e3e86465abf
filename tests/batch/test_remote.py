"""Inputs that come from a web server of the test's own."""

import http.server
import os
import tempfile
import threading
from functools import partial
from pathlib import Path

import pytest

from posecore.batch.inputs import find_inputs, local_file, state
from posecore.batch.remote import name_of

pytest.importorskip("fsspec", reason="fsspec is not installed: pip install 'posecore[ray]'")
pytest.importorskip("aiohttp", reason="aiohttp is not installed: pip install 'posecore[ray]'")


class Server(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *arguments) -> None:
        pass


@pytest.fixture
def site(tmp_path):
    """Address of a server with a/one.mp4, a/b/two.webm and a/notes.txt."""
    for name in ("a/one.mp4", "a/b/two.webm", "a/notes.txt"):
        path = tmp_path / "site" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(name)
    handler = partial(Server, directory=str(tmp_path / "site"))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


@pytest.fixture(autouse=True)
def temporary(tmp_path, monkeypatch) -> Path:
    """The folder for temporary files."""
    folder = tmp_path / "temporary"
    folder.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    return folder


def test_a_copy_is_fetched_and_removed(site, temporary):
    url = f"{site}/a/one.mp4?key=secret"
    assert state(url)[0] == len("a/one.mp4")
    with local_file(url) as path:
        assert Path(path).read_text() == "a/one.mp4" and Path(path).name == "one.mp4"
        assert Path(path).is_relative_to(temporary)
    assert not os.listdir(temporary)


def test_patterns_and_folders_of_urls(site):
    (one,) = find_inputs(f"{site}/a/*.mp4")
    assert (one.path, one.name) == (f"{site}/a/one.mp4", "one")
    assert [source.name for source in find_inputs(f"{site}/a/")] == ["b/two", "one"]
    assert [source.name for source in find_inputs(f"{site}/a/one.mp4?key=1")] == ["one"]


def test_names_of_urls():
    assert name_of("https://host/a/b.mp4?key=1.2#x") == "host/a/b.mp4"
    assert name_of("s3://bucket/what?.mp4") == "bucket/what?.mp4"


def test_what_cannot_be_fetched_is_said_in_a_line(site):
    with pytest.raises(OSError, match=r"none\.mp4: cannot be fetched \(no such file\)"):
        state(f"{site}/none.mp4")
    with pytest.raises(OSError, match=r"127\.0\.0\.1:1/a\.mp4: cannot be fetched"):
        state("http://127.0.0.1:1/a.mp4")
    with pytest.raises(ValueError, match=r"^nothing://a: cannot be reached .*pip install"):
        state("nothing://a")
