import pytest

from posecore.batch.inputs import find_inputs, state


@pytest.fixture
def folder(tmp_path):
    for name in ("a/one.mp4", "a/b/two.MOV", "a/b/notes.txt", "three.webm"):
        path = tmp_path / "in" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(name)
    return tmp_path / "in"


def names(given):
    return [source.name for source in find_inputs(str(given))]


def test_a_folder_gives_all_videos_below_it(folder):
    assert names(folder) == ["a/b/two", "a/one", "three"]


def test_a_pattern_gives_what_it_matches_named_from_its_fixed_part(folder):
    assert names(folder / "**/*.mp4") == ["a/one"]
    assert names(folder / "a" / "**" / "*.*") == ["b/notes", "b/two", "one"]


def test_a_list_gives_its_lines(folder, tmp_path):
    listed = tmp_path / "list.txt"
    listed.write_text(f"{folder}/three.webm\n\n# not this one\n{folder}/a/one.mp4\n{folder}/a/one.mp4\n")
    assert names(listed) == ["a/one", "three"]
    assert [source.path for source in find_inputs(str(listed))] == [f"{folder}/a/one.mp4", f"{folder}/three.webm"]


def test_urls_in_a_list_are_named_by_their_path(tmp_path):
    listed = tmp_path / "list.txt"
    listed.write_text("s3://bucket/x/one.mp4\ns3://bucket/y/two.mp4\n")
    assert names(listed) == ["bucket/x/one", "bucket/y/two"]


@pytest.mark.parametrize("outside", ["../../../etc/x.mp4", "/x.mp4"])
def test_names_never_lead_out_of_the_output_folder(tmp_path, outside):
    listed = tmp_path / "list.txt"
    listed.write_text(f"{outside}\nhere.mp4\n")
    assert all(not name.startswith(("/", "..")) for name in names(listed))


def test_two_inputs_of_one_name_are_refused(folder):
    (folder / "a" / "one.mov").touch()
    with pytest.raises(ValueError, match=r"one\.mov and .*one\.mp4: both would be written as a/one"):
        find_inputs(str(folder))


def test_nothing_to_do_is_an_error(tmp_path, folder):
    (tmp_path / "empty").mkdir()
    (tmp_path / "none.txt").touch()
    for given in ("empty", "none.txt", "in/*.avi"):
        with pytest.raises(ValueError, match="no video there"):
            find_inputs(str(tmp_path / given))
    with pytest.raises(FileNotFoundError):
        find_inputs(str(tmp_path / "missing.txt"))


def test_the_state_of_a_file_changes_with_it(folder):
    path = folder / "three.webm"
    before = state(str(path))
    path.write_text("other")
    assert state(str(path)) != before


def test_a_folder_has_one_name_however_it_is_written(folder, monkeypatch):
    monkeypatch.chdir(folder)
    assert find_inputs(".") == find_inputs("./a/..") == find_inputs(str(folder)) == find_inputs(f"{folder}/")
    assert find_inputs("a/*.mp4") == find_inputs(f"{folder}/a/*.mp4")


def test_what_lies_in_the_folder_of_the_outputs_is_no_input(folder, tmp_path):
    (tmp_path / "link").symlink_to(folder)
    assert [source.name for source in find_inputs(str(folder), folder / "a")] == ["three"]
    assert [source.name for source in find_inputs(str(tmp_path / "link"), folder / "a" / "b")] == ["a/one", "three"]
    assert [source.name for source in find_inputs(f"{folder}/**/*.mp4", folder / "other")] == ["a/one"]
    assert [source.name for source in find_inputs(str(folder / "a"), folder)] == ["b/two", "one"]
    with pytest.raises(ValueError, match="is the folder of the inputs; name another one for the outputs"):
        find_inputs(str(folder), tmp_path / "link")


def test_hidden_files_and_folders_are_left_out(folder):
    for name in ("._three.webm", ".trash/four.mp4"):
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).touch()
    assert names(folder) == names(folder / "**/*.[mMw]*") == ["a/b/two", "a/one", "three"]


def test_one_video_is_a_batch_too(folder):
    assert names(folder / "a" / "b" / "two.MOV") == ["two"]


def test_a_list_of_paths_and_urls_has_nothing_in_common(folder, tmp_path):
    listed = tmp_path / "list.txt"
    listed.write_text(f"{folder}/three.webm\nhttp://host/x/one.mp4\n")
    assert [name.rpartition("/")[2] for name in names(listed)] == ["three", "one"]
