"""A pickle whose loading writes files."""

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
    """A file written at load time can be a program that runs later.

    What to do: do not load it; see which file the evidence names.
    """
    yield from evidence.reaches(call, Ability.WRITE)


RULE = Rule(
    id="pickle-writes-files",
    title="Loading changes files",
    severity=Severity.HIGH,
    on=Call,
    check=check,
    refs=("CWE-502",),
    flags=(Call(callee=Global("builtins", "open"), arguments=Group("tuple", ("/root/.bashrc",))),),
    passes=(
        Call(callee=Global("collections", "OrderedDict"), arguments=Group("tuple")),
        Call(callee=Global("torch._utils", "_rebuild_tensor_v2"), arguments=Group("tuple")),
    ),
)
