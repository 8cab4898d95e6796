"""TensorFlow's graphs in protobuf's text form (``saved_model.pbtxt``, ``graph.pbtxt``).

The text is written again in the binary form, as far as anything here asks for it, and read as that.
Places in the file are not told.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..facts import NOWHERE, Fact, Operator
from ..format import Part, Plain, Subject
from ..record import replace
from ..source import BytesSource, Malformed
from ..textproto import ANY, NUMBER, TEXT, transcode
from . import tensorflow_graph
from .tensorflow_schema import DATA_TYPES, REFERENCE

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..format import Parsed
    from ..limits import Budget

N, T = NUMBER, TEXT
SCHEMA: dict[str, dict[str, tuple[int, str]]] = {
    "SavedModel": {"saved_model_schema_version": (1, N), "meta_graphs": (2, "MetaGraphDef")},
    "MetaGraphDef": {
        "meta_info_def": (1, "MetaInfoDef"),
        "graph_def": (2, "GraphDef"),
        "collection_def": (4, "Collection"),
        "signature_def": (5, "Signature"),
        "asset_file_def": (6, "AssetFileDef"),
        "object_graph_def": (7, "Objects"),
    },
    "MetaInfoDef": {"tags": (4, T), "tensorflow_version": (5, T)},
    "GraphDef": {"node": (1, "NodeDef"), "library": (2, "Library"), "versions": (4, "Versions")},
    "Versions": {"producer": (1, N), "min_consumer": (2, N)},
    "NodeDef": {
        "name": (1, T), "op": (2, T), "input": (3, T), "device": (4, T), "attr": (5, "Attribute"),
    },
    "Attribute": {"key": (1, T), "value": (2, "AttrValue")},
    "AttrValue": {
        "list": (1, "List"), "s": (2, T), "type": (6, N), "tensor": (8, "Tensor"),
        "func": (10, "Func"),
    },
    "List": {"s": (2, T), "func": (9, "Func")},
    "Func": {"name": (1, T)},
    "Tensor": {
        "dtype": (1, N), "tensor_shape": (2, "Shape"), "tensor_content": (4, T),
        "string_val": (8, T),
    },
    "Shape": {"dim": (2, "Dim"), "unknown_rank": (3, N)},
    "Dim": {"size": (1, N)},
    "Library": {"function": (1, "Function")},
    "Function": {"signature": (1, "OpDef"), "node_def": (3, "NodeDef"), "ret": (4, "Return")},
    "OpDef": {"name": (1, T), "input_arg": (2, "Argument")},
    "Argument": {"name": (1, T)},
    "Return": {"key": (1, T), "value": (2, T)},
    "Signature": {"key": (1, T), "value": (2, "SignatureDef")},
    "SignatureDef": {"inputs": (1, "End"), "outputs": (2, "End")},
    "End": {"key": (1, T), "value": (2, "TensorInfo")},
    "TensorInfo": {"name": (1, T), "dtype": (2, N), "tensor_shape": (3, "Shape")},
    "AssetFileDef": {"tensor_info": (1, "TensorInfo"), "filename": (2, T)},
    "Collection": {"key": (1, T), "value": (2, "CollectionDef")},
    "CollectionDef": {"any_list": (5, "AnyList")},
    "AnyList": {"value": (1, ANY)},
    ANY: {"type_url": (1, T), "value": (2, T)},
    "tensorflow.AssetFileDef": {"tensor_info": (1, "TensorInfo"), "filename": (2, T)},
    "Objects": {"nodes": (1, "Object"), "concrete_functions": (2, "Concrete")},
    "Object": {"user_object": (4, "UserObject"), "asset": (5, "Asset")},
    "UserObject": {"identifier": (1, T), "metadata": (3, T)},
    "Asset": {"asset_file_def_index": (1, N)},
    "Concrete": {"key": (1, T), "value": (2, "ConcreteFunction")},
    "ConcreteFunction": {"bound_inputs": (2, N)},
}  # fmt: skip
NAMES = {"float32": "FLOAT", "float64": "DOUBLE", "float16": "HALF"}  # others are in upper case
TYPES = [NAMES.get(name, name.upper()) for name in DATA_TYPES]
WORDS = {
    **{f"DT_{name}": number for number, name in enumerate(TYPES)},
    **{f"DT_{name}_REF": number + REFERENCE for number, name in enumerate(TYPES)},
}
# The first fields that only one of the messages has.
ROOTS = {
    "SavedModel": ("saved_model_schema_version", "meta_graphs"),
    "MetaGraphDef": ("meta_info_def", "graph_def", "object_graph_def"),
}


def parse(subject: Subject, budget: Budget) -> Parsed:
    """Yield what a graph in text form says and reaches.

    Raises:
        Malformed: It is not written in the text form, or holds no node.
        Exceeded: It is longer, or nests deeper, than the limits allow.
    """
    source = subject.source
    budget.document(source.size)
    text = source.read_at(0, source.size).decode("utf-8", "surrogateescape")
    found = {name: transcode(text, name, SCHEMA, WORDS, budget.check_time) for name in _roots(text)}
    name, data = max(found.items(), key=lambda each: len(each[1]))
    if not data:
        raise Malformed("TensorFlow graph as text", offset=0, why="it has no graph")
    items = list(_parsed(name, Subject.of(BytesSource(data)), budget))
    if name == "GraphDef" and not any(isinstance(item, Operator) for item in items):
        raise Malformed("TensorFlow graph as text", offset=0, why="none of its nodes computes")
    yield from map(_placeless, items)


def _roots(text: str) -> Iterator[str]:
    """Yield the messages that the text may be of."""
    for name, first in ROOTS.items():
        if any(each in text for each in first):
            yield name
    yield "GraphDef"


def _parsed(name: str, subject: Subject, budget: Budget) -> Parsed:
    match name:
        case "SavedModel":
            return tensorflow_graph.parse_saved_model(subject, budget)
        case "MetaGraphDef":
            return tensorflow_graph.parse_meta_graph(subject, budget)
        case _:
            return tensorflow_graph.parse_graph(subject, budget)


def _placeless(item: Fact | Part | Plain) -> Fact | Part | Plain:
    return replace(item, at=NOWHERE) if isinstance(item, Fact) else item
