"""data/fetch.py against a small server of our own."""

import hashlib
import importlib.util
import io
import json
import threading
import zipfile
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from people import dataset, person

ROOT = Path(__file__).parent.parent


@pytest.fixture(scope="module")
def fetch():
    spec = importlib.util.spec_from_file_location("fetch", ROOT / "data/fetch.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def make_zip(files):
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return buffer.getvalue()


ANNOTATIONS = json.dumps(dataset(person(1), person(2), person(2), images=(1, 2)))
FILES = {
    "/annotations_trainval2017.zip": make_zip(
        {"annotations/person_keypoints_val2017.json": ANNOTATIONS, "annotations/captions_val2017.json": "{}"}
    ),
    "/val2017.zip": make_zip({"val2017/": "", "val2017/1.jpg": b"one" * 5000, "val2017/2.jpg": b"two" * 5000}),
}


class Server(ThreadingHTTPServer):
    """Serves FILES; keeps what was asked for. Class attributes say how it misbehaves."""

    def __init__(self):
        super().__init__(("127.0.0.1", 0), Handler)
        self.asked = []
        self.ranges = True
        self.stop_after = None  # bytes, then the connection is cut
        self.files = dict(FILES)


class Handler(BaseHTTPRequestHandler):
    def do_GET(self):
        content, wanted = self.server.files.get(self.path), self.headers.get("Range")
        self.server.asked.append((self.path, wanted))
        if content is None:
            self.send_error(404)
            return
        start = int(wanted[len("bytes=") : -1]) if wanted and self.server.ranges else 0
        self.send_response(206 if start else 200)
        self.send_header("Content-Length", str(len(content) - start))
        self.end_headers()
        self.wfile.write(content[start:][: self.server.stop_after])

    def log_message(self, *_):
        pass


@pytest.fixture
def server():
    with Server() as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield server
        server.shutdown()
        thread.join()


@pytest.fixture
def archives(fetch, server):
    """The two archives of COCO, small, on our server."""
    members = ("annotations/person_keypoints_val2017.json", "val2017/*.jpg")
    return tuple(
        fetch.Archive(
            f"http://127.0.0.1:{server.server_port}{path}", len(content), hashlib.sha256(content).hexdigest(), wanted,
            len(content),
        )
        for (path, content), wanted in zip(FILES.items(), members, strict=True)
    )  # fmt: skip


@pytest.fixture
def coco(fetch, archives, monkeypatch, tmp_path):
    """Run the script's main on our archives; returns the exit status."""
    monkeypatch.setattr(fetch, "ARCHIVES", archives)
    monkeypatch.setenv("POSECORE_DATA", str(tmp_path / "data"))
    return lambda: fetch.main(["coco-val2017"])


def test_fresh(coco, tmp_path, server, capsys):
    assert coco() == 0
    folder = tmp_path / "data/coco"
    there = sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())
    assert there == [
        "annotations/person_keypoints_val2017.json", "single_person.txt", "val2017/1.jpg", "val2017/2.jpg"
    ]  # fmt: skip
    assert (folder / "val2017/2.jpg").read_bytes() == b"two" * 5000
    assert (folder / "single_person.txt").read_text() == "1\n"
    said = capsys.readouterr().err
    assert f"fetching {sum(map(len, FILES.values())):,} bytes to {tmp_path / 'data'}" in said.splitlines()[0]
    assert [path for path, _ in server.asked] == list(FILES)
    assert coco() == 0 and len(server.asked) == 2
    assert "is complete" in capsys.readouterr().err


def test_a_download_that_stops_goes_on(coco, tmp_path, server, capsys):
    server.stop_after = 700
    assert coco() == 2
    said = capsys.readouterr().err
    first = "annotations_trainval2017.zip"
    assert f"{first}: cannot be fetched (it stopped after" in said or "IncompleteRead" in said
    assert (tmp_path / "data" / f"{first}.part").stat().st_size == 700
    server.stop_after = None
    assert coco() == 0
    assert server.asked[1] == (f"/{first}", "bytes=700-")
    assert "700 are here already" in capsys.readouterr().err
    assert not list((tmp_path / "data").glob("*.part"))


def test_a_server_without_ranges_starts_anew(coco, tmp_path, server):
    server.ranges = False
    (tmp_path / "data").mkdir()
    (tmp_path / "data/val2017.zip.part").write_bytes(b"x" * 100)
    assert coco() == 0
    assert server.asked[-1] == ("/val2017.zip", "bytes=100-")


def test_archives_put_there_by_hand_are_used(coco, tmp_path, server):
    (tmp_path / "data").mkdir()
    for path, content in FILES.items():
        (tmp_path / f"data{path}").write_bytes(content)
    assert coco() == 0 and server.asked == []


@pytest.mark.parametrize("content", [b"another file", FILES["/val2017.zip"][:-1] + b"x"])
def test_wrong_archives_put_there_by_hand(coco, tmp_path, capsys, content):
    (tmp_path / "data").mkdir()
    (tmp_path / "data/val2017.zip").write_bytes(content)
    assert coco() == 2
    said = capsys.readouterr().err.splitlines()[-1]
    assert "val2017.zip: has" in said and "expected" in said and "delete it, or put the right one there" in said
    assert (tmp_path / "data/val2017.zip").read_bytes() == content


def test_a_wrong_hash(coco, tmp_path, server, capsys):
    good = server.files["/val2017.zip"]
    server.files["/val2017.zip"] = good[:-1] + bytes([good[-1] ^ 1])
    assert coco() == 2
    said = capsys.readouterr().err.splitlines()[-1]
    assert "has SHA-256" in said and "expected" in said and "nothing was kept" in said
    assert not list((tmp_path / "data").glob("val2017.zip*"))


def test_a_wrong_size(coco, tmp_path, server, capsys):
    server.files["/val2017.zip"] += b"more"
    assert coco() == 2
    assert "another file, nothing was fetched" in capsys.readouterr().err.splitlines()[-1]
    assert not list((tmp_path / "data").glob("val2017.zip*"))


@pytest.mark.parametrize("how", ["refused", "404"])
def test_no_network(coco, tmp_path, server, capsys, how):
    if how == "404":
        server.files.clear()
    else:
        server.socket.close()
    assert coco() == 2
    said = capsys.readouterr().err.splitlines()[-1]
    for name in ("annotations_trainval2017.zip", "val2017.zip", str(tmp_path / "data"), "by hand"):
        assert name in said


def test_a_full_disk_is_noticed_before_anything_is_fetched(fetch, coco, server, monkeypatch, capsys):
    class Full:
        free = 100

    monkeypatch.setattr(fetch.shutil, "disk_usage", lambda _: Full)
    assert coco() == 2
    assert "100 bytes are free" in capsys.readouterr().err and server.asked == []


def test_members_stay_inside_the_folder(fetch, tmp_path):
    path = tmp_path / "a.zip"
    path.write_bytes(make_zip({"val2017/../../evil.jpg": b"x", "val2017/good.jpg": b"x"}))
    fetch.unpack(fetch.Archive("http://a/a.zip", 0, None, "val2017/*.jpg", 0), path, tmp_path / "in/coco")
    assert sorted(p.name for p in tmp_path.rglob("*.jpg")) == ["good.jpg"]


def test_the_real_archives_are_the_official_ones(fetch):
    assert [archive.name for archive in fetch.ARCHIVES] == ["annotations_trainval2017.zip", "val2017.zip"]
    assert all(archive.url.startswith("http://images.cocodataset.org/") for archive in fetch.ARCHIVES)
    card = (ROOT / "data/README.md").read_text(encoding="utf-8")
    for archive in fetch.ARCHIVES:
        assert archive.url in card and f"{archive.size:,}" in card and archive.sha256 in card
