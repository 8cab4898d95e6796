"""Words that stand where a value should, and say that there is none."""

from __future__ import annotations

PLACEHOLDERS = frozenset(
    {"unknown", "noassertion", "none", "n/a", "na", "null", "nil", "undefined", "nan", "todo"}
    | {"tbd", "fixme", "placeholder", "unnamed", "unnamed-model", "untitled", "unspecified"}
    | {"not-specified", "not_specified"}
)


def is_placeholder(text: str) -> bool:
    """Whether a text says that there is no value."""
    return text.strip().lower() in PLACEHOLDERS
