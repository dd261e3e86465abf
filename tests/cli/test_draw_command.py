"""`posecore draw`, as a user types it."""

import pytest
from media import demux

from posecore import Options, process_video
from posecore.cli import main


@pytest.fixture
def document(tiny_video, lite, tmp_path):
    path = tmp_path / "a.json"
    process_video(tiny_video, None, path, Options(model_complexity=0))
    return path


def line(document, video, output, *more):
    return ["draw", str(document), "--input", str(video), "-o", str(output), *more]


STYLE = [
    "--min-score",
    "0.5",
    "--color",
    "person",
    "--line-width",
    "3",
    "--radius",
    "0",
    "--box",
    "--no-ids",
    "--names",
    "--person-score",
    "--background",
    "blur-faces",
    "--trail",
    "0.2",
    "--crf",
    "30",
]


def test_it_draws(document, tiny_video, tmp_path, capsys):
    output = tmp_path / "new" / "out.mp4"
    assert main(line(document, tiny_video, output, *STYLE)) == 0 and capsys.readouterr().err == ""
    assert len(demux(output)[0].times) == 10 and len(demux(output)[1]) == 1


def test_a_run_takes_the_same_options_and_says_whose_face_is_not_blurred(tiny_video, lite, tmp_path, capsys):
    output = tmp_path / "out.mp4"
    assert main(["run", str(tiny_video), "-o", str(output), "--model-complexity", "0", *STYLE]) == 0
    assert "only the face of the one who is followed is blurred" in capsys.readouterr().err
    assert len(demux(output)[0].times) == 10


def refused(arguments, capsys):
    """What is said of what cannot be: one line."""
    assert main(arguments) == 2
    error = capsys.readouterr().err
    assert error.count("\n") == 1 and error.startswith("posecore draw: error: ")
    return error


def test_what_cannot_be_is_one_line(document, tiny_video, made, tmp_path, capsys):
    output, other = tmp_path / "out.mp4", tmp_path / "b.json"
    output.write_text("old")
    other.write_text("{}")
    before = {path: path.read_bytes() for path in tmp_path.iterdir()}
    for arguments, said in (
        (line(other, tiny_video, output), "b.json: not a posecore JSON document"),
        (line(tmp_path / "none.json", tiny_video, output), "none.json"),
        (line(made / "nobody.mp4", tiny_video, output), "nobody.mp4: not a posecore JSON document"),
        (line(document, other, output), "b.json: is not a video that can be read"),
        (line(document, made / "nobody.mp4", output), "a.json: is of a video of 64×48 pixels"),
        (line(document, tiny_video, "/proc/none/out.mp4"), "/proc/none/out.mp4"),
        (line(document, tiny_video, tmp_path / "out.avi"), "use one of .mp4, .mov, .mkv, .webm"),
        (line(document, tiny_video, tiny_video), "tiny.mp4: is an input too"),
        (line(document, tiny_video, output, "--trail", "-1"), "trail must be 0 to 60 seconds"),
        (line(document, tiny_video, output, "--line-width", "5000"), "line width must be 0 to 1000 pixels"),
    ):
        assert said in refused(arguments, capsys)
    assert {path: path.read_bytes() for path in tmp_path.iterdir()} == before
