"""A pickle that carries functions, classes or code by value."""

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
    """The file holds byte code: it is a program, whatever else it is.

    cloudpickle and dill write functions of notebooks and scripts like this. Nothing can be said
    about what such a function does when it is used, so this is high even when the author is
    honest.

    What to do: load it only if you trust its author as you would trust a program's; ask for a model
    whose functions come from a package.
    """
    yield from evidence.reaches(call, Ability.CARRIES_CODE)


RULE = Rule(
    id="pickle-carries-code",
    title="The file carries functions as byte code",
    severity=Severity.HIGH,
    on=Call,
    check=check,
    refs=("CWE-502", "CWE-94"),
    flags=(
        Call(callee=Global("types", "CodeType"), arguments=Group("tuple", (0,))),
        Call(callee=Global("dill._dill", "_create_function"), arguments=Group("tuple")),
    ),
    passes=(
        Call(callee=Global("dill._dill", "_load_type"), arguments=Group("tuple", ("CodeType",))),
    ),
)
