"""How the fuzzer breaks a file: what is left of it, and words that say what was done."""

import io
import json
import random
import re
import zipfile
import zlib
from typing import Any

from fuzz_videos import Seed

from posecore.assets.pack import stored_zip

HEAD = 1500  # bytes at both ends of a file where headers and indices are
EXTREMES = (0, 1, 2**7 - 1, 2**8 - 1, 2**15, 2**16 - 1, 2**31 - 1, 2**31, 2**32 - 1, 2**62, 2**63 - 1, 2**64 - 1)
# Values that no reader may trip over.
HOSTILE: tuple[Any, ...] = (None, True, -1, 0, 10**30, 1e308, float("nan"), float("-inf"), "", "a\nb", "1", "\ud800",
                            [], {}, [[]], [None], {"": 0}, "../../a.jpg", "x" * 5000, [0] * 51)  # fmt: skip
NESTED = b"[" * 100_000  # deeper than a parser goes


def broken(seed: Seed, others: list[Seed], rng: random.Random) -> tuple[bytes, str]:
    """One to three things done to a seed. others: of the same kind, to splice with."""
    content, done = seed.content, []
    for _ in range(rng.choice((1, 1, 2, 3))):
        ways = [_cut, _flip, _splice, _patch, _patch]
        if seed.name.endswith((".json", ".jsonl")):
            ways += [_tree] * 6
        if seed.name.endswith((".task", ".zip", ".npz")):
            ways += [_member] * 8
        if seed.promises:
            ways += [_promise] * 2
        if seed.sound:
            ways += [_sound] * 2
        way = rng.choice(ways)
        content, words = way(content, seed, others, rng)
        done.append(words)
    return content, ", ".join(done)


def _cut(content: bytes, seed: Seed, others: list[Seed], rng: random.Random) -> tuple[bytes, str]:
    begin = _place(content, rng)
    end = rng.choice((len(content), min(len(content), begin + int(10 ** rng.uniform(0, 4)))))
    return content[:begin] + content[end:], f"cut {begin}:{end}"


def _flip(content: bytes, seed: Seed, others: list[Seed], rng: random.Random) -> tuple[bytes, str]:
    return _flipped(content, [_place(content, rng) for _ in range(int(2 ** rng.uniform(0, 7)))], rng)


def _sound(content: bytes, seed: Seed, others: list[Seed], rng: random.Random) -> tuple[bytes, str]:
    """Flips in packets of sound only, where they were before anything was done."""
    packets = rng.choices(seed.sound, k=int(2 ** rng.uniform(0, 7)))
    content, words = _flipped(content, [rng.randrange(*packet) for packet in packets], rng)
    return content, f"sound: {words}"


def _flipped(content: bytes, places: list[int], rng: random.Random) -> tuple[bytes, str]:
    new = bytearray(content)
    for place in places:
        if place < len(new):
            new[place] ^= 1 << rng.randrange(8)
    return bytes(new), f"flip {len(places)} from {min(places)}"


def _splice(content: bytes, seed: Seed, others: list[Seed], rng: random.Random) -> tuple[bytes, str]:
    other = rng.choice(others)
    begin, end = sorted((_place(other.content, rng), _place(other.content, rng)))
    place = _place(content, rng)
    instead = rng.choice((0, end - begin, len(content)))
    return content[:place] + other.content[begin:end] + content[place + instead :], f"splice {other.name} at {place}"


def _patch(content: bytes, seed: Seed, others: list[Seed], rng: random.Random) -> tuple[bytes, str]:
    """An extreme number in a header: after a name of four letters, where there is one."""
    names = [match.end() for part in (content[: 4 * HEAD],) for match in re.finditer(rb"[A-Za-z]{4}", part)]
    place = rng.choice(names) + rng.randrange(-8, 60) if names and rng.random() < 0.6 else _place(content, rng)
    place = max(0, min(place, len(content)))
    size, order = rng.choice((1, 2, 4, 4, 8)), rng.choice(("little", "big"))
    value = rng.choice(EXTREMES) % 256**size
    return content[:place] + value.to_bytes(size, order) + content[place + size :], f"patch {value} at {place}"


def _promise(content: bytes, seed: Seed, others: list[Seed], rng: random.Random) -> tuple[bytes, str]:
    """What the header says of a size, a length or a rate becomes more, wherever it says it."""
    number, size, order = rng.choice(seed.promises), rng.choice((2, 4, 8)), rng.choice(("little", "big"))
    more = rng.choice((255, 4000, 16384, 30000, 65535, 2**31 - 1, 2**32 - 1, 2**62))
    if max(number, more) >= 256**size:
        return content, "nothing"
    new = content.replace(number.to_bytes(size, order), more.to_bytes(size, order), rng.choice((1, 2, -1)))
    return new, f"{number} is {more}"


def _tree(content: bytes, seed: Seed, others: list[Seed], rng: random.Random) -> tuple[bytes, str]:
    """A value somewhere in JSON becomes another, or is left out."""
    try:
        lines = [json.loads(line) for line in (content.split(b"\n") if seed.name.endswith("l") else [content]) if line]
    except (ValueError, RecursionError):
        return content, "no JSON"
    if rng.random() < 0.02:
        return NESTED, "nested"
    places = [(node, key) for line in lines for node, key in _places(line)]
    if not places:
        return json.dumps(rng.choice(HOSTILE)).encode(), "another document"
    node, key = rng.choice(places)
    if rng.random() < 0.3:
        del node[key]
        return _written(lines), f"without {key}"
    node[key] = rng.choice((*HOSTILE, rng.choice(places)[0]))
    try:
        return _written(lines), f"another {key}"
    except (ValueError, RecursionError):  # it holds itself
        return content, "nothing"


def _written(lines: list[Any]) -> bytes:
    return "\n".join(map(json.dumps, lines)).encode() + b"\n" * (len(lines) > 1)


def _places(node: Any) -> list[tuple[Any, Any]]:
    """Every container and key of a tree."""
    keys = list(node) if isinstance(node, dict) else list(range(len(node))) if isinstance(node, list) else []
    return [(node, key) for key in keys] + [place for key in keys for place in _places(node[key])]


def _member(content: bytes, seed: Seed, others: list[Seed], rng: random.Random) -> tuple[bytes, str]:
    """A network of a bundle is broken, and the zip around it is whole."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            members = {name: archive.read(name) for name in archive.namelist()}
    except (zipfile.BadZipFile, zlib.error, ValueError, OSError, EOFError, NotImplementedError):
        return content, "no zip"
    if not members:
        return content, "empty"
    name = rng.choice(list(members))
    member = Seed(seed.kind, name, members[name])
    members[name], words = rng.choice((_cut, _flip, _patch, _patch, _splice))(members[name], member, [member], rng)
    return stored_zip(members), f"{name}: {words}"


def _place(content: bytes, rng: random.Random) -> int:
    """Anywhere, but more often near the ends."""
    near = min(HEAD, len(content))
    return rng.choice((rng.randint(0, near), len(content) - rng.randint(0, near), rng.randint(0, len(content))))
