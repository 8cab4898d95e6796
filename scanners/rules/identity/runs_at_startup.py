"""Rule: a path file that makes Python run code whenever it starts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...facts import Metadata
from ...rule import Rule, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator


def check(metadata: Metadata) -> Iterator[str]:
    """Copied into a folder of packages, the file runs its line each time any Python starts there.

    Nobody has to load the model. The suffix `.pth` is that of checkpoints, too, so the file is
    easily taken for one; PyTorch cannot read it.

    What to do: remove it. If it was ever among installed packages, that machine is no
    longer yours alone.
    """
    if metadata.key == "python-startup":
        yield f"Python would run {metadata.value!r} at every start"


RULE = Rule(
    id="runs-at-startup",
    title="A .pth file holds code for Python's start, not weights",
    severity=Severity.HIGH,
    on=Metadata,
    check=check,
    refs=("CWE-506",),
    flags=(Metadata(key="python-startup", value="import os; os.system('x')"),),
    passes=(Metadata(key="startup", value="import os"),),
)
