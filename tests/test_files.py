import os

import pytest

from posecore.files import replacing


def test_replaces_only_when_the_block_ends_well(tmp_path):
    path = tmp_path / "file"
    path.write_text("old")
    with pytest.raises(KeyboardInterrupt), replacing(path) as temporary:
        temporary.write_text("half")
        raise KeyboardInterrupt
    assert os.listdir(tmp_path) == ["file"] and path.read_text() == "old"
    with replacing(path) as temporary:
        temporary.write_text("new")
        assert path.read_text() == "old"
    assert os.listdir(tmp_path) == ["file"] and path.read_text() == "new"


def test_folders_are_made_and_taken_away_again(tmp_path):
    path = tmp_path / "a" / "b" / "file"
    with pytest.raises(RuntimeError), replacing(path):
        raise RuntimeError
    assert os.listdir(tmp_path) == []
    with replacing(path) as temporary:
        temporary.write_text("new")
    assert path.read_text() == "new"


def test_a_link_stays_a_link(tmp_path):
    (tmp_path / "target").write_text("old")
    (tmp_path / "link").symlink_to("target")
    with replacing(tmp_path / "link") as temporary:
        temporary.write_text("new")
    assert (tmp_path / "link").is_symlink() and (tmp_path / "target").read_text() == "new"


def test_a_folder_or_device_is_refused(tmp_path):
    for path in (tmp_path, "/dev/null"):
        with pytest.raises(ValueError, match=f"{path}: is not an ordinary file"), replacing(path):
            pass


def test_the_umask_is_kept(tmp_path):
    with replacing(tmp_path / "file") as temporary:
        temporary.write_text("new")
    (tmp_path / "ordinary").write_text("new")
    assert (tmp_path / "file").stat().st_mode == (tmp_path / "ordinary").stat().st_mode
