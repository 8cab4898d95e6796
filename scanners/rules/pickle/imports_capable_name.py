"""A pickle that names something able to load, write or connect."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...capability import Ability, verdict
from ...facts import Import
from ...rule import Rule, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

ABILITIES = frozenset(
    {Ability.UNPICKLE, Ability.NETWORK, Ability.WRITE, Ability.KILL, Ability.PATCH}
)
ORDINARY = frozenset({"torch.storage._load_from_bytes"})  # every pickled tensor has it


def check(imported: Import) -> Iterator[str]:
    """It is imported; whether it is called stands in another finding, if it does.

    What to do: find out why the name is there.
    """
    found = verdict(imported.module, imported.name)
    if imported.dotted not in ORDINARY and found.ability in ABILITIES:
        yield f"{imported.op} imports {imported.dotted}, which {found.why}"


RULE = Rule(
    id="pickle-imports-capable-name",
    title="Loading imports what can load, write or connect",
    severity=Severity.MEDIUM,
    on=Import,
    check=check,
    refs=("CWE-502",),
    flags=(Import(module="numpy", name="load"),),
    passes=(Import(module="torch.storage", name="_load_from_bytes"),),
)
