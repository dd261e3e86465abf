import os

import pytest

from posecore.files import keep_newest, refuse_inputs, remove_leftovers, replacing


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


@pytest.mark.parametrize("name", ["a" * 230 + ".mp4", "走" * 83 + ".mp4"])
def test_long_names_that_begin_alike_do_not_meet(tmp_path, name):
    """While one file is being written, what was left of the other is removed."""
    path, other = tmp_path / name, tmp_path / f"{name[:-4]}b"
    with replacing(path) as temporary:
        temporary.write_text("new")
        remove_leftovers(other)
        remove_leftovers(tmp_path / name[:50])
    assert path.read_text() == "new" and os.listdir(tmp_path) == [name]


def test_leftovers_are_removed_and_nothing_else(tmp_path):
    with pytest.raises(KeyboardInterrupt), replacing(tmp_path / "a.mp4") as temporary:
        left = temporary.name
        raise KeyboardInterrupt
    others = [
        "a.mp4",
        ".a.mp4.part",
        ".a.mp4.b.mp4.12-00ff-0123abcd.part",
        ".a.mp4.notes.part",
        left.replace("a.mp4", "b.mp4"),
    ]
    for name in (left, *others):
        (tmp_path / name).touch()
    remove_leftovers(tmp_path / "a.mp4")
    assert sorted(os.listdir(tmp_path)) == sorted(others)
    remove_leftovers(tmp_path / "no folder" / "a.mp4")


def test_what_is_read_is_not_written_under_any_name(tmp_path):
    source, other = tmp_path / "a.json", tmp_path / "b.json"
    for path in (source, other):
        path.write_text(path.name)
    (tmp_path / "link.json").symlink_to(source)
    (tmp_path / "hard.json").hardlink_to(source)
    (tmp_path / "sub").mkdir()
    for name in ("a.json", "link.json", "hard.json", "sub/../a.json"):
        with pytest.raises(ValueError, match=f"{name}: is an input too; name another file"):
            refuse_inputs(tmp_path / name, other, None, source)
    refuse_inputs(other, source, None)
    refuse_inputs(tmp_path / "new.json", source)


def test_what_was_longest_not_used_gives_way_and_what_cannot_be_deleted_stays(tmp_path):
    """A folder can be no more deleted like a file than a link that leads nowhere can be looked at."""
    for age, name in enumerate(("new", "folder", "old")):
        path = tmp_path / name
        path.mkdir() if name == "folder" else path.write_bytes(bytes(600))
        os.utime(path, (1000 - age, 1000 - age))
    (tmp_path / "link").symlink_to("nowhere")
    keep_newest(tmp_path, "*", 1000)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["folder", "link", "new"]
    keep_newest(tmp_path, "*", 0)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["folder", "link"]
