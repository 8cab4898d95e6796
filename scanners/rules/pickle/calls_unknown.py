"""A pickle that calls something unknown."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...capability import Ability
from ...facts import Call
from ...rule import Rule, Severity
from ...values import Global, Group
from . import calls_back_unknown, evidence

if TYPE_CHECKING:
    from collections.abc import Iterator


def check(call: Call) -> Iterator[str]:
    """Nothing is known of what is called, or of what a known caller is given to call.

    With a text that could be a path or a command it is `pickle-calls-unknown-with-text`.

    What to do: look at the function in its package; allow it if it only builds an object.
    """
    known = evidence.capability(call)
    found = known.ability
    if (
        found is Ability.UNKNOWN
        and isinstance(call.callee, Global)
        and not evidence.is_rebuild(call)
        and not evidence.hands_text(call)
    ):
        yield f"{evidence.shown(call)}, {evidence.why_unknown(known)}"
    if found is Ability.CALLBACK and not any(calls_back_unknown.check(call)):
        names = calls_back_unknown.called_back(call)
        if names:
            yield f"{evidence.shown(call)}, which can call {', '.join(names[:5])}"


RULE = Rule(
    id="pickle-calls-unknown",
    title="Loading calls an unknown function",
    severity=Severity.MEDIUM,
    on=Call,
    check=check,
    refs=("CWE-502",),
    flags=(Call(callee=Global("somewhere", "make"), arguments=Group("tuple", (1,))),),
    passes=(
        Call(callee=Global("somewhere", "make"), arguments=Group("tuple", ("/etc/passwd",))),
        Call(callee=Global("numpy", "dtype"), arguments=Group("tuple", ("f8", False, True))),
        Call(callee=Global("mymodel", "Net"), arguments=Group("tuple"), op="NEWOBJ"),
    ),
)
