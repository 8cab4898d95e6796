"""A pickle that imports a module whose own text acts when it is imported."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...capability import import_acts
from ...facts import Import
from ...rule import Rule, Severity
from .names import is_told_anyway

if TYPE_CHECKING:
    from collections.abc import Iterator


def check(imported: Import) -> Iterator[str]:
    """Importing the module starts a program, connects, or ends the process, on data of its own.

    Nothing need be called for that. Libraries that models are made with are left out.

    What to do: find out why the file needs this module.
    """
    acts = import_acts(imported.module)
    if acts and not is_told_anyway(imported):
        yield f"{imported.op} imports {imported.dotted}, {acts}"


RULE = Rule(
    id="pickle-import-acts",
    title="An import starts a program, connects or ends the process",
    severity=Severity.MEDIUM,
    on=Import,
    check=check,
    refs=("CWE-502",),
    flags=(Import(module="distributed.utils_test", name="gen_cluster"),),
    passes=(
        Import(module="antigravity", name="webbrowser"),  # pickle-import-runs-code
        Import(module="matplotlib.figure", name="Figure"),
        Import(module="collections", name="OrderedDict"),
    ),
)
