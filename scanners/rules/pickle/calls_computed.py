"""A pickle that calls what it made itself."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...capability import Ability, verdict
from ...facts import Call
from ...rule import Rule, Severity
from ...values import Global, Group, Made, Opaque
from . import evidence

if TYPE_CHECKING:
    from collections.abc import Iterator


def check(call: Call) -> Iterator[str]:
    """What an earlier step returned is called, so the name of what runs stands nowhere.

    Ordinary pickles call only what they import, or a method that is known to rebuild its class.

    What to do: do not load it.
    """
    found = evidence.member(call.callee)
    if found is not None and verdict(found.module, found.name).ability is Ability.HARMLESS:
        return
    if evidence.callee(call) is None:
        yield f"{evidence.shown(call)}, and that was made while loading"


RULE = Rule(
    id="pickle-calls-computed",
    title="Loading calls what it made before",
    severity=Severity.CRITICAL,
    on=Call,
    check=check,
    refs=("CWE-502", "CWE-913"),
    flags=(
        Call(callee=Made(Global("builtins", "getattr")), arguments=Group("tuple")),
        Call(callee=Opaque("extension 1"), arguments=Group("tuple")),
    ),
    passes=(
        Call(
            callee=Made(
                Global("builtins", "getattr"), (Global("zoneinfo", "ZoneInfo"), "_unpickle")
            ),
            arguments=Group("tuple", ("UTC", 1)),
        ),
        Call(callee=Global("collections", "OrderedDict"), arguments=Group("tuple")),
        Call(
            callee=Made(Global("builtins", "getattr"), (Global("models", "Net"), "Config")),
            arguments=Group("tuple"),
            op="NEWOBJ",
        ),
    ),
)
