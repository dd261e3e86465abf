"""The process that a window is: it shows the pictures that come on standard input, until there are no more.

It ends when the user closes the window or presses q or Esc. It is run as a file, and imports nothing of posecore.
"""

import signal
import struct
import sys
import threading
from queue import Empty, Queue
from typing import Any

READY = b"ready\n"
HEAD = struct.Struct("<II")  # of a picture: width and height; then 3 bytes a pixel, blue, green, red
CLOSING = {ord("q"), ord("Q"), 27}  # keys; 27 is Esc
WAITS = 0.02  # seconds for a picture, before the window is seen to


def main(title: str) -> None:
    """Show what comes."""
    import cv2

    signal.signal(signal.SIGINT, signal.SIG_IGN)  # of the terminal: whoever sends the pictures hears it too
    cv2.namedWindow(title, cv2.WINDOW_NORMAL | cv2.WINDOW_KEEPRATIO | cv2.WINDOW_GUI_NORMAL)
    sys.stdout.buffer.write(READY)
    sys.stdout.buffer.flush()
    pictures: Queue[Any] = Queue(1)
    threading.Thread(target=_read, args=(pictures,), daemon=True).start()
    size, seen = None, False
    while True:
        try:
            picture = pictures.get(timeout=WAITS)
        except Empty:
            pass
        else:
            if picture is None:
                return
            if size != picture.shape:
                size = picture.shape
                cv2.resizeWindow(title, size[1], size[0])
            cv2.imshow(title, picture)
        key = cv2.waitKey(1)
        if key >= 0 and key & 0xFF in CLOSING:
            return
        there = cv2.getWindowProperty(title, cv2.WND_PROP_VISIBLE) >= 1
        if seen and not there:
            return
        seen |= there  # it takes a while to come


def _read(pictures: "Queue[Any]") -> None:
    """Pictures as they come; None at the end."""
    import numpy as np

    while len(head := sys.stdin.buffer.read(HEAD.size)) == HEAD.size:
        width, height = HEAD.unpack(head)
        data = sys.stdin.buffer.read(3 * width * height)
        if len(data) < 3 * width * height:
            break
        pictures.put(np.frombuffer(data, np.uint8).reshape(height, width, 3))
    pictures.put(None)


if __name__ == "__main__":
    main(sys.argv[1])
