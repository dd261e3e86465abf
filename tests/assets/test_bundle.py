import io
import zipfile

import numpy as np
import pytest

from posecore.assets.bundle import ALIGNMENT, add_metadata, make_bundle

NAMES = ["pose_detector.tflite", "pose_landmarks_detector.tflite"]


@pytest.fixture(scope="module")
def networks(lite) -> list[bytes]:
    """The detector and the lite landmark network of a bundle."""
    with zipfile.ZipFile(lite) as file:
        return [file.read(name) for name in NAMES]


def test_is_a_stored_zip_with_aligned_networks_and_always_the_same(networks):
    bundle = make_bundle(*networks)
    assert bundle == make_bundle(*networks)
    with zipfile.ZipFile(io.BytesIO(bundle)) as file:
        assert file.namelist() == NAMES
        for entry in file.infolist():
            assert entry.compress_type == zipfile.ZIP_STORED
            start = entry.header_offset + zipfile.sizeFileHeader + len(entry.filename) + len(entry.extra)
            assert start % ALIGNMENT == 0
            assert bundle[start : start + entry.file_size] == file.read(entry)


def test_the_network_itself_is_left_as_it_is(networks):
    for network in networks:
        body = network + bytes(-len(network) % ALIGNMENT)
        longer = add_metadata(network, mean=1.0, std=2.0)
        assert longer.endswith(body) and (len(longer) - len(body)) % ALIGNMENT == 0


def test_mediapipes_own_reader_finds_the_metadata(networks):
    from mediapipe.tasks.metadata import metadata_schema_py_generated as metadata_schema, schema_py_generated as schema

    for network in networks:
        old, new = (schema.Model.GetRootAs(n) for n in (network, add_metadata(network, mean=3.5, std=0.25)))
        assert new.MetadataLength() == old.MetadataLength() + 1
        assert new.Version() == old.Version() == 3
        assert new.Description() == old.Description()
        assert new.OperatorCodesLength() == old.OperatorCodesLength() > 0
        assert [new.Buffers(i).DataLength() for i in range(old.BuffersLength())] == [
            old.Buffers(i).DataLength() for i in range(old.BuffersLength())
        ]
        entry = new.Metadata(old.MetadataLength())
        assert entry.Name() == b"TFLITE_METADATA"
        data = new.Buffers(entry.Buffer()).DataAsNumpy().tobytes()
        assert metadata_schema.ModelMetadata.ModelMetadataBufferHasIdentifier(data, 0)
        subgraph = metadata_schema.ModelMetadata.GetRootAs(data).SubgraphMetadata(0)
        unit = subgraph.InputTensorMetadata(0).ProcessUnits(0)
        options = metadata_schema.NormalizationOptions()
        options.Init(unit.Options().Bytes, unit.Options().Pos)
        np.testing.assert_array_equal([options.Mean(0), options.Std(0)], [3.5, 0.25])
        assert subgraph.OutputTensorMetadataLength() == new.Subgraphs(0).OutputsLength()


def test_what_is_no_network_is_refused():
    with pytest.raises(ValueError, match="not a tflite network"):
        add_metadata(b"PK\3\4 something else", 0, 1)
