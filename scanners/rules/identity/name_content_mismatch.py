"""Rule: a name that promises another format than the content has."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...facts import Conflict
from ...rule import Rule, Severity
from . import name_hides_code

if TYPE_CHECKING:
    from collections.abc import Iterator


def check(conflict: Conflict) -> Iterator[str]:
    """Tools that go by the name look for the wrong things, and may look at nothing at all.

    What to do: rename the file after what it holds, or ask its author which of the two is meant.
    """
    if conflict.kind == "name" and not any(name_hides_code.check(conflict)):
        yield conflict.detail


RULE = Rule(
    id="name-content-mismatch",
    title="The name promises another format than the content has",
    severity=Severity.MEDIUM,
    on=Conflict,
    check=check,
    refs=("CWE-436",),
    flags=(
        Conflict(
            kind="name",
            detail="the name promises GGUF, the content is safetensors",
            formats=("safetensors",),
            promised=("gguf",),
        ),
    ),
    passes=(
        name_hides_code.RULE.flags[0],  # told by its own rule
        Conflict(kind="polyglot", detail="the same bytes are zip archive and pickle"),
    ),
)
