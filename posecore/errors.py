"""Errors as the user is told of them: one line that names the file and the cure."""

import errno
import tempfile

# What is wrong with an input or a machine, and not with the program.
USER_ERRORS = (ValueError, OSError, ImportError, MemoryError)
FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)


class Note(UserWarning):
    """What is wrong with an input and can be lived with; a command says it in a line."""


def is_users(error: BaseException) -> bool:
    """Whether an error is one of USER_ERRORS that `explain` can put into words; a broken import of our own is not."""
    return isinstance(error, USER_ERRORS) and not (getattr(error, "name", None) or "").startswith("posecore")


def explain(error: Exception) -> str:
    """An error of USER_ERRORS in words."""
    if isinstance(error, ImportError):
        return explain_import(error)
    if isinstance(error, MemoryError):
        return (
            "there is not enough memory; close other programs, or use fewer --workers or a smaller --model-complexity"
        )
    if isinstance(error, OSError) and error.errno in FULL:
        place = error.filename or f"the disk, perhaps that of {tempfile.gettempdir()} (TMPDIR)"
        return f"{place}: cannot be written ({error.strerror}); make room"
    if isinstance(error, OSError) and error.filename is not None:
        cure = "check its permissions" if isinstance(error, PermissionError) else "check the path"
        return f"{error.filename}: {error.strerror}; {cure}"
    return str(error)


def explain_import(error: ImportError) -> str:
    """What is missing on this machine, and how to get it."""
    if str(error).startswith(("libGL", "libgthread", "libglib")):  # slim containers have none
        return f"OpenCV lacks a library of the system ({error}); apt-get install libgl1 libglib2.0-0"
    if error.name == "fcntl":
        return "posecore batch needs Linux or macOS; do the videos one by one with posecore run"
    if isinstance(error, ModuleNotFoundError) and error.name:
        package = PACKAGES.get(error.name, error.name)
        return f"the package {package} is not installed ({error}); pip install {package}"
    return f"a package cannot be loaded ({error}); install it anew: pip install --force-reinstall posecore"


PACKAGES = {"av": "av", "cv2": "opencv-python", "sleap_io": "sleap-io"}  # by module, where the names differ
