"""The table of files that are fetched by name: what each must be, and where it can be had."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Source:
    """A place that has a file, or what it is made of.

    kind: "url", "npm" or "pypi"; see `posecore.assets.sources`.
    place: the address, or the package with its version.
    size: bytes of the download.
    members: path in the package and SHA-256 of the file; of a pose detector and a landmark network, which are assembled
        to a bundle, when there are two. Empty for a URL, which is the file itself.
    """

    kind: str
    place: str
    size: int
    members: tuple[tuple[str, str], ...] = ()

    @property
    def name(self) -> str:
        """The host, or the package."""
        return self.place.split("/")[2] if self.kind == "url" else self.place


@dataclass(frozen=True)
class Asset:
    """A file by name.

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


NPM_POSE = "@mediapipe/pose@0.5.1675469404", 40985403
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
        Source("npm", *NPM_POSE, (NPM_DETECTOR, network)),
    )
    return Asset(size, f"{name}.task", sha256, bytes_, "Apache-2.0", (*sources, *more))


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
