"""People → file and back: the JSON document of a video, and other programs' formats.

In: the people of one frame after the other. Out: a file that is there whole or not at all; and the way back. Each
format is a file of its own. Of the other rooms it imports none.
"""

from posecore.formats.catalog import FORMATS
from posecore.formats.change import change_document
from posecore.formats.document import DocumentWriter, as_written, frame_record, read_document
from posecore.formats.export import export_document
from posecore.formats.foreign import VideoFacts
from posecore.formats.importing import import_document, readable
from posecore.formats.live_writer import LiveWriter
from posecore.formats.stream import join_documents, stream_document

__all__ = [
    "FORMATS",
    "DocumentWriter",
    "LiveWriter",
    "VideoFacts",
    "as_written",
    "change_document",
    "export_document",
    "frame_record",
    "import_document",
    "join_documents",
    "read_document",
    "readable",
    "stream_document",
]
