"""TensorFlow Lite (LiteRT): a FlatBuffer with the graph, its operators and the weights.

Layout (https://github.com/tensorflow/tensorflow/blob/master/tensorflow/compiler/mlir/lite/schema/schema.fbs)::

    offset of the model (4 bytes), "TFL3"
    model      version, operator codes, subgraphs, description, buffers, metadata, signatures
    subgraph   tensors, inputs, outputs, operators
    operator   index of its code, inputs, options; of "Flex" ones a NodeDef of TensorFlow
    buffer     bytes; or, in files beyond 2 GiB, their place behind the FlatBuffer

A zip archive of labels may follow: `zip_models` tells of it. What is inside reads `tflite_model`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..format import Format, Match, Parsed, Subject
from ..kits import need

if TYPE_CHECKING:
    from ..limits import Budget

MAGIC = slice(4, 8)


def recognise(subject: Subject) -> Match:
    """Tell it by the identifier behind the first offset."""
    return Match.CERTAIN if subject.head[MAGIC] == b"TFL3" else Match.NO


def parse(subject: Subject, budget: Budget) -> Parsed:
    """Have the kit read it: see `tflite_model`."""
    parsed: Parsed = need("tflite").parse(subject, budget)
    yield from parsed


FORMAT = Format(
    id="tflite",
    title="TensorFlow Lite",
    media_type="application/octet-stream",
    spec="https://ai.google.dev/edge/litert",
    suffixes=(".tflite",),
    recognise=recognise,
    parse=parse,
    model=True,
)
