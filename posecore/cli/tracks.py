"""`posecore tracks`: the people of a document, and how to mend by hand who is who."""

import argparse
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from posecore.cli.messages import guarded, one_line
from posecore.cli.parser import Parser, did_you_mean, fraction
from posecore.cli.status import Status

if TYPE_CHECKING:
    from posecore.pose import FramePose

# By name: what it wants after the document.
CHANGES = {"swap": ("A", "B"), "merge": ("A", "B"), "drop": ("A",), "rename": ("A", "NAME")}


def make_parser(prog: str) -> Parser:
    """The arguments of the command."""
    parser = Parser(
        prog,
        f"IN.json\n{'':7}{prog} swap IN.json A B [--from T] -o PATH\n{'':7}{prog} merge IN.json A B -o PATH\n"
        f"{'':7}{prog} drop IN.json A -o PATH\n{'':7}{prog} rename IN.json A NAME -o PATH",
        "List the people whom a document follows, or write another document in which two exchange their ids, B becomes "
        "A, A is left out, or A gets a name.",
        "A and B are ids, as the list has them. The new document says in its meta what was done.",
    )
    parser.add_argument("words", nargs="+", metavar="WORD", help=argparse.SUPPRESS)
    add = parser.add_argument
    add("--from", dest="since", type=fraction, metavar="T", help="swap: second at which it begins (default: 0)")
    add("-o", "--output", metavar="PATH", help="document to write (default: none)")
    return parser


def main(arguments: Sequence[str], prog: str) -> int:
    """Run the command; return its exit status."""
    parser = make_parser(prog)
    given = parser.parse_args(arguments)
    change, *words = given.words if given.words[0] in CHANGES else ("list", *given.words)
    wanted = ("IN.json", *CHANGES.get(change, ()))
    if len(words) != len(wanted):
        parser.error(f"{change} wants {' '.join(wanted)}, got {' '.join(words)}{did_you_mean(given.words[0], CHANGES)}")
    if given.since is not None and change != "swap":
        parser.error(f"--from goes with swap only, not with {change}")
    if (given.output is None) != (change == "list"):
        parser.error(
            f"{change} writes a document; name it with -o" if given.output is None else "-o goes with a change"
        )
    if change == "list":
        return guarded(prog, lambda: _list(words[0]), "run it again")
    ids = [_track_id(parser, word) for word, name in zip(words[1:], wanted[1:], strict=True) if name != "NAME"]
    return guarded(prog, lambda: _change(given, change, words, ids), "nothing was written")


def _track_id(parser: Parser, word: str) -> int:
    if not word.isdecimal():
        parser.error(f"{word}: is no id of a track; posecore tracks IN.json lists them")
    return int(word)


def _list(path: str) -> int:
    from posecore.formats import read_document
    from posecore.tracking import check_tracks, list_tracks

    meta, frames = read_document(path)
    try:
        check_tracks(frames)
    except ValueError as error:
        raise ValueError(f"{path}: {error}") from error
    names = meta.get("track_names", {})
    print(f"{'id':>5} {'from s':>9} {'to s':>9} {'frames':>7} {'score':>6} {'height':>7}  name")
    for track in list_tracks(frames):
        print(
            f"{track.track_id:5} {track.first_ms / 1000:9.2f} {track.last_ms / 1000:9.2f} {track.frames:7} "
            f"{track.score:6.2f} {track.height:7.0f}  {one_line(names.get(str(track.track_id), ''))}".rstrip()
        )
    return Status.DONE


def _change(given: argparse.Namespace, change: str, words: Sequence[str], ids: Sequence[int]) -> int:
    from posecore.formats import change_document

    def made(meta: dict[str, Any], frames: "list[FramePose]") -> "tuple[dict[str, Any], Sequence[FramePose]]":
        changed = _frames(change, frames, ids, 1000 * (given.since or 0))
        names = _names(change, meta.get("track_names", {}), [str(track) for track in ids], words[-1])
        return {key: value for key, value in meta.items() if key != "track_names"} | (
            {"track_names": names} if names else {}
        ), changed

    since = [] if given.since is None else ["--from", f"{given.since:g}"]
    change_document(words[0], given.output, made, " ".join(["tracks", change, *words[1:], *since]))
    return Status.DONE


def _frames(change: str, frames: "list[FramePose]", ids: Sequence[int], since_ms: float) -> "Sequence[FramePose]":
    from posecore.tracking import check_tracks, drop_track, merge_tracks, swap_tracks

    if change == "swap":
        return swap_tracks(frames, ids[0], ids[1], since_ms)
    if change == "merge":
        return merge_tracks(frames, *ids)
    if change == "drop":
        return drop_track(frames, *ids)
    check_tracks(frames, *ids)
    return frames


def _names(change: str, names: dict[str, str], ids: Sequence[str], name: str) -> dict[str, str]:
    """The names by id, after a change: who is dropped has none, and who is merged leaves it to who has none."""
    if change == "swap":
        return names
    if change == "rename":
        return names | {ids[0]: name}
    kept = {track: given for track, given in names.items() if track != ids[-1]}
    if change == "merge" and ids[1] in names:
        kept.setdefault(ids[0], names[ids[1]])
    return kept
