"""Documents as other programs' files."""

import os
from contextlib import closing

from posecore.files import refuse_inputs
from posecore.formats.catalog import FORMATS
from posecore.formats.document import fault_of
from posecore.formats.pace import Pace
from posecore.formats.people import Unfit
from posecore.formats.stream import stream_document


def export_document(
    source: str | os.PathLike[str], to: str, path: str | os.PathLike[str], **options: float
) -> tuple[str, ...]:
    """Write what a document holds to `path`, in one of FORMATS; return what to warn of.

    options: those that the format names.

    Raises ValueError for another format or option, when `source` is no document, and when it has more than the format
    can hold; ImportError when the format needs a package that is not installed; OSError when a file cannot be read or
    written.
    """
    if to not in FORMATS:
        raise ValueError(f"{to}: unknown format; known are {', '.join(FORMATS)}")
    wanted = FORMATS[to]
    for option in options.keys() - set(wanted.options):
        takers = " and ".join(name for name, other in FORMATS.items() if option in other.options)
        raise ValueError(f"--{option.replace('_', '-')} goes with {takers or 'nothing'}, not with {to}")
    refuse_inputs(path, source)
    meta, frames = stream_document(source)
    with fault_of(source):
        numbers = {"fps": float(meta["fps"]), "width": int(meta["width"]), "height": int(meta["height"])}
        meta = meta | numbers | {"source": os.fspath(meta["source"])}
    pace = Pace(meta["fps"])
    try:
        with closing(frames):
            wanted.write(path, meta, pace.watched(frames), **options)
    except Unfit as error:
        raise ValueError(f"{source}: {error}") from error
    if wanted.timed or not pace.varies:
        return ()
    mean = f"{pace.rate:.6g} frames a second on average"
    return (f"{source}: the rate of its video varies, and readers of {to} take it to be even: {mean}",)
