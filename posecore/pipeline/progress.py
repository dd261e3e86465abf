"""The progress bar of one video."""

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager


@contextmanager
def progress_bar(frames: int | None) -> Iterator[Callable[[], object]]:
    """Give what is to be called after every frame; it draws a bar when stderr is a terminal.

    The bar has a descriptor of its own: MediaPipe's engine silences stderr while it waits for somebody to appear.
    frames: how many are promised.
    """
    if not sys.stderr.isatty():
        yield lambda: None
        return
    from tqdm import tqdm

    with open(os.dup(sys.stderr.fileno()), "w") as file:
        with tqdm(total=frames, unit="frame", file=file) as bar:
            yield bar.update
