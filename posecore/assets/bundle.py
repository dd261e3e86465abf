"""Assemble a MediaPipe `.task` bundle from bare tflite networks.

MediaPipe Tasks wants a *stored* zip of two networks, each with TFLITE_METADATA that says how its input is normalised.
The metadata is put in front of a network and the network's own bytes stay as they are, so that its weights keep
their alignment. Slot numbers are the field numbers of TensorFlow's `schema.fbs` and TFLite Support's
`metadata_schema.fbs`.
"""

import struct
from collections.abc import Sequence

from flatbuffers import Builder
from flatbuffers.number_types import UOffsetTFlags
from flatbuffers.table import Table

from posecore.assets.pack import ALIGNMENT, stored_zip

MODEL_VERSION, MODEL_SUBGRAPHS, MODEL_BUFFERS, MODEL_METADATA = 0, 2, 4, 6
MODEL_OTHER_SLOTS = (1, 2, 3, 5)  # operator codes, subgraphs, description, metadata_buffer: kept as they are
SUBGRAPH_OUTPUTS = 2
RGB = 1  # ColorSpaceType
NORMALIZATION_OPTIONS = 1  # ProcessUnitOptions
IMAGE_PROPERTIES = 2  # ContentProperties


def make_bundle(detector: bytes, landmarks: bytes) -> bytes:
    """Return a `.task` file made of the pose detector and a landmark network; the same input gives the same bytes.

    Raises ValueError when either is not a tflite file.
    """
    networks = {
        "pose_detector.tflite": add_metadata(detector, mean=127.5, std=127.5),
        "pose_landmarks_detector.tflite": add_metadata(landmarks, mean=0.0, std=255.0),
    }
    return stored_zip(networks)


def add_metadata(network: bytes, mean: float, std: float) -> bytes:
    """Return the tflite network with metadata: one RGB picture in, normalised as (x − mean) / std, and named outputs.

    Raises ValueError when it is not a tflite file.
    """
    if network[4:8] != b"TFL3":
        raise ValueError("not a tflite network")
    body = network + bytes(-len(network) % ALIGNMENT)
    model = Table(body, struct.unpack_from("<I", body)[0])
    metadata = _make_metadata(_count_outputs(model), mean, std)

    builder = Builder(len(body) + len(metadata) + 8192)
    builder.head -= len(body)  # a builder grows towards the front: the network becomes the tail
    builder.Bytes[builder.head :] = body

    def kept(position: int) -> int:
        return len(body) - position

    buffers = _vector(model, MODEL_BUFFERS)
    name = builder.CreateString("TFLITE_METADATA")
    entry = _add_table(builder, {0: name}, {1: len(buffers)})
    buffer = _add_table(builder, {0: _add_bytes(builder, metadata)})
    slots = {slot: kept(position) for slot in MODEL_OTHER_SLOTS if (position := _position(model, slot))}
    slots[MODEL_BUFFERS] = _add_offsets(builder, [*map(kept, buffers), buffer])
    slots[MODEL_METADATA] = _add_offsets(builder, [*map(kept, _vector(model, MODEL_METADATA)), entry])
    version = model.Get(UOffsetTFlags, model.Pos + model.Offset(4 + 2 * MODEL_VERSION))
    builder.Finish(_add_table(builder, slots, {MODEL_VERSION: version}), file_identifier=b"TFL3")
    return bytes(builder.Output())


def _make_metadata(outputs: int, mean: float, std: float) -> bytes:
    """ModelMetadata of a network with one picture as its input and so many outputs."""
    builder = Builder(1024)
    normalization = _add_table(builder, {0: _add_float(builder, mean), 1: _add_float(builder, std)})
    unit = _add_union(builder, NORMALIZATION_OPTIONS, normalization)
    builder.StartObject(1)
    builder.PrependInt8Slot(0, RGB, 0)
    content = _add_union(builder, IMAGE_PROPERTIES, builder.EndObject())
    units = _add_offsets(builder, [unit])
    image = _add_table(builder, {0: builder.CreateString("image"), 3: content, 4: units})
    names = [builder.CreateString(f"output_{i}") for i in range(outputs)]
    input_tensors = _add_offsets(builder, [image])
    output_tensors = _add_offsets(builder, [_add_table(builder, {0: name}) for name in names])
    subgraph = _add_table(builder, {2: input_tensors, 3: output_tensors})
    builder.Finish(_add_table(builder, {3: _add_offsets(builder, [subgraph])}), file_identifier=b"M001")
    return bytes(builder.Output())


# Reading a flatbuffer: where a field points to, 0 when it is absent.


def _position(table: Table, slot: int) -> int:
    field = table.Offset(4 + 2 * slot)
    return table.Indirect(table.Pos + field) if field else 0


def _vector(table: Table, slot: int) -> list[int]:
    """The positions of the tables in a vector of tables."""
    field = table.Offset(4 + 2 * slot)
    start = table.Vector(field) if field else 0
    return [table.Indirect(start + 4 * i) for i in range(table.VectorLen(field) if field else 0)]


def _count_outputs(model: Table) -> int:
    subgraph = Table(model.Bytes, _vector(model, MODEL_SUBGRAPHS)[0])
    return subgraph.VectorLen(subgraph.Offset(4 + 2 * SUBGRAPH_OUTPUTS))


# Writing one: each returns the offset of what it added.


def _add_table(builder: Builder, offsets: dict[int, int], numbers: dict[int, int] | None = None) -> int:
    numbers = numbers or {}
    builder.StartObject(1 + max([*offsets, *numbers]))
    for slot, offset in offsets.items():
        builder.PrependUOffsetTRelativeSlot(slot, offset, 0)
    for slot, number in numbers.items():
        builder.PrependUint32Slot(slot, number, 0)
    return builder.EndObject()


def _add_union(builder: Builder, kind: int, value: int) -> int:
    """A table with a union: its type in slot 0, its value in slot 1."""
    builder.StartObject(2)
    builder.PrependUOffsetTRelativeSlot(1, value, 0)
    builder.PrependUint8Slot(0, kind, 0)
    return builder.EndObject()


def _add_offsets(builder: Builder, offsets: Sequence[int]) -> int:
    builder.StartVector(4, len(offsets), 4)
    for offset in reversed(offsets):
        builder.PrependUOffsetTRelative(offset)
    return builder.EndVector()


def _add_float(builder: Builder, value: float) -> int:
    builder.StartVector(4, 1, 4)
    builder.PrependFloat32(value)
    return builder.EndVector()


def _add_bytes(builder: Builder, data: bytes) -> int:
    builder.StartVector(1, len(data), ALIGNMENT)
    builder.head -= len(data)
    builder.Bytes[builder.head : builder.head + len(data)] = data
    return builder.EndVector()
