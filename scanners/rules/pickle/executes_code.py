"""A pickle whose loading runs code."""

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
    """The file brings its own program, and loading runs it.

    What to do: do not load it; a model needs no code of its own to be rebuilt.
    """
    yield from evidence.reaches(call, Ability.CODE)


RULE = Rule(
    id="pickle-executes-code",
    title="Loading runs code from the file",
    severity=Severity.CRITICAL,
    on=Call,
    check=check,
    refs=("CWE-502", "CWE-94", "AML.T0011.000"),
    flags=(Call(callee=Global("builtins", "exec"), arguments=Group("tuple", ("import os",))),),
    passes=(
        Call(callee=Global("collections", "OrderedDict"), arguments=Group("tuple")),
        Call(callee=Global("torch._utils", "_rebuild_tensor_v2"), arguments=Group("tuple")),
    ),
)
