"""A configuration of Keras that names what no model is made of."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...facts import Configured
from ...rule import Rule, Severity
from .names import Kind, judge, spoken

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


def _named(kind: str, module: str, name: str) -> Configured:
    return Configured(loader="keras", kind=kind, key="config.layers[1]", module=module, name=name)


RULE = Rule(
    id="keras-names-odd-object",
    title="The Keras configuration names what no model is made of",
    severity=Severity.HIGH,
    on=Configured,
    check=check,
    refs=("CWE-502",),
    flags=(
        _named("function", "builtins", "print"),
        _named("function", "json", "loads"),
        _named("function", "keras.src.backend.common.global_state", "set_global_attribute"),
        _named("class", "keras.applications", "ResNet50"),
        _named("class", "keras.callbacks", "LambdaCallback"),
        _named("class", "os.path;x", "Layer"),
        _named("class", "keras.layers", "__init__"),
        _named("layer", "my_package", "run"),
    ),
    passes=(
        _named("class", "keras.src.models.functional", "Functional"),
        _named("function", "keras.applications.resnet", "preprocess_input"),
        _named("function", "keras.backend", "relu"),
        _named("function", "os", "system"),
        _named("function", "", "my_activation"),
        _named("class", "", "__tensor__"),
    ),
)
