"""Names that not every disk or program likes, and files that have two of them."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from waiting import HANGS

from posecore.batch import process_videos
from posecore.batch.inputs import find_inputs, refuse_alike
from posecore.batch.manifest import Manifest, Record
from posecore.batch.task import do_task
from posecore.cli.messages import one_line
from posecore.options import Options

ROOT = Path(__file__).parent.parent.parent
LITE = Options(model_complexity=0)
NAMES = (
    b"-dash.mp4", b"two\nlines.mp4", b"100%d %s.mp4", b"not-\xff\xfe-utf8.mp4", b'it\'s "quoted".mp4', b"a:b.mp4",
    b" space .mp4", b"[1]*?.mp4", b"x" * 251 + b".mp4", b"no-suffix",
)  # fmt: skip


@pytest.fixture
def named(tmp_path, tiny_video):
    """A folder with copies of one video under all these names."""
    folder = tmp_path / "named"
    folder.mkdir()
    for name in NAMES:
        shutil.copy(tiny_video, os.fsencode(folder) + b"/" + name)
    return folder


def here(tasks, options, progress):
    """A runner without processes."""
    while tasks:
        task = tasks.popleft()
        yield task, do_task(task, options)


def command(folder, *arguments):
    line = [sys.executable, str(ROOT / "run.py"), *arguments]
    return subprocess.run(line, cwd=folder, capture_output=True, timeout=HANGS)


@pytest.mark.parametrize("name", NAMES)
def test_alone(named, tmp_path, lite, name):
    done = command(named, b"--input=" + name, "--json", tmp_path / "out.json", "--model-complexity", "0")
    assert done.returncode == 0, done.stderr
    assert done.stderr.count(b"\n") == 1 and b"10 frames" in done.stderr
    meta = json.loads((tmp_path / "out.json").read_bytes())["meta"]
    assert meta["frame_count"] == 10
    assert meta["source"].encode() == name.replace(b"\xff\xfe", rb"\udcff\udcfe")  # UTF-8, as any reader wants it


@pytest.mark.parametrize("name", NAMES)
def test_alone_without_names_of_the_outputs(named, lite, name):
    before = set(os.listdir(os.fsencode(named)))
    done = command(named, "run", "--model-complexity", "0", "--", name)
    assert done.returncode == 0 and done.stderr.count(b"\n") == 1, done.stderr
    made = set(os.listdir(os.fsencode(named))) - before
    stem = name.removesuffix(b".mp4")[:240]
    assert made == {stem + b".pose.mp4", stem + b".pose.json"}


@pytest.mark.parametrize("name", [b"two\nlines.mp4", b"\xff\x1b[31m.mp4", b"\xc2\x85.mp4", b"\xe2\x80\xa8.mp4"])
def test_what_is_wrong_is_said_in_a_line(tmp_path, name):
    (tmp_path / "out").mkdir()
    Path(tmp_path, os.fsdecode(name)).write_text("no video")
    for arguments in ((b"--input=" + name, "--json", "a.json"), ("batch", "--input", tmp_path, "--output-dir", "out")):
        done = command(tmp_path, *arguments, "--model-complexity", "0")
        lines = done.stderr.decode().splitlines()  # of every kind of line break
        assert done.returncode in (2, 3) and len(lines) == (2 if done.returncode == 3 else 1), lines
        assert b"\x1b" not in done.stderr and "is not a video" in lines[-1]


def test_in_a_folder(named, tmp_path, lite):
    """All but the one without suffix, which is no video by its name; and again nothing is to be done."""
    done = process_videos(str(named), tmp_path / "out", LITE, run=here)
    assert len(done.done) == len(NAMES) - 1 and not done.failed
    assert [record.frames for record in done.done] == [10] * (len(NAMES) - 1)
    made = os.listdir(os.fsencode(tmp_path / "out"))
    for name in NAMES[:-1]:
        stem = name.removesuffix(b".mp4")
        if len(stem) < 250:
            assert stem + b".mp4" in made and stem + b".json" in made
    assert len(made) == 2 * (len(NAMES) - 1) + 2 and max(map(len, made)) <= 255
    again = process_videos(str(named), tmp_path / "out", LITE, run=here)
    assert again.skipped == len(NAMES) - 1 and not again.done


@pytest.mark.parametrize("letter", ["x", "走"])
def test_long_names_that_begin_alike_have_outputs_of_their_own(tmp_path, letter):
    count = 250 // len(letter.encode())
    names = [letter * count + end for end in ("", "1")]
    for name in names:
        (tmp_path / f"{name}.ts").touch()
    found = [source.name for source in find_inputs(str(tmp_path))]
    assert len(set(found)) == 2 and all(len(name.encode()) <= 245 for name in found)


def test_a_list_on_a_pipe(named, tmp_path, lite):
    """It is read once; videos on a pipe are refused."""
    line = f"{sys.executable} {ROOT}/run.py batch --input <(ls ./a:b.mp4) --output-dir {tmp_path}/out --no-video"
    done = subprocess.run(["bash", "-c", f"{line} --model-complexity 0"], cwd=named, capture_output=True, timeout=HANGS)
    assert done.returncode == 0 and b"1 videos done (10 frames)" in done.stderr, done.stderr
    assert (tmp_path / "out" / "a:b.json").exists()


@pytest.mark.parametrize("source", ["/dev/stdin", "<(cat a:b.mp4)", "fifo"])
def test_a_video_on_a_pipe_is_refused(named, source):
    """Its beginning is read more than once. The named pipe has no writer, so nobody may open it either."""
    os.mkfifo(named / "fifo")
    line = f"cat a:b.mp4 | {sys.executable} {ROOT}/run.py --input {source} --json out.json --model-complexity 0"
    done = subprocess.run(["bash", "-c", line], cwd=named, capture_output=True, timeout=HANGS)
    assert done.returncode == 2 and done.stderr.count(b"\n") == 1
    assert b"is a pipe or a device, and is read more than once; save it to a file" in done.stderr
    assert not (named / "out.json").exists()


def test_a_video_on_a_pipe_in_a_batch(named, tmp_path):
    os.mkfifo(tmp_path / "fifo.mp4")
    (tmp_path / "list").write_text(f"{tmp_path}/fifo.mp4\n")
    (failed,) = process_videos(str(tmp_path / "list"), tmp_path / "out", LITE, run=here).failed
    assert "fifo.mp4: is a pipe or a device" in failed.error


@pytest.mark.parametrize("output", ["/dev/stdout", "/dev/fd/1", "/dev/null"])
def test_outputs_are_files(named, output):
    for option in ("--json", "--output"):
        path = output if option == "--json" else "/dev/stdout"
        line = f"{sys.executable} {ROOT}/run.py --input a:b.mp4 {option} {path} --model-complexity 0 | cat"
        done = subprocess.run(
            ["bash", "-c", f"set -o pipefail; {line}"], cwd=named, capture_output=True, text=True, timeout=HANGS
        )
        assert done.returncode == 2 and done.stderr.count("\n") == 1 and done.stdout == "", done.stderr
        assert path in done.stderr


@pytest.mark.parametrize("option", ["--json", "--output"])
def test_the_input_under_another_name_is_no_output(tmp_path, tiny_video, option):
    shutil.copy(tiny_video, tmp_path / "a.mp4")
    os.link(tmp_path / "a.mp4", tmp_path / "b.mp4")
    done = command(tmp_path, "--input", "a.mp4", option, "b.mp4")
    assert done.returncode == 2 and b"b.mp4: is an input too; name another file" in done.stderr
    assert (tmp_path / "b.mp4").read_bytes() == tiny_video.read_bytes()


def test_the_input_of_a_batch_under_another_name_is_no_output(tmp_path, tiny_video):
    (tmp_path / "in").mkdir()
    (tmp_path / "out").mkdir()
    shutil.copy(tiny_video, tmp_path / "in/a.mp4")
    os.link(tmp_path / "in/a.mp4", tmp_path / "out/a.mp4")
    with pytest.raises(ValueError, match=r"a\.mp4: is an input and an output"):
        process_videos(str(tmp_path / "in"), tmp_path / "out", LITE, run=here)


def two_batches(tmp_path, tiny_video):
    """Two folders, each with an a.mp4 of its own."""
    for folder in ("one", "two"):
        (tmp_path / folder).mkdir()
        shutil.copy(tiny_video, tmp_path / folder / "a.mp4")
    os.utime(tmp_path / "two/a.mp4", ns=(1, 1))
    return tmp_path / "one", tmp_path / "two", tmp_path / "out"


def test_two_batches_into_one_folder_do_not_overwrite_each_other(tmp_path, tiny_video, lite):
    one, two, out = two_batches(tmp_path, tiny_video)
    assert len(process_videos(str(one), out, LITE, video=False, run=here).done) == 1
    before = (out / "a.json").stat()
    with pytest.raises(ValueError, match=r"a\.json: was made of .*one.a\.mp4, and .*two.a\.mp4 would replace it; name"):
        process_videos(str(two), out, LITE, video=False, run=here)
    assert (out / "a.json").stat() == before
    (out / "a.json").unlink()
    assert len(process_videos(str(two), out, LITE, video=False, run=here).done) == 1


def test_inputs_that_were_moved_are_the_same(tmp_path, tiny_video, lite):
    one, _, out = two_batches(tmp_path, tiny_video)
    process_videos(str(one), out, LITE, video=False, run=here)
    one.rename(tmp_path / "moved")
    assert not process_videos(str(tmp_path / "moved"), out, LITE, video=False, run=here).failed


def test_names_that_are_one_on_some_disks(tmp_path, tiny_video, monkeypatch):
    for name in ("a.mp4", "A.mp4"):
        shutil.copy(tiny_video, tmp_path / name)
    monkeypatch.setattr("posecore.batch.process.ignores_case", lambda folder: True)
    with pytest.raises(ValueError, match="A and a: are one name on the disk of the outputs; rename one"):
        process_videos(str(tmp_path), tmp_path / "out", LITE, run=here)
    with pytest.raises(ValueError, match="are one name"):
        refuse_alike(["e\u0301", "\u00e9"])
    refuse_alike(["a", "b"])


def test_one_line():
    assert one_line("a\nb\x1b[0m\udcff ü → 走") == "a\\nb\\x1b[0m\\udcff ü → 走"


def test_a_manifest_keeps_bytes_that_are_no_text(tmp_path):
    name = os.fsdecode(b"\xff\n")
    record = Record(name, f"/{name}.mp4", 1, "1", "o", (f"{name}.json",), error=f"{name}: no video")
    Manifest(tmp_path).add(record)
    line = json.loads((tmp_path / "manifest.jsonl").read_bytes())
    assert line["input"].encode() == rb"/\udcff" + b"\n.mp4" and line["outputs"][0].encode() and line["error"].encode()
    assert Manifest(tmp_path).records == {record.name: record}
