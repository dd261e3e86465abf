"""What can go wrong with a download and the cache: each is said in words that name it and the cure."""

import hashlib
import os
import resource
import socket
import threading
import zipfile
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from posecore import files
from posecore.assets import ASSETS, fetch, sources
from posecore.assets.catalog import Source
from posecore.files import file_sha256

WHOLE = b"x" * 100_000
HEAD = b"HTTP/1.1 200 OK\r\n"


@pytest.fixture
def answering():
    """A host that gives one answer, byte for byte, to whoever asks, and hangs up; gives its address."""
    servers = []

    def answering(answer: bytes) -> str:
        server = socket.create_server(("127.0.0.1", 0))
        servers.append(server)

        def serve():
            while True:
                try:
                    connection = server.accept()[0]
                except OSError:
                    return
                with closing(connection):
                    connection.recv(65536)
                    connection.sendall(answer)

        threading.Thread(target=serve, daemon=True).start()
        return f"http://127.0.0.1:{server.getsockname()[1]}/lite.task"

    yield answering
    for server in servers:
        server.shutdown(socket.SHUT_RDWR)
        server.close()


def offer(monkeypatch, *offered: Source, content: bytes = WHOLE):
    """Make the lite model a file that these sources have."""
    sha256 = hashlib.sha256(content).hexdigest()
    monkeypatch.setitem(ASSETS, "lite", replace(ASSETS["lite"], sha256=(sha256,), sources=offered))


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (HEAD + b"Content-Length: 100000\r\n\r\n" + WHOLE[:500], "broke off after 500 of 100000 bytes"),
        (HEAD + b"Transfer-Encoding: chunked\r\n\r\nffff\r\n" + WHOLE[:500], "broke off"),
        (HEAD + b"Transfer-Encoding: chunked\r\n\r\nno number\r\n", "broke off"),
        (b"", "Remote end closed connection without response"),
        (b"SSH-2.0-OpenSSH_9.2\r\n", "is no web server"),
        (HEAD + b"x: " + b"y" * 70_000 + b"\r\n\r\n", "is no web server"),
        (HEAD + b"a: b\r\n" * 200 + b"\r\n", "is no web server"),
        (b"HTTP/1.1 503 Busy\r\n\r\n", "Busy"),
        (b"HTTP/1.1 302 Found\r\nLocation: ftp://127.0.0.1:1/x\r\n\r\n", ""),
    ],
)
def test_a_download_that_fails(cache, left, monkeypatch, answering, answer, words):
    offer(monkeypatch, Source("url", answering(answer), len(WHOLE)))
    with pytest.raises(ConnectionError) as failed:
        fetch("lite")
    told = str(failed.value)
    assert told.startswith("pose_landmarker_lite.task: cannot be had (127.0.0.1:") and words in told
    assert f"check the network, or put it into {cache} by hand" in told
    assert left() == (["lite.task.part"] if "500 of 100000" in words else [])


def test_after_one_that_breaks_off_the_next_source_is_tried(cache, monkeypatch, answering, capsys):
    cut = HEAD + b"Content-Length: 100000\r\n\r\n" + WHOLE[:500]
    good = HEAD + b"Content-Length: 100000\r\n\r\n" + WHOLE
    offer(monkeypatch, *(Source("url", answering(answer), len(WHOLE)) for answer in (cut, good)))
    assert fetch("lite").read_bytes() == WHOLE
    assert "broke off after 500 of 100000 bytes" in capsys.readouterr().err


def no_archive(folder):
    (folder / "package").write_bytes(b"<html>no such thing</html>")


def cut_zip(folder):
    with zipfile.ZipFile(folder / "whole", "w") as archive:
        archive.writestr("member", os.urandom(10_000))
    (folder / "package").write_bytes((folder / "whole").read_bytes()[:5000])


@pytest.mark.parametrize("made", [no_archive, cut_zip, None])
def test_a_wheel_that_is_none(cache, monkeypatch, tmp_path, made):
    """The client ends well and what it has brought is no archive, half of one, or nothing."""

    def client(command):
        folder = Path(command[command.index("--dest") + 1])
        if made:
            made(tmp_path)
            (folder / "name.whl").write_bytes((tmp_path / "package").read_bytes())

    monkeypatch.setattr(sources, "_run", client)
    offer(monkeypatch, Source("pypi", "name", 1, (("member", "0" * 64),)))
    with pytest.raises(ConnectionError) as failed:
        fetch("lite")
    assert ("no whole archive" if made else "has brought no package") in str(failed.value)
    assert not cache.exists()


def test_an_unwritable_cache_is_said_before_anything_is_downloaded(tmp_path, monkeypatch, answering):
    (tmp_path / "file").touch()
    monkeypatch.setenv("POSECORE_CACHE", str(tmp_path / "file" / "cache"))
    monkeypatch.setitem(sources.READERS, "url", lambda source, folder: pytest.fail("it was downloaded"))
    offer(monkeypatch, Source("url", "http://127.0.0.1:1/", 1))
    with pytest.raises(OSError, match=r"file is not a folder.*; set the environment variable POSECORE_CACHE to a fold"):
        fetch("lite")
    assert sorted(os.listdir(tmp_path)) == ["file"]


@pytest.fixture
def narrow():
    """A disk on which no file may grow beyond 50,000 bytes."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (50_000, before[1]))
    yield
    resource.setrlimit(resource.RLIMIT_FSIZE, before)


def test_a_cache_that_is_full(left, monkeypatch, answering, narrow):
    """In the middle of the download: the next source would not help."""
    source = Source("url", answering(HEAD + b"Content-Length: 100000\r\n\r\n" + WHOLE), len(WHOLE))
    offer(monkeypatch, source, replace(source, place="http://127.0.0.1:1/"))
    told = r"lite\.task\.part: cannot be written \(File too large\).*POSECORE_CACHE"
    with pytest.raises(OSError, match=told):
        fetch("lite")
    assert left() == ["lite.task.part"]


def test_a_cache_that_is_full_at_the_end(left, monkeypatch, narrow):
    offer(monkeypatch, Source("url", "http://127.0.0.1:1/", 1))
    monkeypatch.setitem(sources.READERS, "url", lambda source, folder: [WHOLE])
    told = r"lite\.task: cannot be written \(File too large\).*POSECORE_CACHE"
    with pytest.raises(OSError, match=told):
        fetch("lite")
    assert left() == []


@pytest.mark.parametrize(("settled", "times"), [(-1e9, 1), (1e9, 2)])
def test_a_file_is_hashed_once(tmp_path, monkeypatch, settled, times):
    """Unless it is so new that it could change once more and look the same."""
    path, read = tmp_path / "file", []
    digest = hashlib.file_digest
    monkeypatch.setattr(hashlib, "file_digest", lambda file, name: read.append(file.name) or digest(file, name))
    monkeypatch.setattr(files, "SETTLED", settled)
    path.write_bytes(b"old")
    assert file_sha256(path) == file_sha256(path) == hashlib.sha256(b"old").hexdigest()
    assert len(read) == times
    path.write_bytes(b"other")
    assert file_sha256(path) == hashlib.sha256(b"other").hexdigest()
