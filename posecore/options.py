"""What a run can be told; every default of the command and the library is written here, once."""

import math
import os
from dataclasses import dataclass
from importlib.util import find_spec

ENGINES = ("openvino", "mediapipe")
DEFAULT_ENGINE = next((engine for engine in ENGINES if find_spec(engine)), ENGINES[0])  # the first that is installed
PRESETS = ("ultrafast", "superfast", "veryfast", "faster", "fast", "medium", "slow", "slower", "veryslow")  # of x264
CRF = {"libx264": 23, "libvpx-vp9": 31}  # of the encoders, about equally good
DEVICES = ("CPU", "GPU", "NPU", "AUTO")  # of OpenVINO; where there are several of a kind also GPU.0, GPU.1 …
DELEGATES = ("cpu", "gpu")  # the older name of two of them
RETRY, STALL = 60.0, 2.0  # of a live source: seconds to seek one that is lost, and of silence after which it is

COLORS = ("side", "person", "score")
BACKGROUNDS = ("video", "black", "blur-faces")
WIDEST = 1_000  # pixels of a line
LONGEST_TRAIL = 60  # seconds

# Of an evaluation, see posecore.evaluation.
PROTOCOLS = ("image", "box", "region")
BOX_PADDING = 0.25  # of the box's size, half of it on each side, as top-down papers scale boxes by 1.25
INSTANCE_SCORE = "rms-visibility"

# How documents are smoothed, and the cut-off of each in Hz. 6 Hz is what biomechanics takes for people who walk and run
# (Winter, Biomechanics and Motor Control of Human Movement); of one-euro it is that at rest, and grows with speed.
SMOOTHING_CUTOFFS = {"butterworth": 6.0, "one-euro": 1.0, "savgol": 6.0, "median": 6.0, "none": None}


@dataclass(frozen=True)
class Smoothing:
    """How a document is smoothed.

    method: one of SMOOTHING_CUTOFFS.
    cutoff: in Hz; what moves faster to and fro is smoothed away. None: that of the method.
    max_gap: seconds; who or what is missing for longer stays so.

    Raises ValueError for a value out of range.
    """

    method: str = "butterworth"
    cutoff: float | None = None
    max_gap: float = 0.2

    def __post_init__(self) -> None:
        if self.method not in SMOOTHING_CUTOFFS:
            raise ValueError(f"method must be one of {', '.join(SMOOTHING_CUTOFFS)}, got {self.method}")
        if self.cutoff is None:
            object.__setattr__(self, "cutoff", SMOOTHING_CUTOFFS[self.method])
        elif self.method == "none":
            raise ValueError("method none has no cut-off; leave one of the two away")
        elif not 0 < self.cutoff < math.inf:
            raise ValueError(f"cut-off must be more than 0 Hz, got {self.cutoff:g}")
        if not 0 <= self.max_gap < math.inf:
            raise ValueError(f"max gap must be 0 or more seconds, got {self.max_gap:g}")


@dataclass(frozen=True)
class Style:
    """How people are drawn.

    min_score: keypoints and edges below this score are not drawn.
    color: what the colour says: which "side" of the body, which "person", or what "score" a keypoint has; None is the
        person where people have ids, and else the side.
    line_width, radius: of an edge and of a dot, in pixels of the full-size picture; 0 draws none. None grows with the
        picture, and the radius with the width.
    boxes: whether the box of everyone is drawn.
    ids: whether who has an id has it at the head.
    names: whether who has a name has it there instead.
    person_scores: whether the score of the person is written there too.
    background: what is behind people, the "video", "black", or the video with "blur-faces".
    trail: seconds over which one sees where wrists and ankles were; 0 is off.

    Raises ValueError for a value out of range.
    """

    min_score: float = 0.2
    color: str | None = None
    line_width: float | None = None
    radius: float | None = None
    boxes: bool = False
    ids: bool = True
    names: bool = False
    person_scores: bool = False
    background: str = "video"
    trail: float = 0.0

    def __post_init__(self) -> None:
        if not 0 <= self.min_score <= 1:
            raise ValueError(f"min score must lie in [0, 1], got {self.min_score}")
        if self.color is not None and self.color not in COLORS:
            raise ValueError(f"color must be one of {', '.join(COLORS)}, got {self.color}")
        for name, pixels in (("line width", self.line_width), ("radius", self.radius)):
            if pixels is not None and not 0 <= pixels <= WIDEST:
                raise ValueError(f"{name} must be 0 to {WIDEST} pixels, got {pixels}")
        if self.background not in BACKGROUNDS:
            raise ValueError(f"background must be one of {', '.join(BACKGROUNDS)}, got {self.background}")
        if not 0 <= self.trail <= LONGEST_TRAIL:
            raise ValueError(f"trail must be 0 to {LONGEST_TRAIL} seconds, got {self.trail}")

    @property
    def looks_around(self) -> bool:
        """Whether what is drawn on a frame depends on others too."""
        return self.trail > 0 or self.background == "blur-faces"


@dataclass(frozen=True)
class Options(Style):
    """Options of one run over a video; those of Style say how it is drawn.

    start, end: seconds of the source, of the stretch that is done; an end of None is that of the video.
    every: one of so many frames is looked at, the others are filled in.
    max_rate: so many frames a second are looked at, at most, instead.
    sparse: whether the document has only the frames that were looked at.
    keep_time: whether the document has numbers and times of a stretch as they are in the source, not from 0 on.
    max_side: frames are downscaled so that max(height, width) ≤ max_side before inference; 0 is off.
    model_complexity: of BlazePose, 0 lite, 1 full, 2 heavy.
    model: the name of a model in `posecore.models.MODELS`, instead of `model_complexity`.
    model_path: a file to use instead of the one that is fetched; or an ONNX file of another top-down network.
    search: whether a person finder looks where the model finds nobody.
    people: to follow at most, 0 is everyone. Other than 1: each has an id that stays.
    keep_lost: seconds that somebody who is not seen keeps the id.
    finder_every: frames from one look of the person finder to the next, where several are followed.
    coco_correction: whether BlazePose's keypoints are moved to where COCO has them.
    download_model: whether a model that is not cached may be downloaded.
    device: of OpenVINO, that computes the networks; AUTO is a GPU where there is one, else the CPU.
    delegate: "gpu" is the older name of the device GPU.
    perf_text: whether frames per second and milliseconds per frame are drawn.
    threads: cores to use; None is all that the process may use.
    landmarks: whether the document also has the 33 landmarks of BlazePose, in the picture and in metres.
    keep_metadata: whether the video also says what is private in the source: where and with what it was taken.
    crf: constant rate factor of the video that is written, smaller is better and larger; None is that of CRF.
    preset: of x264, from fast and large to slow and small.

    Raises ValueError for a value out of range.
    """

    engine: str = DEFAULT_ENGINE
    model_complexity: int = 1
    model: str | None = None
    model_path: str | os.PathLike[str] | None = None
    download_model: bool = True
    device: str = DEVICES[0]
    delegate: str = DELEGATES[0]
    search: bool = False
    people: int = 1
    keep_lost: float = 1.0
    finder_every: int = 5
    coco_correction: bool = False
    start: float = 0.0
    end: float | None = None
    every: int = 1
    max_rate: float | None = None
    sparse: bool = False
    keep_time: bool = False
    max_side: int = 640
    perf_text: bool = True
    threads: int | None = None
    landmarks: bool = False
    keep_metadata: bool = False
    crf: int | None = None
    preset: str = "ultrafast"

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.engine not in ENGINES:
            raise ValueError(f"engine must be one of {', '.join(ENGINES)}, got {self.engine}")
        object.__setattr__(self, "device", device_of(self.device, self.delegate))
        if self.model_complexity not in (0, 1, 2):
            raise ValueError(f"model complexity must be 0, 1 or 2, got {self.model_complexity}")
        if self.people < 0:
            raise ValueError(f"people must be a number of them, or 0 for everyone, got {self.people}")
        if not 0 <= self.keep_lost < math.inf:
            raise ValueError(f"keep lost must be 0 or more seconds, got {self.keep_lost}")
        if self.finder_every < 1:
            raise ValueError(f"finder every must be 1 or more frames, got {self.finder_every}")
        if not 0 <= self.start < math.inf:
            raise ValueError(f"start must be 0 or more seconds, got {self.start}")
        if self.end is not None and not self.start < self.end < math.inf:
            raise ValueError(f"end must be later than the start at {self.start:g} s, got {self.end:g} s")
        if self.every < 1:
            raise ValueError(f"every must be 1 or more frames, got {self.every}")
        if self.max_rate is not None and not 0 < self.max_rate < math.inf:
            raise ValueError(f"max rate must be more than 0 frames a second, got {self.max_rate:g}")
        if self.max_rate is not None and self.every != 1:
            raise ValueError(f"every {self.every} and max rate {self.max_rate:g}: give one of them")
        if self.max_side < 0:
            raise ValueError(f"max side must be 0 (off) or more pixels, got {self.max_side}")
        if self.threads is not None and self.threads < 1:
            raise ValueError(f"threads must be 1 or more, got {self.threads}")
        if self.crf is not None and not 0 <= self.crf <= 51:
            raise ValueError(f"crf must lie in [0, 51], got {self.crf}")
        if self.preset not in PRESETS:
            raise ValueError(f"preset must be one of {', '.join(PRESETS)}, got {self.preset}")

    @property
    def from_zero(self) -> bool:
        """Whether the document has other numbers and times than the source."""
        return self.start > 0 and not self.keep_time


def device_of(device: str, delegate: str) -> str:
    """The device that these two words mean. Raises ValueError for words that are unknown or say different things."""
    if delegate not in DELEGATES:
        raise ValueError(f"delegate must be one of {', '.join(DELEGATES)}, got {delegate}")
    if device.partition(".")[0] not in DEVICES:
        raise ValueError(f"device must be one of {', '.join(DEVICES)}, got {device}")
    if delegate == "cpu":
        return device
    if device not in ("CPU", "GPU"):
        raise ValueError(f"--delegate gpu and --device {device}: give one of them")
    return "GPU"


DEFAULTS = Options()
