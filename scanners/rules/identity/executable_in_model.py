"""Rule: a native program where a model is expected."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...facts import Metadata
from ...rule import Rule, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator


def check(metadata: Metadata) -> Iterator[str]:
    """Native code does whatever it likes once it is started or loaded, and is not analysed here.

    What to do: remove it, or take it from whoever builds it and check its signature.
    """
    if metadata.key == "executable":
        yield f"{metadata.value}: native code"


RULE = Rule(
    id="executable-in-model",
    title="There is native code among the model files",
    severity=Severity.MEDIUM,
    on=Metadata,
    check=check,
    refs=("CWE-434",),
    flags=(Metadata(key="executable", value="ELF"),),
    passes=(Metadata(key="version", value="3"),),
)
