"""The texts say what is there: options, keys of the JSON, rooms and their imports, files, names, figures."""

import ast
import json
import re
from importlib import import_module
from pathlib import Path

import pytest
from media import cut
from test_package import FILES, ONLY, PACKAGE, ROOMS, edges, room

from posecore import models, process_video
from posecore.assets import ASSETS, fetch
from posecore.cli.commands import COMMANDS
from posecore.formats import FORMATS

ROOT = Path(__file__).parent.parent
FRONT = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").glob("*.md"))]
TEXTS = [*FRONT, ROOT / "eval/README.md", ROOT / "bench/README.md", ROOT / "data/README.md"]
SHARED = "Options of `run`, `batch` and `live`"  # a section of docs/command.md
STYLE = "How people are drawn"

each_text = pytest.mark.parametrize("path", TEXTS, ids=lambda path: str(path.relative_to(ROOT)))


def read(path):
    return path.read_text(encoding="utf-8")


def sections(path):
    """The text below each heading of the second level."""
    _, *parts = re.split(r"^## ", read(path), flags=re.MULTILINE)
    return {part.partition("\n")[0]: part.partition("\n")[2] for part in parts}


def rows(text):
    """The rows of all tables in a text, as cells without the heads and the lines under them."""
    lines = [line for line in text.splitlines() if line.startswith("|")]
    cells = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]
    rules = [number for number, row in enumerate(cells) if all(re.fullmatch(r":?-+:?", cell) for cell in row)]
    return [row for number, row in enumerate(cells) if number not in rules and number + 1 not in rules]


def code(text):
    """Blocks of code and what is between backticks, without the marks."""
    fenced = re.findall(r"^```\w*\n(.*?)^```", text, re.MULTILINE | re.DOTALL)
    rest = re.sub(r"^```.*?^```", "", text, flags=re.MULTILINE | re.DOTALL)
    indented = re.findall(r"(?:^ {4}.*\n)+", rest, re.MULTILINE)
    return [*fenced, *indented, *re.findall(r"`([^`\n]+)`", rest)]


# The command.


def module_of(command):
    return import_module(f"posecore.cli.{command.replace(' ', '_').replace('-', '_')}")


def parser_of(command):
    """What reads the arguments of a subcommand; None where they are names only."""
    make = getattr(module_of(command), "make_parser", None)
    return make and make(f"posecore {command}")


def options_of(parser):
    return [action for action in parser._actions if action.option_strings and action.dest != "help"]


def default_of(action):
    """As the table has it: what the help says, else what it is."""
    said = re.search(r"\(default: (.*)\)$", (action.help or "") % vars(action))
    if action.required or said:
        return said[1] if said else "required"
    return "–" if action.default is None else str(action.default)


COMPARED = [command for command in COMMANDS if parser_of(command)]


def table_of(command):
    """Of docs/command.md: the strings of an option → its default."""
    parts = sections(ROOT / "docs/command.md")
    texts = [parts[f"`posecore {command}`"]]
    if "--landmarks" in parser_of(command)._option_string_actions:
        texts.append(parts[SHARED])
    if "--keep-time" in parser_of(command)._option_string_actions:
        texts.append(parts["A stretch"])
    if "--every" in parser_of(command)._option_string_actions:
        texts.append(parts["Fewer looks"])
    if "--trail" in parser_of(command)._option_string_actions:
        texts.append(parts[STYLE])
    found = [(re.findall(r"(?<![\w-])--?[a-z][a-z-]*", row[0]), row[1]) for row in rows("\n\n".join(texts))]
    return {tuple(strings): default for strings, default in found if strings}


def test_every_command_has_a_section_and_a_line():
    path = ROOT / "docs/command.md"
    assert [name for name in sections(path) if "`posecore" in name] == [f"`posecore {name}`" for name in COMMANDS]
    assert all(f"| [`{name}`](#posecore-{name.replace(' ', '-')}) |" in read(path) for name in COMMANDS)


@pytest.mark.parametrize("command", COMPARED)
def test_the_table_has_the_options_of_the_parser_and_their_defaults(command):
    expected = {tuple(action.option_strings): default_of(action) for action in options_of(parser_of(command))}
    assert table_of(command) == expected


@each_text
def test_commands_that_are_shown_take_their_options(path):
    """Every `posecore …` and `python run.py …` in code: a subcommand there is, and options that it has."""
    for line in "\n".join(code(read(path))).replace("\\\n", " ").splitlines():
        found = re.match(r" *(?:\.venv/bin/)?(?:posecore|python run\.py) +([^#|]*)", line)
        words = found[1].split() if found else ["COMMAND"]
        if words[0] in ("COMMAND", "COMMAND…", "--help", "--version") or words[0].endswith(":"):  # a line of stderr
            continue
        if line.lstrip().startswith("python") and words[0] not in COMMANDS:
            words.insert(0, "run")
        assert words[0] in COMMANDS, line
        parser = parser_of(" ".join(words[:2]) if " ".join(words[:2]) in COMMANDS else words[0])
        options = {word.partition("=")[0] for word in words if word.startswith("-") and word != "-"}
        assert options <= set(parser._option_string_actions if parser else ["--help"]), line
        assert words[0] != "fetch" or set(words[1:]) <= {*ASSETS, "NAME…"}, line


@pytest.mark.parametrize("command", sorted(set(COMMANDS) - set(COMPARED)))
def test_what_is_not_compared_takes_no_options(command, capsys):
    with pytest.raises(SystemExit):
        module_of(command).main(["--help"], f"posecore {command}")
    assert set(re.findall(r"(?<!\w)--[a-z-]+", capsys.readouterr().out)) == {"--help"}


def test_every_format_has_a_row_and_is_named_where_it_can_be_asked_for():
    table = rows(sections(ROOT / "docs/formats.md")["The formats"])
    assert [row[0] for row in table] == [f"`{name}`" for name in FORMATS]
    assert [row[-1].startswith("yes") for row in table] == [form.read is not None for form in FORMATS.values()]
    (row,) = (row for row in rows(sections(ROOT / "docs/command.md")["`posecore export`"]) if row[0] == "`--to FORMAT`")
    assert re.findall(r"`([\w-]+)`", row[2]) == list(FORMATS)


# The JSON.

SCHEMA = json.loads(read(PACKAGE / "formats/keypoints.schema.json"))


def keys(schema):
    """Every key that a schema names at any depth."""
    if isinstance(schema, list):
        return set().union(*map(keys, schema)) if schema else set()
    if not isinstance(schema, dict):
        return set()
    return set(schema.get("properties", ())).union(*map(keys, schema.values()))


def test_every_key_of_the_schema_is_explained():
    explained = {key for row in rows(read(ROOT / "docs/json.md")) for key in re.findall(r"`(\w+)`", row[0])}
    assert explained == keys(SCHEMA)


def test_the_examples_have_keys_of_the_schema_only():
    blocks = re.findall(r"^```json\n(.*?)^```", read(ROOT / "docs/json.md"), re.MULTILINE | re.DOTALL)
    assert len(blocks) == 2 and {key for block in blocks for key in all_keys(json.loads(block))} <= keys(SCHEMA)


def all_keys(value):
    if isinstance(value, list):
        return [key for item in value for key in all_keys(item)]
    return [key for name, item in value.items() for key in (name, *all_keys(item))] if isinstance(value, dict) else []


# The architecture.

ARCHITECTURE = ROOT / "docs/architecture.md"


def test_the_picture_shows_the_rooms_and_the_imports_between_them():
    (picture,) = re.findall(r"^```mermaid\ngraph TD\n(.*?)^```", read(ARCHITECTURE), re.MULTILINE | re.DOTALL)
    arrows = [tuple(line.split(" --> ")) for line in map(str.strip, picture.splitlines())]
    there = {(room(a), room(b)) for a, b, _ in edges() if room(a) and room(b) and room(a) != room(b)}
    assert len(arrows) == len(set(arrows)) and set(arrows) == there
    assert {name for arrow in arrows for name in arrow} == ROOMS
    folders = {path.name for path in PACKAGE.iterdir() if path.is_dir() and path.name != "__pycache__"}
    assert {*folders, "estimator"} == ROOMS


def test_the_table_of_rooms_names_each_once():
    named = re.findall(r"^\| \[`(\w+)`\]\(\.\./posecore/", read(ARCHITECTURE), re.MULTILINE)
    assert sorted(named) == sorted(ROOMS)


def test_the_table_of_packages_says_who_imports_them():
    text = sections(ARCHITECTURE)["Which room imports which"]
    named = [(name, row[1]) for row in rows(text) for name in re.findall(r"`(\w+)`", row[0])]
    table = [(name, place) for name, places in named for place in re.findall(r"`([^`]+)`", places)]
    assert {name for name, _ in table} == set(ONLY)
    for package, place in table:
        module = f"posecore.{place.removesuffix('.py').rstrip('/').replace('/', '.')}"
        assert re.fullmatch(ONLY[package], f"{module}.x" if place.endswith("/") else module), package


def steps():
    """(file, name) of every step of the walks, and of the other files that are named with a function."""
    for title, text in sections(ARCHITECTURE).items():
        if title.startswith("The way of one"):
            yield from ((row[1], row[2].strip("`")) for row in rows(text))


@pytest.mark.parametrize(("link", "name"), [*steps()])
def test_each_step_is_where_the_walk_says(link, name):
    shown, target = re.fullmatch(r"\[(.*)\]\(\.\./posecore/(.*)\)", link).groups()
    assert shown == target
    body = ast.parse(read(PACKAGE / target)).body
    for part in name.split("."):
        (found,) = [node for node in body if getattr(node, "name", None) == part]
        body = found.body


# Links, files, names, figures.


def anchors(path):
    """The anchors of a text's headings, as GitHub makes them."""
    heads = re.findall(r"^#+ (.*)$", re.sub(r"^```.*?^```", "", read(path), flags=re.MULTILINE | re.DOTALL), re.M)
    return {re.sub(r"[^\w\- ]", "", head.lower()).replace(" ", "-") for head in heads}


@each_text
def test_links_lead_somewhere(path):
    for target in re.findall(r"\]\(([^)\s]+)\)", read(path)):
        if re.match(r"\w+:", target):
            continue
        file, _, anchor = target.partition("#")
        place = path.parent / file if file else path
        assert place.exists(), target
        assert not anchor or anchor in anchors(place), target


@each_text
def test_files_that_are_named_are_there(path):
    """Paths of Python files between backticks: from the root, from the text's folder, or from the package."""
    for text in code(read(path)):
        for name in re.findall(r"(?<![\w*/.])(?:[\w.]+/)*\w+\.py\b", text):
            assert "NAME" in name or any((folder / name).exists() for folder in (ROOT, path.parent, PACKAGE)), name


@each_text
def test_names_of_modules_are_true(path):
    for name in re.findall(r"\bposecore(?:\.\w+)+", "\n".join(code(read(path)))):
        parts = name.split(".")
        length = max(n for n in range(1, len(parts) + 1) if ".".join(parts[:n]) in FILES)
        thing = import_module(".".join(parts[:length]))
        for part in parts[length:]:
            thing = getattr(thing, part)


@each_text
def test_what_is_gone_is_not_mentioned(path):
    assert not re.findall(r"-m posecore|--jobs", read(path))


def test_the_promises_of_security_have_their_tests():
    promises = rows(read(ROOT / "docs/security.md"))
    assert len(promises) > 15
    for promise, tests in promises:
        links = re.findall(r"\[(test_\w+)\]\(\.\./(tests/\S+\.py)\)", tests)
        assert links, promise
        assert all(f"def {name}(" in read(ROOT / path) for name, path in links), promise


def test_the_readme_is_short():
    assert len(read(ROOT / "README.md").splitlines()) <= 150
    assert (ROOT / "docs/skeleton.png").stat().st_size <= 150_000


def test_the_readme_has_the_figures_that_were_measured():
    (table,) = re.findall(r"^\| model \| MB .*?\n\n", read(ROOT / "README.md"), re.MULTILINE | re.DOTALL)
    measured = models.measured()["engines"]
    for name, size, ap, missed, *times in rows(table):
        name = re.match(r"[\w-]+", name)[0]
        found = measured["openvino"][name]
        assert (ap, missed) == (f"{found['AP']:.3f}", str(found["missed"])), name
        by = [measured[engine].get(name) for engine in ("openvino", "mediapipe")]
        assert times == [f"{row['ms']:.1f}" if row else "–" for row in by], name
        assert size == f"{ASSETS[models.MODELS[name].asset].size / 1e6:.1f}", name
    assert all(
        abs(measured["openvino"][name]["AP"] - measured["mediapipe"][name]["AP"]) < 0.0015
        and abs(measured["openvino"][name]["missed"] - measured["mediapipe"][name]["missed"]) <= 1
        for name in measured["mediapipe"]
    )


def test_the_times_of_the_readme_are_those_of_the_benchmark():
    (table,) = re.findall(r"^\| model \| `posecore run` .*?\n\n", read(ROOT / "README.md"), re.MULTILINE | re.DOTALL)
    benched = json.loads(read(ROOT / "bench/results/run.json"))["rows"]
    seconds = {(row["command"], row["model"]): row["wall_s"] for row in benched if row["writes"] == "video + JSON"}
    for name, *times in rows(table):
        commands = [(command, name) for command in ("openvino", "openvino, --people all", "mediapipe", "naive")]
        assert times == [f"{seconds[command]:.2f} s" if command in seconds else "–" for command in commands]


@pytest.mark.parametrize("path", [ROOT / "README.md", ROOT / "docs/json.md"], ids=lambda path: path.name)
def test_programs_that_are_shown_run(path, demo, tmp_path, monkeypatch):
    fetch("full")
    cut(demo, tmp_path / "video.mp4", 110, 5)
    monkeypatch.chdir(tmp_path)
    process_video("video.mp4", None, "out.json")
    programs = re.findall(r"^```python\n(.*?)^```", read(path), re.MULTILINE | re.DOTALL)
    assert programs
    for program in programs:
        exec(compile(program, path.name, "exec"), {})
