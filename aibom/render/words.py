"""What several renderers say in the same words."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ..scanners.rule import Rule


def reasons(rule: Rule[Any]) -> tuple[str, str]:
    """Return the rule's help as two lines: why it matters, and what to do."""
    why, _, what = rule.help.partition("What to do:")
    return " ".join(why.split()), " ".join(what.split())
