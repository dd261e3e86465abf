"""One video of a batch, and how it is done."""

import dataclasses
import os
import time
from collections.abc import Callable
from dataclasses import dataclass

from posecore.batch.inputs import local_file
from posecore.batch.manifest import Record
from posecore.errors import USER_ERRORS, explain
from posecore.files import remove_leftovers, sync
from posecore.options import Options


@dataclass(frozen=True)
class Task:
    """One video: its outputs, None when not wanted, and the line that the manifest gets."""

    source: str
    video: str | None
    json: str | None
    record: Record

    @property
    def outputs(self) -> list[str]:
        """Paths of the files to be written."""
        return [path for path in (self.video, self.json) if path]

    def clear(self) -> None:
        """Remove what killed workers left of the outputs."""
        for path in self.outputs:
            remove_leftovers(path)

    def do(
        self, source: str, options: Options, on_frame: Callable[[], None] | None, cores: Callable[[], int] | None
    ) -> Record:
        """Do it here and now. source: a local file; for the rest and what is raised see `process_video`."""
        from posecore.pipeline import process_video

        summary = process_video(source, self.video, self.json, options, on_frame=on_frame, cores=cores)
        return self.finished(summary.frames, summary.frames_with_person, summary.warnings)

    def finished(self, frames: int, with_person: int, warnings: tuple[str, ...] = (), seconds: float = 0.0) -> Record:
        """The record of it when it went well. seconds: what others spent on it."""
        share = round(with_person / frames, 4)
        return dataclasses.replace(self.record, frames=frames, person_share=share, warnings=warnings, seconds=seconds)

    def new_frames(self, record: Record) -> int:
        """How many frames were done with a record of it that were not before."""
        return record.frames

    def failed(self, reason: str) -> Record:
        """The record of it when it was given up."""
        return dataclasses.replace(self.record, outputs=(), error=" ".join(reason.split()))


def do_task(
    task: Task,
    options: Options,
    on_frame: Callable[[], None] | None = None,
    cores: Callable[[], int] | None = None,
) -> Record:
    """Do a task here and now; what is wrong with its video is told in the record.

    on_frame, cores: see `posecore.pipeline.process_video`.
    """
    started, source = time.perf_counter(), task.source
    try:
        for path in task.outputs:  # a video that fails takes folders away again that it made, and others may need
            os.makedirs(os.path.dirname(path), exist_ok=True)
        task.clear()
        with local_file(task.source) as source:
            record = task.do(source, options, on_frame, cores)
        for path in task.outputs:
            sync(path)  # the manifest will promise them
    except USER_ERRORS as error:
        record = task.failed(explain(error).replace(source, task.source))
    except Exception as error:
        record = task.failed(f"internal failure: {error!r}")
    return dataclasses.replace(
        record,
        seconds=round(record.seconds + time.perf_counter() - started, 3),
        warnings=tuple(warning.replace(source, task.source) for warning in record.warnings),
    )
