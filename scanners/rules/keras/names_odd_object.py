"""A configuration of Keras that names what no model is made of."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...facts import Configured
from ...rule import Rule, Severity
from .names import Kind, example, judge, spoken

if TYPE_CHECKING:
    from collections.abc import Iterator


def check(found: Configured) -> Iterator[str]:
    """It is imported, and perhaps called, when the model is loaded; models have no use for it.

    That no harm is known of it does not make it harmless: it was put there by hand.

    What to do: find out why the name is there before you load the file.
    """
    judged = judge(found)
    if judged.kind is Kind.ODD:
        yield f"{spoken(found)}, {judged.why}"


RULE = Rule(
    id="keras-names-odd-object",
    title="The Keras configuration names what no model is made of",
    severity=Severity.HIGH,
    on=Configured,
    check=check,
    refs=("CWE-502",),
    flags=(
        example("function", "builtins", "print"),
        example("function", "json", "loads"),
        example("function", "keras.src.backend.common.global_state", "set_global_attribute"),
        example("class", "keras.applications", "ResNet50"),
        example("class", "keras.callbacks", "LambdaCallback"),
        example("class", "os.path;x", "Layer"),
        example("class", "keras.layers", "__init__"),
        example("layer", "my_package", "run"),
    ),
    passes=(
        example("class", "keras.src.models.functional", "Functional"),
        example("function", "keras.applications.resnet", "preprocess_input"),
        example("function", "keras.backend", "relu"),
        example("function", "os", "system"),
        example("function", "", "my_activation"),
        example("class", "", "__tensor__"),
    ),
)
