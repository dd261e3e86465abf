"""From a TensorFlow.js graph model to a frozen GraphDef, which OpenVINO reads; without TensorFlow.

A graph model is a JSON file with the nodes, whose attributes are those of TensorFlow, and a binary file with the values
of its constants. What the converter of TensorFlow.js has fused is taken apart again, for OpenVINO knows the parts only.
Field numbers are those of TensorFlow's graph.proto, node_def.proto, attr_value.proto and tensor.proto.
"""

import base64
import json
import math
import struct
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import numpy as np

Attributes = Mapping[str, Any]  # as in the JSON: one key that says the kind, and its value
Array = np.ndarray[Any, Any]

DATA_TYPES = {"DT_FLOAT": 1, "DT_INT32": 3, "DT_STRING": 7, "DT_INT64": 9, "DT_BOOL": 10}
NUMPY_TYPES = {"DT_FLOAT": np.float32, "DT_INT32": np.int32, "DT_INT64": np.int64, "DT_BOOL": np.bool_}
UNFUSED = {"_FusedConv2D": "Conv2D", "FusedDepthwiseConv2dNative": "DepthwiseConv2dNative"}
OF_FUSED_ONLY = {"fused_ops", "num_args", "epsilon", "leakyrelu_alpha"}
ACTIVATIONS = {"Relu", "Relu6", "Elu", "LeakyRelu"}


@dataclass
class Node:
    """One operation. inputs: names of nodes, with `:n` for other outputs than the first."""

    name: str
    op: str
    inputs: list[str] = field(default_factory=list)
    attributes: dict[str, Any] = field(default_factory=dict)


@contextmanager
def _graph_model() -> Iterator[None]:
    """Say that it is none, whatever is not as it should be."""
    try:
        yield
    except (ValueError, LookupError, TypeError, AttributeError, ArithmeticError, RecursionError, struct.error) as error:
        raise ValueError(f"not a TensorFlow.js graph model ({error!r})") from error


class TfjsGraph:
    """The nodes of a graph model and the values of its constants; both may be changed before it is converted.

    topology: the content of the JSON file; weights: of the binary file.

    Raises ValueError for what is no graph model, or uses what is not known here.
    """

    def __init__(self, topology: bytes, weights: bytes) -> None:
        with _graph_model():
            model = json.loads(topology)
            self.nodes = [
                Node(node["name"], node["op"], node.get("input", []), node.get("attr", {}))
                for node in model["modelTopology"]["node"]
            ]
            (group,) = model["weightsManifest"]
            self.constants = dict(_read_weights(group["weights"], weights))

    def resize(self, height: int, width: int) -> None:
        """Make a convolutional graph for square pictures one for pictures of height × width pixels.

        What depends on that is the picture's shape and the sizes that maps are brought to.
        """
        with _graph_model():
            (picture,) = (node for node in self.nodes if node.op == "Placeholder")
            shape = picture.attributes["shape"]["shape"]["dim"]
            before = max(int(dim["size"]) for dim in shape)
            rows, columns = (dim for dim in shape if int(dim["size"]) == before)
            rows["size"], columns["size"] = height, width
            for node in self.nodes:
                if node.op == "ResizeBilinear":
                    self.constants[node.inputs[1]] = self.constants[node.inputs[1]] * (height, width) // before

    def graph_def(self) -> bytes:
        """The frozen graph, as the content of a `.pb` file."""
        with _graph_model():
            return b"".join(_message(1, _node(node, self.constants)) for node in self._plain_nodes())

    def _plain_nodes(self) -> Iterator[Node]:
        for node in self.nodes:
            if node.op in UNFUSED:
                yield from _unfuse(node)
            elif node.op == "SparseToDense":
                yield self._dense(node)
            else:
                yield node

    def _dense(self, node: Node) -> Node:
        """A constant in place of a sparse tensor without any value."""
        indices, shape, _, default = (self.constants.get(name) for name in node.inputs)
        if indices is None or indices.size or shape is None or default is None:
            raise ValueError(f"{node.name}: SparseToDense with values is not known here")
        self.constants[node.name] = np.full(shape, default)
        return Node(node.name, "Const", [], {"dtype": node.attributes["T"]})


def _read_weights(entries: Iterable[Mapping[str, Any]], content: bytes) -> Iterator[tuple[str, Array]]:
    position = 0
    for entry in entries:
        stored = entry.get("quantization", {})
        kind = np.dtype(stored.get("dtype", entry["dtype"]))
        count = math.prod(entry["shape"])
        values = np.frombuffer(content, kind, count, position).reshape(entry["shape"])
        position += values.nbytes
        if "scale" in stored:
            values = values.astype(np.float32) * np.float32(stored["scale"]) + np.float32(stored["min"])
        yield entry["name"], values.astype(entry["dtype"])
    if position != len(content):
        raise ValueError(f"its weights have {len(content)} bytes, {position} are described")


def _unfuse(node: Node) -> Iterator[Node]:
    """The convolution, and one node for each operation that was fused into it; the last has the name of the whole."""
    fused = [base64.b64decode(name).decode() for name in node.attributes["fused_ops"]["list"]["s"]]
    picture, kernel, *more = node.inputs
    kind = {"T": node.attributes["T"]}
    names = [f"{node.name}/{n}" for n in range(len(fused))] + [node.name]
    own = {key: value for key, value in node.attributes.items() if key not in OF_FUSED_ONLY}
    yield Node(names[0], UNFUSED[node.op], [picture, kernel], own)
    for before, name, op in zip(names[:-1], names[1:], fused, strict=True):
        if op == "BiasAdd":
            yield Node(name, op, [before, more.pop(0)], kind | {"data_format": node.attributes["data_format"]})
        elif op in ACTIVATIONS:
            alpha = {"alpha": node.attributes["leakyrelu_alpha"]} if op == "LeakyRelu" else {}
            yield Node(name, op, [before], kind | alpha)
        else:
            raise ValueError(f"{node.name}: the fused operation {op} is not known here")


# Writing protocol buffers: a field is a key, its number and wire type, and a value.


def _varint(value: int) -> bytes:
    value &= (1 << 64) - 1
    parts = bytearray()
    while value > 127:
        parts.append(value & 127 | 128)
        value >>= 7
    return bytes([*parts, value])


def _number(number: int, value: int) -> bytes:
    return _varint(number << 3) + _varint(value)


def _message(number: int, content: bytes) -> bytes:
    return _varint(number << 3 | 2) + _varint(len(content)) + content


def _float(number: int, value: float) -> bytes:
    return _varint(number << 3 | 5) + struct.pack("<f", value)


def _node(node: Node, constants: Mapping[str, Array]) -> bytes:
    parts = [_message(1, node.name.encode()), _message(2, node.op.encode())]
    parts += [_message(3, name.encode()) for name in node.inputs]
    attributes = {name: _attribute(value) for name, value in node.attributes.items() if name != "value"}
    if node.op == "Const":
        dtype = node.attributes["dtype"]["type"]
        attributes["value"] = _message(8, _tensor(constants[node.name], dtype))
    parts += [_message(5, _message(1, name.encode()) + _message(2, value)) for name, value in attributes.items()]
    return b"".join(parts)


def _tensor(values: Array, dtype: str) -> bytes:
    content = np.ascontiguousarray(values, NUMPY_TYPES[dtype]).tobytes()
    return _number(1, DATA_TYPES[dtype]) + _message(2, _shape(values.shape)) + _message(4, content)


def _shape(sides: Iterable[int]) -> bytes:
    return b"".join(_message(2, _number(1, int(side))) for side in sides)


def _attribute(value: Attributes) -> bytes:
    ((kind, content),) = value.items()
    if kind == "s":
        return _message(2, base64.b64decode(content))
    if kind == "i":
        return _number(3, int(content))
    if kind == "f":
        return _float(4, float(content))
    if kind == "b":
        return _number(5, bool(content))
    if kind == "type":
        return _number(6, content if isinstance(content, int) else DATA_TYPES[content])
    if kind == "shape":
        return _message(7, _shape(dim["size"] for dim in content.get("dim", ())))
    if kind == "list":
        return _message(1, b"".join(_list_item(name, item) for name, items in content.items() for item in items))
    raise ValueError(f"an attribute of the kind {kind} is not known here")


def _list_item(kind: str, item: Any) -> bytes:
    if kind == "i":
        return _number(3, int(item))
    if kind == "s":
        return _message(2, base64.b64decode(item))
    raise ValueError(f"a list of the kind {kind} is not known here")
