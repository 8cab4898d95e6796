"""A pickle whose loading ends or changes the process."""

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
    """It stops the service that loads it, or changes what later programs see.

    What to do: do not load it; re-export the model from code that you trust.
    """
    yield from evidence.reaches(call, Ability.KILL)


RULE = Rule(
    id="pickle-changes-process",
    title="Loading ends the process or changes its environment",
    severity=Severity.HIGH,
    on=Call,
    check=check,
    refs=("CWE-502",),
    flags=(Call(callee=Global("os", "_exit"), arguments=Group("tuple", (1,))),),
    passes=(
        Call(callee=Global("collections", "OrderedDict"), arguments=Group("tuple")),
        Call(callee=Global("torch._utils", "_rebuild_tensor_v2"), arguments=Group("tuple")),
    ),
)
