"""People → file and back: the JSON document of a video, and other programs' formats.

In: the people of one frame after the other. Out: a file that is there whole or not at all; and the way back. Each
format is a file of its own. Of the other rooms it imports none.
"""

from typing import TYPE_CHECKING

from posecore._lazy import lazy_names

if TYPE_CHECKING:
    from posecore.formats.catalog import FORMATS as FORMATS
    from posecore.formats.change import change_document as change_document
    from posecore.formats.document import (
        DocumentWriter as DocumentWriter,
        as_written as as_written,
        frame_record as frame_record,
        read_document as read_document,
    )
    from posecore.formats.export import export_document as export_document
    from posecore.formats.foreign import VideoFacts as VideoFacts
    from posecore.formats.importing import import_document as import_document, readable as readable
    from posecore.formats.live_writer import LiveWriter as LiveWriter
    from posecore.formats.stream import join_documents as join_documents, stream_document as stream_document

__getattr__, __dir__, __all__ = lazy_names(
    __name__,
    {
        "catalog": ("FORMATS",),
        "change": ("change_document",),
        "document": ("DocumentWriter", "as_written", "frame_record", "read_document"),
        "export": ("export_document",),
        "foreign": ("VideoFacts",),
        "importing": ("import_document", "readable"),
        "live_writer": ("LiveWriter",),
        "stream": ("join_documents", "stream_document"),
    },
)
