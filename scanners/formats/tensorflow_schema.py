"""The messages of TensorFlow's graphs: field numbers, and what a text form calls them.

Source: https://github.com/tensorflow/tensorflow/tree/master/tensorflow/core (``framework/*.proto``
and ``protobuf/{saved_model,meta_graph,saved_object_graph}.proto``, version 2.21).
"""

from __future__ import annotations

SCHEMA_VERSION, META_GRAPH = 1, 2  # of a SavedModel
INFO, GRAPH, SAVER, COLLECTION, SIGNATURE, ASSET, OBJECTS = range(1, 8)  # of a MetaGraphDef
ASSETS = "saved_model_assets"  # a collection of SavedModels of TensorFlow 1 ...
ASSETS_PATH = (2, 5, 1, 2)  # ... value, any_list, value (Any), value: an AssetFileDef
TAGS, TF_VERSION = 4, 5  # of its MetaInfoDef
NODE, LIBRARY, VERSION, VERSIONS, DEBUG = range(1, 6)  # of a GraphDef
NAME, OP, INPUT, DEVICE, ATTR = range(1, 6)  # of a NodeDef
FUNCTION, GRADIENT, REGISTERED = 1, 2, 3  # of a FunctionDefLibrary
FUNCTION_SIGNATURE, FUNCTION_NODE, FUNCTION_RETURN = 1, 3, 4  # of a FunctionDef
ARGUMENT = 2  # of an OpDef
KEY, VALUE = 1, 2  # of an entry of any map

LIST, TEXT, INTEGER, TYPE, TENSOR, FUNC = 1, 2, 3, 6, 8, 10  # of an AttrValue
LIST_TEXT, LIST_FUNC = 2, 9  # of its list
DTYPE, SHAPE, CONTENT, STRINGS = 1, 2, 4, 8  # of a TensorProto
DIM, UNKNOWN_RANK = 2, 3  # of a TensorShapeProto

INFO_DTYPE, INFO_SHAPE = 2, 3  # of a TensorInfo
OBJECT, CONCRETE = 1, 2  # of a SavedObjectGraph
USER_OBJECT, ASSET_OBJECT = 4, 5  # of a SavedObject
IDENTIFIER, METADATA = 1, 3  # of a SavedUserObject
KEPT_PATH, KEPT_METADATA = 3, 5  # of an object in keras_metadata.pb
BOUND_INPUTS = 2  # of a SavedConcreteFunction
MOST_BOUND = 100_000  # what one function may capture

STRING = 7  # a DataType

DATA_TYPES = (
    "invalid", "float32", "float64", "int32", "uint8", "int16", "int8", "string", "complex64",
    "int64", "bool", "qint8", "quint8", "qint32", "bfloat16", "qint16", "quint16", "uint16",
    "complex128", "float16", "resource", "variant", "uint32", "uint64", "float8_e5m2",
    "float8_e4m3fn", "float8_e4m3fnuz", "float8_e4m3b11fnuz", "float8_e5m2fnuz", "int4", "uint4",
    "int2", "uint2",
)  # fmt: skip
REFERENCE = 100  # added to the number of a type for a variable of it


def data_type(number: int) -> str:
    """Return the name of an element type, as TensorFlow prints it."""
    plain = number - REFERENCE if number > REFERENCE else number
    return DATA_TYPES[plain] if 0 <= plain < len(DATA_TYPES) else f"type {number}"
