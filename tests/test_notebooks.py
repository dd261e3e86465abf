"""The notebooks run, and what is committed of them is whole."""

import os
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest

from posecore.evaluation import clips_folder, coco_folder, golden_folder

ROOT = Path(__file__).parent.parent
NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))
FOLDERS = ("POSECORE_DATA", "POSECORE_CACHE")
DATA = {  # what finds it: what who has none is told
    coco_folder: "run 'python data/fetch.py coco-val2017'",
    golden_folder: "it is test data of pose-detection in tensorflow/tfjs-models",
    clips_folder: "eval/README.md says what that is",
}
NEEDS = {path.stem: find for path in NOTEBOOKS for find in DATA if find.__name__ in path.read_text(encoding="utf-8")}

each_notebook = pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)


def code_cells(path):
    return [cell for cell in nbformat.read(path, 4).cells if cell.cell_type == "code"]


def test_they_are_counted_from_one():
    assert [path.stem[:3] for path in NOTEBOOKS] == [f"{n:02}_" for n in range(1, len(NOTEBOOKS) + 1)]
    assert len(NOTEBOOKS) >= 7 and set(NEEDS.values()) == set(DATA)


@each_notebook
@pytest.mark.slow
def test_runs_with_smaller_parameters(path, demo, tmp_path):
    """nbmake puts in the values that the parameters' cell has for it."""
    if path.stem in NEEDS:
        try:
            NEEDS[path.stem](ROOT / "data")
        except FileNotFoundError as error:
            pytest.skip(str(error))
    command = [sys.executable, "-m", "pytest", "--nbmake", "--nbmake-timeout=200", "-p", "no:cacheprovider", "-c"]
    (tmp_path / "pytest.ini").write_text("[pytest]\n")
    folders = {name: os.path.abspath(os.environ[name]) for name in FOLDERS if os.environ.get(name)}
    environment = os.environ | folders | {"IPYTHONDIR": str(tmp_path)}  # the kernel starts in the notebook's folder
    done = subprocess.run(
        [*command, tmp_path / "pytest.ini", path], cwd=ROOT, env=environment, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stdout[-3000:]
    assert "1 passed" in done.stdout


@each_notebook
def test_is_executed_from_top_to_bottom_without_an_error(path):
    cells = code_cells(path)
    assert [cell.execution_count for cell in cells] == list(range(1, len(cells) + 1))
    outputs = [output for cell in cells for output in cell.outputs]
    assert not [output for output in outputs if output.output_type == "error"]
    assert not [output for output in outputs if output.get("name") == "stderr"]
    assert any("image/png" in output.get("data", {}) for output in outputs)


@each_notebook
def test_is_small(path):
    cells = [cell.source.splitlines() for cell in code_cells(path)]
    assert len(cells) <= 12 and sum(map(len, cells)) <= 100 and max(map(len, cells)) <= 15
    assert path.stat().st_size <= 200 * 1024


@each_notebook
def test_asks_answers_and_names_its_machine(path):
    notebook = nbformat.read(path, 4)
    first = notebook.cells[0].source
    assert first.startswith(f"# {path.stem[:2]} · ") and "**Question:**" in first and "**Answer:** " in first
    *_, conclusion, last = notebook.cells
    assert conclusion.source.startswith("## Conclusion")
    assert any(word in conclusion.source for word in ("Not shown", "does not show"))
    assert last.source.endswith("machine()") and "processor" in last.outputs[-1].data["text/plain"]


@each_notebook
def test_parameters_are_literals_that_a_test_can_replace(path):
    (parameters,) = [cell for cell in code_cells(path) if "parameters" in cell.metadata.get("tags", ())]
    given: dict[str, object] = {}
    exec(compile(parameters.source, path.name, "exec"), {"__builtins__": {}}, given)
    mock = parameters.metadata["nbmake"]["mock"]
    assert mock and set(mock) <= set(given)
    assert all(type(mock[name]) is type(given[name]) for name in mock)


@pytest.mark.parametrize("name", NEEDS)
def test_without_the_data_it_says_what_to_do(name, tmp_path, lite, demo):
    """The cells up to the one that needs it, as a plain script in the notebooks' folder."""
    (path,) = (path for path in NOTEBOOKS if path.stem == name)
    source = "\n".join(cell.source for cell in code_cells(path)[:3])
    environment = os.environ | {"POSECORE_DATA": str(tmp_path)}
    done = subprocess.run(
        [sys.executable, "-c", source], cwd=path.parent, env=environment, capture_output=True, text=True
    )
    assert done.returncode == 1 and DATA[NEEDS[name]] in done.stderr.splitlines()[-1]
