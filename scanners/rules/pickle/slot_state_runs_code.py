"""A pickle whose slot state has a class run something."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...capability import slot_state
from ...facts import StateSet
from ...rule import Rule, Severity
from ...values import Global, Group, Made, show

if TYPE_CHECKING:
    from collections.abc import Iterator


def check(fact: StateSet) -> Iterator[str]:
    """Slot state is set by `setattr`, which runs the class's `__setattr__` and property setters.

    Those of this class can do more than keep the value.

    What to do: do not load it unless you know why the class is pickled so.
    """
    match fact:
        case StateSet(target=Made(Global() as owner), state=Group("tuple", (_, slots))) if slots:
            found = slot_state(owner.module, owner.name)
            if found.is_dangerous:
                yield f"BUILD sets slots of {owner.dotted} to {show(slots)}, which {found.why}"
        case _:
            pass


RULE = Rule(
    id="pickle-slot-state-runs-code",
    title="Slot state has a class run something",
    severity=Severity.HIGH,
    on=StateSet,
    check=check,
    refs=("CWE-502",),
    flags=(
        StateSet(
            target=Made(Global("keras.src.models.sequential", "Sequential")),
            state=Group("tuple", (None, Group("dict", ("x", 1)))),
        ),
    ),
    passes=(
        StateSet(
            target=Made(Global("keras.src.models.sequential", "Sequential")),
            state=Group("dict", ("x", 1)),
        ),
        StateSet(
            target=Made(Global("collections", "OrderedDict")),
            state=Group("tuple", (None, Group("dict", ("x", 1)))),
        ),
    ),
)
