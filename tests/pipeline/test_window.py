"""The window, without a screen: what is left of it when it is gone."""

import subprocess
import sys

from posecore.pipeline.window import Window


def test_what_was_not_yet_sent_to_a_window_that_is_gone_is_no_fault():
    window = object.__new__(Window)
    pipe = subprocess.PIPE
    window._process = subprocess.Popen([sys.executable, "-c", ""], stdin=pipe, stdout=pipe, stderr=pipe)
    window._process.wait()
    window._process.stdin.write(b"half a picture")
    window._end()
    assert window.closed and window._process.stdin.closed
