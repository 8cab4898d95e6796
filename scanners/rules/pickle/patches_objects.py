"""A pickle that changes objects that it imported."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...capability import Ability
from ...facts import Call, Effect, ItemsSet, StateSet
from ...rule import Rule, Severity
from ...values import Global, Group, Made, show
from . import evidence

if TYPE_CHECKING:
    from collections.abc import Iterator


def check(effect: Effect) -> Iterator[str]:
    """It changes a class, function or module of the program that loads, without calling anything.

    From then on the program itself does what the file wants.

    What to do: do not load it; no ordinary pickle does this.
    """
    match effect:
        case StateSet(target=Global() as target):
            yield f"BUILD sets the state of {target.dotted} itself: {show(effect.state)}"
        case ItemsSet(target=Global() as target):
            yield f"{effect.op} puts {show(effect.items)} into {target.dotted} itself"
        case Call() if not fills_cell(effect):
            yield from evidence.reaches(effect, Ability.PATCH)
        case _:
            pass


def fills_cell(call: Call) -> bool:
    """Whether the call only puts a value into a cell that dill made: a variable of a function."""
    match call:
        case Call(
            callee=Global("builtins", "setattr"),
            arguments=Group(items=(Made(Global("dill._dill", "_create_cell")), "cell_contents", _)),
        ):
            return True
        case _:
            return False


RULE = Rule(
    id="pickle-patches-objects",
    title="Loading changes the program that loads",
    severity=Severity.CRITICAL,
    on=Effect,
    check=check,
    refs=("CWE-502", "CWE-913"),
    flags=(
        StateSet(target=Global("numpy", "ndarray"), state=Group("dict", ("x", 1))),
        ItemsSet(target=Global("sys", "modules"), items=Group("list", ("a", 1)), op="SETITEM"),
        Call(callee=Global("builtins", "setattr"), arguments=Group("tuple", (1, "a", 2))),
    ),
    passes=(
        Call(
            callee=Global("builtins", "setattr"),
            arguments=Group(
                "tuple", (Made(Global("dill._dill", "_create_cell")), "cell_contents", 1)
            ),
        ),
        StateSet(target=Made(Global("numpy", "ndarray")), state=Group("tuple")),
        ItemsSet(target=Made(Global("collections", "OrderedDict")), items=None, op="SETITEMS"),
    ),
)
