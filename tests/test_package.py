"""The house as a whole: which way imports point, what an import costs, what a user's type checker sees."""

import ast
import re
import subprocess
import sys
import time
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

import posecore
from posecore import evaluation, formats, models, pipeline, video

PACKAGE = Path(posecore.__file__).parent
FILES = {
    ".".join(path.relative_to(PACKAGE.parent).with_suffix("").parts).removesuffix(".__init__"): path
    for path in sorted(PACKAGE.rglob("*.py"))
}
ROOMS = {path.parent.name for path in PACKAGE.glob("*/__init__.py")} | {"estimator"}
# What each room may import besides the small files of the package itself, which may import one another only.
ALLOWED = {
    "assets": set(),
    "video": set(),
    "tracking": set(),
    "overlay": set(),
    "formats": set(),
    "models": {"assets"},
    "estimator": {"models", "tracking"},
    "pipeline": {"estimator", "models", "tracking", "video", "overlay", "formats"},
    "batch": {"pipeline", "models", "video", "tracking", "formats"},
    "evaluation": {"estimator", "models"},
    "comparison": {"pipeline", "evaluation", "models", "overlay", "video"},
    "viewer": {"formats", "overlay", "video"},
    "cli": ROOMS,
}
# Who alone may import a package.
ONLY = {
    "mediapipe": r"posecore\.models\.blazepose\.mediapipe_\w+",
    "openvino": r"posecore\.models\.openvino_runtime",
    "av": r"posecore\.video\.\w+",
    "ray": r"posecore\.batch\.ray_cluster",
    "fcntl": r"posecore\.(temporary|batch\.\w+)",
    "multiprocessing": r"posecore\.batch\.\w+",
    "pycocotools": r"posecore\.evaluation\.oks",
    "trackeval": r"posecore\.evaluation\.tracks",
    "matplotlib": r"posecore\.evaluation\.plots",
    "jinja2": r"posecore\.page",
    "pyarrow": r"posecore\.formats\.parquet",
    "sleap_io": r"posecore\.formats\.slp",
}
HEAVY = (
    "mediapipe",
    "openvino",
    "pycocotools",
    "trackeval",
    "matplotlib",
    "cv2",
    "av",
    "numpy",
    "scipy",
    "ray",
    "jinja2",
    "pyarrow",
    "sleap_io",
    "urllib.request",
)


def imports(path):
    """Every module that a file imports anywhere in it: (module, names)."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from ((alias.name, ()) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: relative import"
            yield node.module, tuple(alias.name for alias in node.names)


def room(module):
    """The room of a module, None for the small files of the package itself."""
    part = module.split(".")[1] if "." in module else ""
    return part if part in ROOMS else None


def edges():
    for module, path in FILES.items():
        for target, names in imports(path):
            if target == "posecore" or target.startswith("posecore."):
                yield module, target, names


def test_imports_point_the_way_of_the_house():
    assert set(ALLOWED) == ROOMS
    wrong = [
        f"{module} → {target}"
        for module, target, _ in edges()
        if module != "posecore" and room(target) and room(target) != room(module)
        if room(target) not in ALLOWED.get(room(module), ())
    ]
    assert not wrong


def test_nobody_reaches_past_a_front_door():
    past = [
        f"{module} → {target}"
        for module, target, _ in edges()
        if module != "posecore" and room(target) != room(module) and target.count(".") > 1
    ]
    assert not past


def test_there_is_no_circle():
    """Between files, whatever is imported when; a front door counts as the files that it names."""
    graph = {module: set() for module in FILES}
    for module, target, names in edges():
        inside = {f"{target}.{name}" for name in names} & set(FILES)
        if module != "posecore":  # which names what every room offers
            graph[module] |= inside or {target}
    tuple(TopologicalSorter(graph).static_order())


@pytest.mark.parametrize("package", ONLY)
def test_a_package_is_imported_in_one_place(package):
    users = [module for module, path in FILES.items() for target, _ in imports(path) if target.split(".")[0] == package]
    assert users and all(re.fullmatch(ONLY[package], module) for module in users)


def test_every_room_says_what_goes_in_and_out():
    for name in ROOMS - {"estimator"}:
        text = ast.get_docstring(ast.parse((PACKAGE / name / "__init__.py").read_text(encoding="utf-8")))
        assert "In: " in text and "Out: " in text and "import" in text, name


@pytest.mark.parametrize(
    "lazy", [posecore, formats, models, pipeline, video, evaluation], ids=lambda package: package.__name__
)
def test_every_lazy_name_is_there_and_seen_by_type_checkers(lazy):
    for name in lazy.__all__:
        assert getattr(lazy, name) is not None
    assert set(lazy.__all__) <= set(dir(lazy))
    for_checkers = {
        name for module, names in imports(Path(lazy.__file__)) if module.startswith("posecore.") for name in names
    }
    assert for_checkers - {"lazy_names"} == set(lazy.__all__)
    with pytest.raises(AttributeError, match="has no attribute 'nonsense'"):
        lazy.nonsense  # noqa: B018


@pytest.mark.parametrize("what", ["import posecore", "posecore --help", "posecore run --help", "posecore rnu"])
def test_nothing_heavy_is_loaded_before_there_is_work(what):
    """The seconds are printed, not asserted."""
    arguments = what.split()[1:]
    code = (
        "import sys, contextlib, io, posecore\n"
        "with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):\n"
        "    try:\n"
        f"        if {what.startswith('posecore')}: from posecore.cli import main; main({arguments})\n"
        "    except SystemExit: pass\n"
        f"print([name for name in {HEAVY} if name in sys.modules])"
    )
    started = time.perf_counter()
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    print(f"{what}: {time.perf_counter() - started:.3f} s with the start of Python")
    assert done.stdout.strip() == "[]"


def test_the_pipeline_loads_what_a_run_of_one_person_needs():
    """scipy alone, which assigns people, would make each run a fifth of a second longer."""
    code = "import sys, posecore.pipeline; print([n for n in ('scipy', 'mediapipe', 'matplotlib') if n in sys.modules])"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "[]\n"


def test_no_public_signature_says_any():
    """Of what `posecore` itself offers; JSON's own values may be anything."""
    for name in posecore.__all__:
        thing = getattr(posecore, name)
        functions = [thing, *vars(thing).values()] if isinstance(thing, type) else [thing]
        for function in functions:
            notes = getattr(function, "__annotations__", {}) if callable(function) else {}
            wrong = {key for key, note in notes.items() if str(note) == "typing.Any"}
            assert not wrong, (name, function, wrong)
