"""A folder that comes from others may hold links: a batch writes nothing through them, and deletes nothing."""

import shutil

import pytest
from batches import LITE, here

from posecore.batch import process_videos


@pytest.fixture
def folders(tmp_path, tiny_video):
    """A folder of inputs, in which the outputs are to lie; and another one, with something that must stay."""
    for folder in ("in/out", "home/letters"):
        (tmp_path / folder).mkdir(parents=True)
    for path in ("home/diary", "home/letters/one"):
        (tmp_path / path).write_text("dear diary")
    shutil.copy(tiny_video, tmp_path / "in/a.mp4")
    return tmp_path / "in", tmp_path / "home"


@pytest.mark.parametrize(
    ("link", "to"),
    [
        ("a.json", "diary"),
        ("a.mp4", "not-there-yet.mp4"),
        ("manifest.jsonl", "diary"),
        (".lock", "diary"),
        (".segments", ""),
    ],
)
def test_what_would_be_written_by_a_link_is_refused(folders, link, to):
    given, home = folders
    (given / "out" / link).symlink_to(home / to)
    with pytest.raises(ValueError, match=f"out/{link}: is a link, or lies behind one, and nothing is written there"):
        process_videos(str(given), given / "out", LITE, segment_minutes=0.001, run=here)
    assert {path.name for path in home.rglob("*")} == {"diary", "letters", "one"}
    assert (home / "diary").read_text() == (home / "letters/one").read_text() == "dear diary"


def test_a_folder_behind_a_link_is_refused(folders):
    given, home = folders
    (given / "sub").mkdir()
    (given / "a.mp4").rename(given / "sub/a.mp4")
    (given / "out/sub").symlink_to(home)
    with pytest.raises(ValueError, match="out/sub: is a link, or lies behind one"):
        process_videos(str(given), given / "out", LITE, run=here)
    assert sorted(path.name for path in home.iterdir()) == ["diary", "letters"]


def test_the_folder_of_the_outputs_itself_may_be_a_link(folders, tmp_path, lite):
    given, home = folders
    (tmp_path / "disk").symlink_to(home)
    assert len(process_videos(str(given), tmp_path / "disk", LITE, video=False, run=here).done) == 1
    assert (home / "a.json").is_file()
