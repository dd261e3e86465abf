"""Another device than the CPU: the CPU itself stands in for a GPU, once as exact as it is and once in 16 bits."""

import json
import os

import cv2
import numpy as np
import pytest

from posecore.assets import cache_folder
from posecore.cli.commands import main
from posecore.errors import Note
from posecore.models import check_file, device, find_model, network, open_regions
from posecore.options import DEFAULTS, Options
from posecore.pipeline import check_device, check_first_use, device_check, pictures_of, process_video

GPU = Options(model_complexity=0, engine="openvino", device="GPU")


@pytest.fixture
def gpu(monkeypatch, tmp_path, lite):
    """OpenVINO finds a GPU, whose properties are the CPU's; `gpu["INFERENCE_PRECISION_HINT"] = "bf16"` spoils it."""
    told: dict = {}

    class Core(network.ov.Core):
        available_devices = ("CPU", "GPU")

        def get_property(self, name, what):
            return super().get_property("CPU", what)

        def compile_model(self, model, name, properties):
            return super().compile_model(model, "CPU", properties | (told if name == "GPU" else {}))

        def import_model(self, stream, name, properties):
            return super().import_model(stream, "CPU", properties | (told if name == "GPU" else {}))

    cache = tmp_path / "cache"
    cache.mkdir()
    for file in (lite, *(cache_folder() / name for name in ("finder.tfjs.zip", "movenet-lightning.tfjs.zip"))):
        os.link(file, cache / file.name)
    monkeypatch.setenv("POSECORE_CACHE", str(cache))
    monkeypatch.setattr(network.ov, "Core", Core)
    monkeypatch.setattr(network, "_spare", type(network._spare)())
    device.devices.cache_clear()
    yield told
    device.devices.cache_clear()


def run(tmp_path, name, video, options):
    process_video(video, None, tmp_path / name, options)
    return json.loads((tmp_path / name).read_text())


def test_auto_is_the_cpu_where_there_is_nothing_else_and_says_nothing(made, lite, tmp_path):
    for name in ("CPU", "AUTO"):
        document = run(tmp_path, name, made / "phone.mp4", Options(model_complexity=0, engine="openvino", device=name))
        assert "device" not in document["meta"]
    assert (tmp_path / "CPU").read_bytes() == (tmp_path / "AUTO").read_bytes()


def test_a_device_that_is_not_there(lite):
    with pytest.raises(ValueError, match="--device NPU: OpenVINO finds none here; use --device CPU"):
        check_device(Options(model_complexity=0, device="NPU"), [])


@pytest.mark.parametrize("options", [{"device": "GPU"}, {"device": "AUTO"}, {"delegate": "gpu"}])
def test_the_document_names_the_device(gpu, made, tmp_path, options):
    """And has the same frames as the CPU's, where it computes the same."""
    ours = Options(model_complexity=0, engine="openvino", **options)
    there = run(tmp_path, "gpu.json", made / "phone.mp4", ours)
    here = run(tmp_path, "cpu.json", made / "phone.mp4", Options(model_complexity=0, engine="openvino"))
    assert there["meta"].pop("device") == "GPU" and there == here


@pytest.mark.parametrize("people", [1, 0])
@pytest.mark.parametrize("model", ["blazepose-lite", "movenet-lightning"])
def test_every_network_of_a_run_is_computed_by_the_device(gpu, monkeypatch, made, tmp_path, model, people):
    used = []
    compile_model = network.ov.Core.compile_model

    def noted(self, model, name, properties):
        used.append((name, properties["INFERENCE_PRECISION_HINT"], properties["EXECUTION_MODE_HINT"]))
        return compile_model(self, model, name, properties)

    monkeypatch.setattr(network.ov.Core, "compile_model", noted)
    options = Options(model=model, engine="openvino", people=people, device="GPU", search=people == 1)
    process_video(made / "phone.mp4", None, tmp_path / "out.json", options)
    assert set(used) == {("GPU", "f32", "ACCURACY")} and len(used) >= 2


def test_each_device_has_compiled_networks_of_its_own(gpu, lite, monkeypatch):
    for name in ("CPU", "GPU", "CPU", "GPU"):
        network._spare.clear()
        open_regions(find_model(0), lite, device=name, threads=1).close()
    assert len(list((cache_folder() / "openvino").glob("*.blob"))) == 4


def test_an_exact_device_is_trusted(gpu, demo):
    found = check_device(GPU, pictures_of(demo))
    assert found.trusted and (found.device, found.median, found.most, found.alone) == ("GPU", 0, 0, 0)
    assert found.keypoints > 250 and str(found).startswith("GPU (") and "to be trusted (the bounds" in str(found)


def test_one_that_computes_in_16_bits_is_not(gpu, demo):
    gpu["INFERENCE_PRECISION_HINT"] = "bf16"
    core = network.ov.Core()
    if "BF16" not in core.get_property("CPU", "OPTIMIZATION_CAPABILITIES"):
        pytest.skip("this processor has no bf16")
    found = check_device(GPU, pictures_of(demo))
    print(found)
    assert not found.trusted and found.median > 5 * device_check.MEDIAN
    assert "NOT to be trusted, use --device CPU" in str(found)


def test_a_picture_gives_twenty_crops_and_no_two_alike(gpu, lite, made, tmp_path):
    cv2.imwrite(str(tmp_path / "photo.png"), made.scenes.photo[..., ::-1])
    crops = device_check._crops(GPU, lite, pictures_of(tmp_path / "photo.png"))
    assert len(crops) == 20 and len({crop.tobytes() for crop in crops}) == 20


def test_where_nobody_is(gpu, made, tmp_path):
    cv2.imwrite(str(tmp_path / "black.png"), np.zeros((90, 160, 3), np.uint8))
    with pytest.raises(ValueError, match="nobody is found there; give a video or picture that shows people well"):
        check_device(GPU, pictures_of(tmp_path / "black.png"))
    (tmp_path / "text.jpg").write_text("no picture")
    with pytest.raises(ValueError, match=r"text\.jpg: not a picture, or cut off"):
        check_device(GPU, pictures_of(tmp_path / "text.jpg"))


@pytest.mark.filterwarnings("ignore:invalid value")
def test_a_device_that_gives_no_numbers_is_not_trusted(gpu, demo, monkeypatch):
    call = network.Request.__call__

    def spoilt(self):
        return [output * np.float32(np.nan if self._device == "GPU" else 1) for output in call(self)]

    monkeypatch.setattr(network.Request, "__call__", spoilt)
    for model in ("blazepose-lite", "movenet-lightning"):
        assert not check_device(Options(model=model, engine="openvino", device="GPU"), pictures_of(demo)).trusted


def test_the_first_use_is_told_of_once(gpu, lite, demo, recwarn):
    for _ in range(2):
        check_first_use(GPU, demo)
    (told,) = recwarn
    assert told.category is Note and "to be trusted" in str(told.message) and check_file("GPU", lite).is_file()


def test_one_that_is_not_trusted_is_told_of_every_time(gpu, lite, demo, monkeypatch):
    monkeypatch.setattr(device_check, "MEDIAN", -1.0)
    for _ in range(2):
        with pytest.warns(Note, match="NOT to be trusted"):
            check_first_use(GPU, demo)


def test_what_could_not_be_compared_is_told_and_tried_again(gpu, lite, made, recwarn):
    check_first_use(GPU, None)
    check_first_use(GPU, "missing.mp4")
    check_first_use(GPU, made / "nobody.mp4")
    assert [str(told.message).partition(": ")[0] for told in recwarn] == [
        "GPU has not been compared with the CPU yet"
    ] * 3
    assert not check_file("GPU", lite).exists()


def test_the_cpu_is_not_compared(lite, demo, recwarn):
    for options in (DEFAULTS, Options(device="AUTO"), Options(engine="mediapipe", device="AUTO")):
        check_first_use(options, demo)
    assert not list(recwarn)


def test_the_commands(gpu, made, demo, tmp_path, capsys, monkeypatch):
    monkeypatch.chdir(tmp_path)
    options = "--model-complexity", "0", "--device", "gpu"
    assert main(["models", "--devices"]) == 0
    assert [line.split()[:1] for line in capsys.readouterr().out.splitlines()] == [["CPU"], ["GPU"], ["AUTO"]]
    assert main(["run", str(made / "phone.mp4"), "--json", "out.json", *options]) == 0
    first = capsys.readouterr().err
    assert main(["batch", "--input", str(made / "phone.mp4"), "--output-dir", "out", "--workers", "1", *options]) in (
        0,
        3,
    )
    assert first.count("to be trusted") == 1 and "to be trusted" not in capsys.readouterr().err
    assert main(["check-device", str(demo), *options]) == 0
    assert "to be trusted" in capsys.readouterr().out
    monkeypatch.setattr(device_check, "MEDIAN", -1.0)
    assert main(["check-device", str(demo), *options]) == 1
    assert main(["check-device", *options]) == 2
    assert "the demo clip is not cached; name a video or picture" in capsys.readouterr().err
