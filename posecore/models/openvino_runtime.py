"""OpenVINO, without what it brings along and nobody needs; the only file that imports it."""

import sys

sys.modules.setdefault("openvino_telemetry", None)  # type: ignore[arg-type]  # or it reports to Google Analytics
CONVERTER = "openvino.tools.ovc"  # a third of the time of the import, and not needed
sys.modules.setdefault(CONVERTER, None)  # type: ignore[arg-type]
import openvino as ov  # noqa: E402

if sys.modules[CONVERTER] is None:
    del sys.modules[CONVERTER]

__all__ = ["ov"]
