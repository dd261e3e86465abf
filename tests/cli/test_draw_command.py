"""`posecore draw`, as a user types it."""

from media import demux

from posecore import Options, process_video
from posecore.cli import main


def test_it_draws(tiny_video, lite, tmp_path, capsys):
    document, output = tmp_path / "a.json", tmp_path / "out.mp4"
    process_video(tiny_video, None, document, Options(model_complexity=0))
    line = ["draw", str(document), "--input", str(tiny_video), "-o", str(output), "--box", "--crf", "30"]
    assert main(line) == 0 and capsys.readouterr().err == ""
    assert len(demux(output)[0].times) == 10 and len(demux(output)[1]) == 1


def test_what_cannot_be_is_one_line(tiny_video, tmp_path, capsys):
    (tmp_path / "a.json").write_text("{}")
    for document, said in (("a.json", "not a posecore JSON document"), ("none.json", "none.json")):
        line = ["draw", str(tmp_path / document), "--input", str(tiny_video), "-o", str(tmp_path / "out.mp4")]
        assert main(line) == 2
        error = capsys.readouterr().err
        assert error.count("\n") == 1 and said in error and error.startswith("posecore draw: error: ")
    assert [path.name for path in tmp_path.iterdir()] == ["a.json"]
