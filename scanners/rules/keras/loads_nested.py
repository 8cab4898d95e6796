"""A configuration of Keras with a layer that loads a model of another format."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...facts import Configured
from ...rule import Rule, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator


def check(found: Configured) -> Iterator[str]:
    """The layer hands a pickle to PyTorch, or a folder or address to TensorFlow, when it is made.

    What it loads runs with the same rights; a folder or an address was not part of what was
    scanned. A pickle that stands in the configuration is read as a part of its own.

    What to do: see what it would load and scan that too; ask for a model whose layers are Keras's.
    """
    if found.kind == "nested":
        yield f"the layer at {found.key} loads {found.name!r}"


RULE = Rule(
    id="keras-loads-nested",
    title="A layer loads a model of another format",
    severity=Severity.HIGH,
    on=Configured,
    check=check,
    refs=("CWE-502", "CWE-829"),
    flags=(
        Configured(
            loader="keras", kind="nested", key="config.filepath", name="https://example.com/m"
        ),
    ),
    passes=(Configured(loader="keras", kind="file", key="config.vocabulary", name="/etc/passwd"),),
)
