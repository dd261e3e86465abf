"""What all formats have in common: what is refused, and that nothing half written is left."""

import os
import subprocess
import sys

import pytest
from documents import ONE, SEVERAL, write_people

from posecore.cli import main
from posecore.formats import FORMATS

each = pytest.mark.parametrize("name", FORMATS)


def refused(capsys, *arguments):
    """The one line on stderr of a command that ends with 2."""
    try:
        status = main(["export", *map(str, arguments)])
    except SystemExit as stop:
        status = stop.code
    out, error = capsys.readouterr()
    assert (status, out, error.count("\n")) == (2, "", 1), error
    return error


@pytest.mark.parametrize(("word", "hint"), [("cvs", "did you mean csv?"), ("xyz", "known are coco, coco-dataset")])
def test_an_unknown_format_is_told_what_was_meant(tmp_path, capsys, word, hint):
    document = write_people(tmp_path / "in.json", ONE)
    error = refused(capsys, document, "--to", word, "-o", tmp_path / "out")
    assert f"{word}: unknown format; {hint}" in error and os.listdir(tmp_path) == ["in.json"]


@each
@pytest.mark.parametrize("text", ["[1, 2]", '{"images": [], "annotations": []}', "no JSON"])
def test_something_else_is_no_document(tmp_path, capsys, name, text):
    (tmp_path / "in.json").write_text(text)
    error = refused(capsys, tmp_path / "in.json", "--to", name, "-o", tmp_path / "out")
    assert "in.json: not a posecore JSON document" in error and os.listdir(tmp_path) == ["in.json"]


@each
def test_what_was_there_stays_when_a_document_turns_out_damaged(tmp_path, capsys, name):
    text = write_people(tmp_path / "in.json", ONE).read_text()
    (tmp_path / "in.json").write_text(text.replace('"x": ', '"x": "a", "_": ').replace('"x": "a", "_": ', '"x": ', 90))
    if name.startswith("openpose"):
        (tmp_path / "out").mkdir()
    else:
        (tmp_path / "out").write_text("old")
    options = ["--metres-per-pixel", "1"] if name == "trc" else []
    error = refused(capsys, tmp_path / "in.json", "--to", name, "-o", tmp_path / "out", *options)
    assert "in.json: not a posecore JSON document" in error and sorted(os.listdir(tmp_path)) == ["in.json", "out"]
    assert name.startswith("openpose") or (tmp_path / "out").read_text() == "old"


@each
def test_a_place_of_another_kind_is_refused(tmp_path, capsys, name):
    document = write_people(tmp_path / "in.json", ONE)
    options = ["--metres-per-pixel", "1"] if name == "trc" else []
    if name.startswith("openpose"):
        (tmp_path / "out").write_text("mine")
    else:
        (tmp_path / "out").mkdir()
    error = refused(capsys, document, "--to", name, "-o", tmp_path / "out", *options)
    assert "out: is not " in error and "; name a" in error
    error = refused(capsys, document, "--to", name, "-o", document / "out", *options)
    assert "in.json is not a folder" in error
    error = refused(capsys, document, "--to", name, "-o", document, *options)
    assert "in.json: is an input too" in error
    assert sorted(os.listdir(tmp_path)) == ["in.json", "out"]


@each
def test_where_nothing_can_be_written_it_is_said(tmp_path, capsys, name):
    document = write_people(tmp_path / "in.json", ONE)
    options = ["--metres-per-pixel", "1"] if name == "trc" else []
    error = refused(capsys, document, "--to", name, "-o", "/proc/self/out", *options)
    assert "/proc/self/out: cannot be written" in error


def test_a_scale_goes_with_trc_only(tmp_path, capsys):
    document = write_people(tmp_path / "in.json", ONE)
    error = refused(capsys, document, "--to", "csv", "-o", tmp_path / "out", "--person-height", 1.8)
    assert "--person-height goes with trc, not with csv" in error
    error = refused(capsys, document, "--to", "trc", "-o", tmp_path / "out", "--person-height", 0)
    assert "a number above 0 is wanted" in error


@each
def test_a_rate_that_varies_is_told_where_times_are_lost(tmp_path, capsys, name):
    document = write_people(tmp_path / "in.json", ONE, [0, 33, 67, 140, 167, 200])
    options = ["--metres-per-pixel", "1"] if name == "trc" else []
    assert main(["export", str(document), "--to", name, "-o", str(tmp_path / "out"), *options]) == 0
    error = capsys.readouterr().err
    if name in ("csv", "parquet", "npz", "coco-dataset"):
        assert error == ""
    else:
        assert error.count("\n") == 1 and f"readers of {name} take it to be even: 25 frames a second" in error


def test_a_stop_leaves_no_folder(tmp_path):
    """Ctrl-C while files of a folder are being written."""
    write_people(tmp_path / "in.json", SEVERAL)
    code = (
        "import os, signal, sys, json; from posecore.cli import main; from posecore.formats import openpose; n = [0]\n"
        "def triples(*a, old=openpose.triples):\n"
        "    n[0] += 1\n"
        "    if n[0] == 5: os.kill(os.getpid(), signal.SIGINT)\n"
        "    return old(*a)\n"
        "openpose.triples = triples\n"
        "sys.exit(main(['export', 'in.json', '--to', 'openpose', '-o', 'out']))"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True)
    assert done.returncode == 130 and "interrupted; nothing was written" in done.stderr
    assert os.listdir(tmp_path) == ["in.json"]
