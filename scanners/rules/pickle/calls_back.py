"""A pickle that hands something dangerous to a function that calls it."""

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
    """`map`, `partial` and their like call what they are given, so what they are given counts.

    What to do: judge the names in the evidence as if they were called.
    """
    found = evidence.dangerous_names(call.names)
    if found and evidence.capability(call).ability is Ability.CALLBACK:
        yield f"{evidence.shown(call)}, which can call {', '.join(found[:5])}"


RULE = Rule(
    id="pickle-calls-back",
    title="Loading hands something dangerous to a caller",
    severity=Severity.CRITICAL,
    on=Call,
    check=check,
    refs=("CWE-502", "CWE-94"),
    flags=(
        Call(
            callee=Global("functools", "partial"),
            arguments=Group("tuple", (Global("os", "system"), "id")),
            names=("os.system",),
        ),
    ),
    passes=(
        Call(
            callee=Global("functools", "partial"),
            arguments=Group("tuple", (Global("torch.nn.functional", "gelu"),)),
            names=("torch.nn.functional.gelu",),
        ),
    ),
)
