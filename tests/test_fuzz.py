"""Broken files of every kind: a small run of bench/fuzz.py; and that it sees what should not be."""

import random
import re
import subprocess
import sys
from pathlib import Path

from fuzz_mutations import broken
from fuzz_videos import Seed, seed_of
from waiting import HANGS

FUZZ = Path(__file__).parent.parent / "bench" / "fuzz.py"
BAD = """
import os, sys, tempfile
from pathlib import Path
import fuzz

def two_lines():
    print("posecore: a", "posecore: file: b", sep="\\n", file=sys.stderr)
    return 2

def nameless():
    print("posecore: it is broken", file=sys.stderr)
    return 2

def refused(before=lambda: None):
    before()
    print("posecore: file: is broken", file=sys.stderr)
    return 2

def endless():
    while True:
        pass

def chatty():
    os.write(2, b"libsomething: oh")
    Path("out.json").write_text('{"frames": [1]}')
    return 0

def large():
    bytearray(300_000_000)
    return refused()

COMMANDS = {
    "fine": refused,
    "exits": lambda: sys.exit(refused()),
    "raises": lambda: 1 / 0,
    "dies": os.abort,
    "endless": endless,
    "large": large,
    "two lines": two_lines,
    "nameless": nameless,
    "chatty": chatty,
    "leaves": lambda: refused(Path(".out.json.1-00ff-0123abcd.part").touch),
    "leaves elsewhere": lambda: refused(tempfile.mkdtemp),
    "changes": lambda: refused(lambda: Path("out.json").write_text("half")),
    "nothing": lambda: 0,
}
fuzz.SECONDS, fuzz.MEGABYTES = 1, 250
seed = fuzz.Seed("video", "file", b"whole")
with tempfile.TemporaryDirectory() as work:
    for name, command in COMMANDS.items():
        case = fuzz.Case(0, seed, b"broken", "", command, ("out.json",))
        print(name, "→", fuzz.judge(case, Path(work))[1].replace("\\n", " "))
"""


def test_what_is_broken_is_refused_in_a_line_or_done(tmp_path):
    command = [sys.executable, str(FUZZ), "--count", "150", "--seed", "1", "--keep", str(tmp_path)]
    command += ["--results", str(tmp_path / "fuzz.txt")]
    done = subprocess.run(command, capture_output=True, text=True, timeout=HANGS)
    assert done.returncode == 0, done.stdout + done.stderr
    counts = re.fullmatch(r"150 inputs: (\d+) done, (\d+) refused, 0 fell\n", done.stdout)
    assert counts and min(map(int, counts.groups())) > 20
    head, *_, total = (tmp_path / "fuzz.txt").read_text().splitlines()
    assert head.startswith("seed 1, ") and total.split() == ["all", *counts.groups(), "0"]


def test_it_sees_what_should_not_be():
    command = [sys.executable, "-c", BAD]
    done = subprocess.run(command, capture_output=True, text=True, timeout=HANGS, cwd=FUZZ.parent)
    found = dict(line.split(" → ") for line in done.stdout.splitlines())
    assert found.pop("fine") == found.pop("exits") == "", done.stderr
    reasons = {
        "raises": "status 1: .*ZeroDivisionError",
        "dies": "status -6",
        "endless": "takes more than 1 s",
        "large": r"takes \d+ MB",
        "two lines": "refused in 2 lines",
        "nameless": "refused without a name",
        "chatty": "said on stderr: libsomething",
        "leaves": r"left .*\.part",
        "leaves elsewhere": "left .*tmp",
        "changes": r"changed \['out\.json'\]",
        "nothing": r"done, and out\.json is none",
    }
    assert set(found) == set(reasons)
    assert not [name for name, reason in reasons.items() if not re.match(reason, found[name])], found


def test_the_same_number_is_broken_the_same_way():
    seed = Seed("video", "a.mp4", bytes(range(256)) * 8, sound=((100, 200),), promises=(513,))
    made = [broken(seed, [seed], random.Random("1 7")) for _ in range(2)]
    others = {broken(seed, [seed], random.Random(f"1 {number}"))[0] for number in range(50)}
    assert made[0] == made[1] and len(others) > 40


def test_what_is_no_json_and_no_zip_is_left_as_it_is():
    nothing = {"a.json": "no JSON", "a.jsonl": "no JSON", "a.task": "no zip"}
    for name, words in nothing.items():
        seed = Seed("model", name, b"PK\3\4{")
        assert words in {word for n in range(60) for word in broken(seed, [seed], random.Random(n))[1].split(", ")}
    loop = Seed("document", "a.json", b'{"a": {"b": {"c": 1}}}')
    assert any(broken(loop, [loop], random.Random(n))[1] == "nothing" for n in range(2000))  # a value that holds itself


def test_of_what_is_no_video_nothing_is_known(tmp_path):
    (tmp_path / "a.mp4").write_text("no video")
    assert seed_of(tmp_path / "a.mp4") == Seed("video", "a.mp4", b"no video")
