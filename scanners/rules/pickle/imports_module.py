"""A pickle that takes hold of a module."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...facts import Import
from ...rule import Rule, Severity
from .names import is_module

if TYPE_CHECKING:
    from collections.abc import Iterator


def check(imported: Import) -> Iterator[str]:
    """A module in the hand of a pickle gives it everything that the module holds.

    What to do: do not load it; pickles of real objects name classes and functions only.
    """
    if is_module(imported):
        yield f"{imported.op} imports {imported.dotted}, which is a module"


RULE = Rule(
    id="pickle-imports-module",
    title="Loading takes hold of a module",
    severity=Severity.HIGH,
    on=Import,
    check=check,
    refs=("CWE-502", "CWE-913"),
    flags=(Import(module="torch.serialization", name="os"),),
    passes=(
        Import(module="datetime", name="datetime"),
        Import(module="random", name="Random"),
    ),
)
