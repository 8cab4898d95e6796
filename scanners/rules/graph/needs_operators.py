"""Rule: a graph whose operators come from a library of their own."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...artifact import Artifact
from ...facts import Operator
from ...graph_operators import is_known
from ...rule import Rule, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

TENSORFLOW = frozenset({"tf-saved-model", "tf-meta-graph", "tf-graph"})
CUSTOM = "custom"  # domain of what TensorFlow Lite does not have itself
SHOWN = 5  # names in the sentence


def check(artifact: Artifact) -> Iterator[str]:
    """The graph runs only where a native library is loaded that has these operators.

    What they do stands in that library and not in the file. Many honest models need one, such as
    those that cut text into words.

    What to do: take the library from whoever makes it, never from beside the model.
    """
    is_graph = not TENSORFLOW.isdisjoint(artifact.formats)
    operators = [fact for fact in artifact.facts if isinstance(fact, Operator)]
    found = [
        fact.name
        for fact in operators
        if fact.domain == CUSTOM or (is_graph and not fact.domain and not is_known(fact.name))
    ]
    if found:
        more = f" and {len(found) - SHOWN} more" if len(found) > SHOWN else ""
        yield f"operators of a library of their own: {', '.join(found[:SHOWN])}{more}"


def _made(format_: str, operator: Operator) -> Artifact:
    return Artifact(("m",), 9, formats=(format_,), facts=(operator,))


RULE = Rule(
    id="graph-needs-operators",
    title="The graph needs operators of a library of their own",
    severity=Severity.INFO,
    on=Artifact,
    check=check,
    refs=("CWE-829",),
    flags=(
        _made("tf-saved-model", Operator(domain="", name="SentencepieceOp")),
        _made("tflite", Operator(domain="custom", name="TFLite_Detection_PostProcess")),
    ),
    passes=(
        _made("tf-saved-model", Operator(domain="", name="MatMul")),
        _made("tflite", Operator(domain="", name="CONV_2D")),
        _made("onnx", Operator(domain="", name="Gelu")),
    ),
)
