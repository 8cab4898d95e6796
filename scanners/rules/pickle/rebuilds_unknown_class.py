"""A pickle that rebuilds objects of a class that no table knows."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...capability import Ability
from ...facts import Call
from ...rule import Rule, Severity
from ...values import Global, Group
from . import evidence

if TYPE_CHECKING:
    from collections.abc import Iterator


# Classes of a TorchScript archive: its own code defines them, nothing that is installed does.
TORCHSCRIPT = "__torch__"


def check(call: Call) -> Iterator[str]:
    """Its `__setstate__` and `__del__` run on values from the file; mostly they only keep them.

    What to do: nothing, if you know the class; it has to be installed where the file is loaded.
    """
    target = evidence.callee(call)
    known = evidence.capability(call)
    if target is None or target.module.split(".")[0] == TORCHSCRIPT:
        return
    if known.ability is Ability.UNKNOWN and evidence.is_rebuild(call):
        why = evidence.why_unknown(known)
        yield f"{call.op} rebuilds an object of {target.dotted}, {why}"


RULE = Rule(
    id="pickle-rebuilds-unknown-class",
    title="Loading rebuilds an object of an unknown class",
    severity=Severity.LOW,
    on=Call,
    check=check,
    refs=("CWE-502",),
    flags=(Call(callee=Global("mymodel", "Net"), arguments=Group("tuple"), op="NEWOBJ"),),
    passes=(
        Call(callee=Global("numpy", "ndarray"), arguments=Group("tuple"), op="NEWOBJ"),
        Call(callee=Global("__torch__.model", "Net"), arguments=Group("tuple"), op="NEWOBJ"),
    ),
)
