"""A pickle whose loading loads native code."""

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
    """Native code runs when it is loaded, below every check that Python makes.

    What to do: do not load it; find out where the library would come from.
    """
    yield from evidence.reaches(call, Ability.NATIVE)


RULE = Rule(
    id="pickle-loads-native-code",
    title="Loading brings native code into the process",
    severity=Severity.CRITICAL,
    on=Call,
    check=check,
    refs=("CWE-502", "CWE-94"),
    flags=(Call(callee=Global("ctypes", "CDLL"), arguments=Group("tuple", ("./x.so",))),),
    passes=(
        Call(callee=Global("collections", "OrderedDict"), arguments=Group("tuple")),
        Call(callee=Global("torch._utils", "_rebuild_tensor_v2"), arguments=Group("tuple")),
    ),
)
