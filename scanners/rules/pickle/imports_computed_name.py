"""A pickle that imports a name which it makes first."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...facts import Import
from ...rule import Rule, Severity
from .names import is_computed

if TYPE_CHECKING:
    from collections.abc import Iterator


def check(imported: Import) -> Iterator[str]:
    """The name of what is imported does not stand in the file: it is made while loading.

    What to do: do not load it; pickles of real objects hold their names as text.
    """
    if is_computed(imported):
        yield f"{imported.op} imports {imported.dotted}: the name is made while loading"


RULE = Rule(
    id="pickle-imports-computed-name",
    title="Loading imports a name that is made at run time",
    severity=Severity.CRITICAL,
    on=Import,
    check=check,
    refs=("CWE-502", "CWE-913"),
    flags=(Import(module="os", name="<computed>", op="STACK_GLOBAL"),),
    passes=(Import(module="collections", name="OrderedDict"),),
)
