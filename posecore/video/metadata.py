"""What a file says of itself in words: what of it goes into another file, and what is private and does not.

Private is where and with what a video was taken: place, camera, serial numbers. What nobody has thought of may be, so
that only what is listed here is carried over unless all is wanted.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from av.container import InputContainer
from av.stream import Stream

KEPT = (
    "title", "artist", "album_artist", "album", "composer", "genre", "date", "copyright", "comment", "description",
    "synopsis", "keywords", "show", "season_number", "episode_id", "network", "track", "creation_time",
)  # fmt: skip
APPLE = "com.apple.quicktime."
ALIASES = {"author": "artist", "creationdate": "date", "location.iso6709": "location"}
# What says how the source was made and is false of anything else; a time code would become a track of its own.
TECHNICAL = {
    "major_brand", "minor_version", "compatible_brands", "encoder", "duration", "timecode", "rotate", "handler_name",
    "vendor_id",
}  # fmt: skip
# QuickTime numbers the languages that it knows, and FFmpeg has names of its own for some of them.
NO_ISO = {"fao": "fo ", "gle": "iri", "hrv": "hr ", "pan": "pa ", "srp": "sr ", "swe": "sve"}
QUICKTIME = NO_ISO | {
    "bod": "tib", "cym": "wel", "cze": "ces", "deu": "ger", "ell": "gre", "eus": "baq", "fas": "per", "fre": "fra",
    "hye": "arm", "isl": "ice", "kat": "geo", "mkd": "mac", "msa": "may", "mya": "bur", "nld": "dut", "rum": "ron",
    "slo": "slk", "sqi": "alb", "zho": "chi",
}  # fmt: skip
ISO = {name: iso for iso, name in NO_ISO.items()}


@dataclass(frozen=True)
class Metadata:
    """What a file says of itself, and what one of its streams does: texts by name, in lower case."""

    file: Mapping[str, str] = field(default_factory=dict)
    stream: Mapping[str, str] = field(default_factory=dict)

    def kept(self, everything: bool) -> dict[str, str]:
        """What another file is to say of itself. everything: also what is private."""
        if everything:
            return {name: text for name, text in self.file.items() if name not in TECHNICAL}
        return {name: self.file[name] for name in KEPT if name in self.file}


def read_metadata(container: InputContainer, stream: Stream) -> Metadata:
    """What a file and a stream of it say of themselves; where it was taken may be said of any stream."""
    own = _plain(container.metadata)
    for each in container.streams:
        if place := _plain(each.metadata).get("location"):
            own.setdefault("location", place)
    return Metadata(own, _plain(stream.metadata))


def label(stream: Stream, metadata: Mapping[str, str], container: str) -> None:
    """Name a stream of an output, and its language. container: of the output."""
    language = metadata.get("language", "")
    if language:
        names = QUICKTIME if container == "mov" else ISO
        stream.metadata["language"] = names.get(language, language)
    if title := metadata.get("title") or metadata.get("name"):  # MP4 calls it so
        stream.metadata["title"] = title


def _plain(metadata: Mapping[str, str]) -> dict[str, str]:
    """By names in lower case, without those that say the same in a language, such as title-eng."""
    found: dict[str, str] = {}
    for given, text in metadata.items():
        name, _, language = given.lower().rpartition("-")
        if text and not (name and len(language) == 3 and name in map(str.lower, metadata)):
            found[given.lower()] = text
    for name in list(found):
        common = name.removeprefix(APPLE)
        found.setdefault(ALIASES.get(common, common), found[name])
    return found
