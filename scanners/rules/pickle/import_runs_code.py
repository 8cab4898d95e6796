"""A pickle that imports a module which acts when it is imported."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...capability import import_runs
from ...facts import Import
from ...rule import Rule, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator


def check(imported: Import) -> Iterator[str]:
    """Importing a module runs it, and this one does something outside of itself.

    What to do: do not load it.
    """
    if import_runs(imported.module, imported.name):
        yield f"{imported.op} imports {imported.module}, which acts as soon as it is imported"


RULE = Rule(
    id="pickle-import-runs-code",
    title="An import alone does something",
    severity=Severity.HIGH,
    on=Import,
    check=check,
    refs=("CWE-502",),
    flags=(Import(module="antigravity", name="webbrowser"),),
    passes=(Import(module="collections", name="OrderedDict"),),
)
