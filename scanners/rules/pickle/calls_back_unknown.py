"""A pickle that hands something unknown and a text to a function that calls it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...capability import Ability
from ...facts import Call
from ...rule import Rule, Severity
from ...values import Global, Group
from . import evidence

if TYPE_CHECKING:
    from collections.abc import Iterator


def check(call: Call) -> Iterator[str]:
    """`map`, `partial` and their like call what they are given, here perhaps with the text.

    What to do: look at the function in its package; allow it if it only builds an object.
    """
    if evidence.capability(call).ability is not Ability.CALLBACK:
        return
    names = called_back(call)
    found = evidence.given_text(call)
    if names and found is not None:
        yield (
            f"{evidence.shown(call)}, which can call {', '.join(names[:5])}, which no table knows, "
            f"with the text {found[:80]!r}"
        )


def called_back(call: Call) -> list[str]:
    """Return the unknown functions that a caller is given; none if it is given worse."""
    if evidence.dangerous_names(call.names):
        return []
    unknown = evidence.unknown_names(call.names)
    return [name for name in unknown if not evidence.is_class_name(name)]


RULE = Rule(
    id="pickle-calls-back-unknown",
    title="Loading hands text and an unknown function to a caller",
    severity=Severity.HIGH,
    on=Call,
    check=check,
    refs=("CWE-502", "CWE-94"),
    flags=(
        Call(
            callee=Global("builtins", "map"),
            arguments=Group("tuple", (Global("somewhere", "run"), Group("list", ("sh",)))),
            names=("somewhere.run",),
        ),
    ),
    passes=(
        Call(
            callee=Global("functools", "partial"),
            arguments=Group("tuple", (Global("somewhere", "run"),)),
            names=("somewhere.run",),
        ),
        Call(
            callee=Global("builtins", "map"),
            arguments=Group("tuple", (Global("somewhere", "Colour"), Group("list", ("red",)))),
            names=("somewhere.Colour",),
        ),
    ),
)
