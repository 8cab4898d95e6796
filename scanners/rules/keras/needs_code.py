"""A configuration of Keras that names classes or functions of another package."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...facts import Configured
from ...rule import Rule, Severity
from .names import Kind, judge, spoken

if TYPE_CHECKING:
    from collections.abc import Iterator


def check(found: Configured) -> Iterator[str]:
    """The model cannot be loaded without this code, which does not stand in it.

    Many honest models have layers and losses of their own. Whoever loads this one has to install or
    write them first.

    What to do: take the code from where you take the model's other code, and pin its version.
    """
    judged = judge(found)
    if judged.kind is Kind.OTHERS:
        yield f"{spoken(found)}, {judged.why}"


def _named(module: str, name: str) -> Configured:
    return Configured(loader="keras", kind="class", key="config", module=module, name=name)


RULE = Rule(
    id="keras-needs-code",
    title="The Keras model needs code that it does not bring",
    severity=Severity.INFO,
    on=Configured,
    check=check,
    refs=("CWE-829",),
    flags=(_named("mypackage.layers", "Attention"), _named("", "MyAttention")),
    passes=(
        _named("keras.layers", "Dense"),
        _named("", "Dense"),
        _named("tensorflow.python.ops", "Layer"),
    ),
)
