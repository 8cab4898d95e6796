"""A pickle that names something dangerous, called or not."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...capability import Ability, verdict
from ...facts import Import
from ...rule import Rule, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator


def check(imported: Import) -> Iterator[str]:
    """A model has no use for it; what only is imported now can be called by whoever uses the model.

    What to do: find out why the name is there before you load the file.
    """
    found = verdict(imported.module, imported.name)
    if found.ability in {Ability.PROCESS, Ability.CODE, Ability.NATIVE}:
        yield f"{imported.op} imports {imported.dotted}, which {found.why}"


RULE = Rule(
    id="pickle-imports-dangerous-name",
    title="Loading imports what can run code",
    severity=Severity.HIGH,
    on=Import,
    check=check,
    refs=("CWE-502",),
    flags=(Import(module="posix", name="system"),),
    passes=(
        Import(module="collections", name="OrderedDict"),
        Import(module="numpy", name="load"),
    ),
)
