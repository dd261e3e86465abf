"""Long videos of a batch: cut into segments that are tasks of their own, and joined by one more.

Where several people are followed, only joining says who is who, and some styles need the frames around a frame: then
segments write documents, and the video is drawn when they are joined.
"""

import dataclasses
import hashlib
import json
import math
import os
import shutil
from collections import deque
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

from posecore.batch.inputs import look_at_all
from posecore.batch.manifest import Record
from posecore.batch.remote import is_remote
from posecore.batch.task import Task
from posecore.files import replacing, sync, writing
from posecore.options import DEFAULTS, Options

FOLDER = ".segments"  # in the folder of the outputs
MOST = 10_000  # segments; a header that promises more is not believed


@dataclass(frozen=True)
class SegmentTask(Task):
    """A segment of a video, see `posecore.video.Segment`, with outputs of its own and the record of the video."""

    note: str  # a file that says that it is done, and what joining needs to know
    start_ms: int
    end_ms: int | None

    def do(
        self, source: str, options: Options, on_frame: Callable[[], None] | None, cores: Callable[[], int] | None
    ) -> Record:
        """See `Task.do`; whatever is odd about the video is an error, for then it is better not cut."""
        from posecore.pipeline import process_video
        from posecore.tracking import Ends
        from posecore.video import Segment

        stretch = Segment.between(options.start, options.end)
        segment = Segment(self.start_ms, self.end_ms, alone=self.start_ms == stretch.start_ms)
        ends = Ends(self.start_ms) if options.people != 1 else None
        see = ends.see if ends else None
        summary = process_video(
            source, self.video, self.json, options, on_frame=on_frame, segment=segment, on_people=see, cores=cores
        )
        if summary.warnings:
            raise ValueError(summary.warnings[0])
        note = _Note(
            str(segment.first),
            None if segment.next is None else str(segment.next),
            summary.frames,
            summary.frames_with_person,
            summary.seconds,
            ends.to_json() if ends else None,
        )
        for path in self.outputs:
            sync(path)  # the note promises them
        with replacing(self.note) as temporary, writing(self.note):
            temporary.write_text(json.dumps(dataclasses.asdict(note)))
            sync(temporary)
        return self.finished(summary.frames, summary.frames_with_person)


@dataclass(frozen=True)
class _Note:
    """What is known of a segment that is done; see Segment, Summary and Ends for the words. Fractions are text."""

    first: str
    next: str | None
    frames: int
    frames_with_person: int
    seconds: float
    ends: dict[str, Any] | None = None  # where several people are followed

    @classmethod
    def read(cls, path: str) -> "_Note":
        return cls(**json.loads(Path(path).read_text()))


@dataclass(frozen=True)
class JoinTask(Task):
    """The outputs of a video from those of its segments."""

    segments: tuple[SegmentTask, ...]

    def whole(self) -> Task:
        """The same video, not cut."""
        return Task(self.source, self.video, self.json, self.record)

    def new_frames(self, record: Record) -> int:
        """None: its segments have counted them."""
        return 0

    def do(
        self, source: str, options: Options, on_frame: Callable[[], None] | None, cores: Callable[[], int] | None
    ) -> Record:
        """See `Task.do`. Raises ValueError when the segments do not fit together."""
        notes = [_Note.read(segment.note) for segment in self.segments]
        if [note.next for note in notes[:-1]] != [note.first for note in notes[1:]]:
            raise ValueError(f"{source}: cannot be cut, its timestamps or its index are broken")
        join = self._join_and_draw if drawn_last(options) else self._join
        warnings = join(source, notes, options)
        return self.finished(
            sum(note.frames for note in notes),
            sum(note.frames_with_person for note in notes),
            warnings,
            sum(note.seconds for note in notes),
        )

    def _join(self, source: str, notes: Sequence[_Note], options: Options) -> tuple[str, ...]:
        """Put pieces of video and document one after the other; return what to warn of."""
        from posecore.formats import join_documents
        from posecore.video import Segment, join_videos

        problem = None
        if self.video:
            starts = [Fraction(note.first) for note in notes]
            videos = [segment.video for segment in self.segments if segment.video]
            parts, stretch = list(zip(videos, starts, strict=True)), Segment.between(options.start, options.end)
            problem = join_videos(parts, self.video, source, stretch, options.keep_metadata)
        if self.json:
            join_documents(self._documents, self.json, from_zero=options.from_zero)
        return (problem,) if problem else ()

    def _join_and_draw(self, source: str, notes: Sequence[_Note], options: Options) -> tuple[str, ...]:
        """Put the documents together with one set of ids, and draw the video from that; return what to warn of."""
        from posecore.formats import join_documents
        from posecore.pipeline import draw_video
        from posecore.tracking import Ends, join_ids

        document = self.json or str(Path(self.segments[0].note).with_name("all.json"))
        ends = [Ends.from_json(note.ends) for note in notes if note.ends]
        join_documents(self._documents, document, join_ids(ends) if ends else None, options.from_zero)
        return draw_video(source, document, self.video, options) if self.video else ()

    @property
    def _documents(self) -> list[str]:
        return [segment.json for segment in self.segments if segment.json]


def drawn_last(options: Options) -> bool:
    """Whether a video can be drawn only when all of it is known: who is who in it, or the frames around each."""
    return options.people != 1 or options.looks_around


class LongVideos:
    """The long videos of a batch whose outputs are in `folder`.

    minutes: of a segment, at most; None cuts no video. A video that cannot be cut, and what is far away, is done whole.
    options: of the batch: which stretch is done of each, and how people are followed and drawn.
    """

    def __init__(self, folder: Path, minutes: float | None, options: Options = DEFAULTS) -> None:
        self._folder = folder / FOLDER
        self._minutes = minutes
        self._options = options
        self._joins: dict[Record, JoinTask] = {}
        self._left: dict[Record, set[Task]] = {}  # segments that are not done yet

    def queue(self, tasks: Sequence[Task]) -> deque[Task]:
        """The tasks, of long videos those of the segments that are not done yet."""
        self._remove_others({self._folder_of(task) for task in tasks})
        queue: deque[Task] = deque()
        for task, segments in zip(tasks, look_at_all(self._cut, tasks), strict=True):
            if segments:
                join = self._joins[task.record] = JoinTask(task.source, task.video, task.json, task.record, segments)
                left = [segment for segment in segments if not os.path.exists(segment.note)]
                self._left[task.record] = set(left)
                queue.extend(left or [join])
            else:
                queue.append(task)
        return queue

    def settle(self, task: Task, record: Record, queue: deque[Task]) -> bool:
        """Whether a video is finished with this record of a task; if not, what is to be done next is queued."""
        if not isinstance(task, SegmentTask | JoinTask):
            return True
        join = self._joins.get(task.record)
        if join is None:  # given up before
            return False
        left = self._left[task.record]
        if record.error:
            del self._joins[task.record]
            for segment in left:
                with suppress(ValueError):
                    queue.remove(segment)
            queue.appendleft(join.whole())
            return False
        if isinstance(task, JoinTask):
            return True
        left.remove(task)
        if not left:
            queue.appendleft(join)
        return False

    def forget(self, task: Task) -> None:
        """Remove the segments of a video that is finished and written down."""
        shutil.rmtree(self._folder_of(task), ignore_errors=True)

    def clear(self) -> None:
        """Remove what is left of segments when all is done."""
        shutil.rmtree(self._folder, ignore_errors=True)

    def _cut(self, task: Task) -> tuple[SegmentTask, ...]:
        """The segments of a task, none when it is done whole."""
        from posecore.video import Segment, promised_ms

        if self._minutes is None or is_remote(task.source):
            return ()
        stretch = Segment.between(self._options.start, self._options.end)
        begin, end = stretch.start_ms, promised_ms(task.source) or 0
        length = (end if stretch.end_ms is None else min(end, stretch.end_ms)) - begin
        count = math.ceil(length / (60_000 * self._minutes))
        if not 2 <= count <= MOST:
            return ()
        starts = [begin + round(length * number / count) for number in range(count)]
        ends = [*starts[1:], stretch.end_ms]
        return tuple(self._segment(task, *of) for of in zip(range(count), starts, ends, strict=True))

    def _segment(self, whole: Task, number: int, start: int, end: int | None) -> SegmentTask:
        path, last = str(self._folder_of(whole) / str(number)), drawn_last(self._options)
        return SegmentTask(
            source=whole.source,
            video=f"{path}.mp4" if whole.video and not last else None,
            json=f"{path}.json" if whole.json or last else None,
            record=whole.record,
            note=f"{path}.done",
            start_ms=start,
            end_ms=end,
        )

    def _folder_of(self, task: Task) -> Path:
        """Another one when the video or the options change."""
        return self._folder / hashlib.sha256(repr(task.record).encode()).hexdigest()[:16]

    def _remove_others(self, wanted: set[Path]) -> None:
        for folder in self._folder.iterdir() if self._folder.is_dir() else ():
            if folder not in wanted:
                shutil.rmtree(folder, ignore_errors=True)
