"""An empty cache, a host that misbehaves as it is told, and an npm that knows what the test says."""

import io
import sys
import tarfile
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from posecore.assets import sources


class Host(ThreadingHTTPServer):
    """Gives `files` by path, and notes path and range of what it was asked for in `asked`.

    ranges: whether it knows them. stop_after: bytes of an answer after which it hangs up. refuses: paths.
    """

    def __init__(self):
        super().__init__(("127.0.0.1", 0), Handler)
        self.files, self.asked, self.refuses = {}, [], ()
        self.ranges, self.stop_after = True, None

    def address(self, path):
        return f"http://127.0.0.1:{self.server_port}{path}"


class Handler(BaseHTTPRequestHandler):
    def do_GET(self):
        host, wanted = self.server, self.headers.get("Range")
        host.asked.append((self.path, wanted))
        start = int(wanted.removeprefix("bytes=").rstrip("-")) if wanted and host.ranges else 0
        if self.path in host.refuses or self.path not in host.files:
            return self.send_error(403 if self.path in host.refuses else 404)
        content = host.files[self.path]
        if start >= len(content):
            return self.send_error(416)
        self.send_response(206 if start else 200)
        self.send_header("Content-Length", str(len(content) - start))
        self.end_headers()
        self.wfile.write(content[start:][: host.stop_after])

    def log_message(self, *_):
        pass


@pytest.fixture
def host():
    with Host() as host:
        thread = threading.Thread(target=host.serve_forever, args=(0.01,))
        thread.start()
        yield host
        host.shutdown()
        thread.join()


@pytest.fixture
def cache(tmp_path, monkeypatch):
    """An empty cache."""
    monkeypatch.setenv("POSECORE_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache"


@pytest.fixture
def left(cache):
    """The names of what is in the cache."""
    return lambda: sorted(path.name for path in cache.rglob("*"))


def make_package(files) -> bytes:
    """A .tgz with these files: name → content."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz") as archive:
        for name, content in files.items():
            entry = tarfile.TarInfo(name)
            entry.size = len(content)
            archive.addfile(entry, io.BytesIO(content))
    return buffer.getvalue()


@pytest.fixture
def npm(tmp_path, monkeypatch):
    """An npm that says where each package of the file `packages` is, and packs what lies in the folder `private`."""
    (tmp_path / "packages").touch()
    (tmp_path / "private").mkdir()
    (tmp_path / "npm").write_text(
        f"""#!{sys.executable} -S
import pathlib, shutil, sys
here, (command, package, *rest) = pathlib.Path({str(tmp_path)!r}), sys.argv[1:]
with open(here / "npm.log", "a") as log:
    print(command, package, file=log)
known = dict(line.split() for line in open(here / "packages"))
if command == "view" and package in known:
    sys.exit(print(known[package]))
own = here / "private" / package.replace("/", "-")
if command != "pack" or not own.exists():
    sys.exit("npm error code E404\\nnpm error A complete log of this run can be found in: …")
shutil.copy(own, rest[1] + "/package.tgz")
"""
    )
    (tmp_path / "npm").chmod(0o755)
    monkeypatch.setattr(sources, "_npm", lambda: str(tmp_path / "npm"))
    return tmp_path
