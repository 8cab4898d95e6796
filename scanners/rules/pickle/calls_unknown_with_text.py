"""A pickle that hands a path, address, command or code to something unknown."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...capability import SYMPY, Ability
from ...facts import Call
from ...rule import Rule, Severity
from ...telling import MANY
from ...values import Global, Group, Made
from . import evidence

if TYPE_CHECKING:
    from collections.abc import Iterator


def check(call: Call) -> Iterator[str]:
    """Nothing is known of what is called, and its text could be a path, an address or a command.

    A single word counts for a function and for what is named like a starter of programs, such as
    `Popen`, but not for another class: enums are pickled like that. Bytes that read as a command
    count as text; a sentence does not, where an exception or a set is made of it.

    What to do: look at the function in its package; allow it if it only builds an object.
    """
    known = evidence.capability(call)
    if not known.may_open or (evidence.is_rebuild(call) and not known.opens):
        return
    why = evidence.why_unknown(known)
    if call.arguments == MANY:
        yield f"{evidence.shown(call)}, {why}"
        return
    is_caller = known.ability is Ability.CALLBACK  # of which a word may be any option
    target = evidence.callee(call)
    is_sympys = target is not None and target.module.partition(".")[0] == SYMPY
    if is_caller and is_sympys and evidence.hands_others(call):
        yield f"{evidence.shown(call)}, {why}, and of another object its text"
    found = next(evidence.told(call), None) if is_caller else evidence.given_text(call)
    if isinstance(call.callee, Global) and found is not None:
        yield f"{evidence.shown(call)}, {why}, with the text {found[:80]!r}"


RULE = Rule(
    id="pickle-calls-unknown-with-text",
    title="Loading hands text to an unknown function",
    severity=Severity.HIGH,
    on=Call,
    check=check,
    refs=("CWE-502",),
    flags=(
        Call(callee=Global("somewhere", "run"), arguments=Group("tuple", ("rm -rf /",))),
        Call(callee=Global("somewhere", "run"), arguments=Group("tuple", (1, "sh"))),
        Call(callee=Global("somewhere", "Popen"), arguments=Group("tuple", ("sh",))),
        Call(callee=Global("somewhere", "run"), arguments=MANY),  # more than are kept
        Call(  # the text of the object is evaluated
            callee=Global("sympy.core.power", "Pow"),
            arguments=Group("tuple", (Made(Global("collections", "UserString")), 1)),
            op="NEWOBJ",
            names=("collections.UserString",),
        ),
        Call(  # it evaluates its arguments however it is made
            callee=Global("sympy.core.power", "Pow"),
            arguments=Group("tuple", ("__import__('os').system('x')", 1)),
            op="NEWOBJ",
        ),
    ),
    passes=(
        Call(callee=Global("somewhere", "Colour"), arguments=Group("tuple", ("red",))),
        Call(callee=Global("pathlib", "PosixPath"), arguments=Group("tuple", ("/", "home"))),
    ),
)
