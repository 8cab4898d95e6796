"""Rule: a name that promises plain data on a file that runs code when it is loaded."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...facts import Conflict
from ...rule import Rule, Severity
from .code_formats import CARRY_CODE, DATA_ONLY

if TYPE_CHECKING:
    from collections.abc import Iterator


def check(conflict: Conflict) -> Iterator[str]:
    """The name is a promise that nothing can run, and loaders that look at the content break it.

    People and scanners that go by the name wave such a file through.

    What to do: do not load it; ask its author why it bears this name.
    """
    promises_data = conflict.promised and DATA_ONLY.issuperset(conflict.promised)
    if conflict.kind == "name" and promises_data and CARRY_CODE & set(conflict.formats):
        yield conflict.detail


RULE = Rule(
    id="name-hides-code",
    title="The name promises plain data, the content runs code when loaded",
    severity=Severity.HIGH,
    on=Conflict,
    check=check,
    refs=("CWE-434", "CWE-436"),
    flags=(
        Conflict(
            kind="name",
            detail="the name promises safetensors, the content is pickle",
            formats=("pickle",),
            promised=("safetensors",),
        ),
    ),
    passes=(
        Conflict(
            kind="name",
            detail="the name promises GGUF, the content is safetensors",
            formats=("safetensors",),
            promised=("gguf",),
        ),
        Conflict(
            kind="name",
            detail="the name promises PyTorch checkpoint, the content is pickle",
            formats=("pickle",),
            promised=("torch-zip", "torch-legacy"),
        ),
    ),
)
