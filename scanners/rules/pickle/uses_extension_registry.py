"""A pickle that takes objects by number."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...facts import ExtensionUse
from ...rule import Rule, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator


def check(used: ExtensionUse) -> Iterator[str]:
    """A number stands for whatever the loading program registered, or the file itself did before.

    What to do: do not load it; no model is known to need this.
    """
    yield f"extension {used.code} of the copyreg registry is used"


RULE = Rule(
    id="pickle-uses-extension-registry",
    title="Loading uses an object by its number",
    severity=Severity.HIGH,
    on=ExtensionUse,
    check=check,
    refs=("CWE-502", "CWE-913"),
    flags=(ExtensionUse(code=1),),
    passes=(),
)
