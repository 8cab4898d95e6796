"""A pickle whose loading starts a program."""

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
    """Whoever loads the file runs the program, with all rights of the one who loads.

    What to do: do not load it; ask its author, and look at what else came from there.
    """
    yield from evidence.reaches(call, Ability.PROCESS)


RULE = Rule(
    id="pickle-spawns-process",
    title="Loading starts a program",
    severity=Severity.CRITICAL,
    on=Call,
    check=check,
    refs=("CWE-502", "CWE-78", "AML.T0011.000"),
    flags=(Call(callee=Global("posix", "system"), arguments=Group("tuple", ("id",))),),
    passes=(
        Call(callee=Global("collections", "OrderedDict"), arguments=Group("tuple")),
        Call(callee=Global("torch._utils", "_rebuild_tensor_v2"), arguments=Group("tuple")),
    ),
)
