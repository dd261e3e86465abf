import subprocess
import sys

import posecore


def test_importing_the_package_loads_nothing_heavy():
    code = (
        "import sys, posecore, posecore.cli; "
        "print([m for m in ('mediapipe', 'openvino', 'pycocotools', 'matplotlib', 'cv2', 'av', 'numpy') "
        "if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_every_public_name_is_there():
    for name in posecore.__all__:
        assert getattr(posecore, name) is not None
    assert set(posecore.__all__) <= set(dir(posecore))


def test_steps_do_not_import_one_another():
    """What the design keeps apart: video, render, document and oks stand alone."""
    for module in ("video", "render", "document"):
        code = f"import sys, posecore.{module}; print([m for m in sys.modules if m.startswith('posecore.')])"
        loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
        others = {"video", "render", "document", "oks", "latency", "pipeline", "estimator"} - {module}
        assert not [name for name in others if f"'posecore.{name}'" in loaded]
