"""Regular expressions that are compiled when they are first used.

A pattern takes longer to compile than a small file takes to read, and most files meet few of those
that the parsers have between them.
"""

from __future__ import annotations

import re
from typing import Any, AnyStr

USES = ("match", "fullmatch", "search", "finditer", "findall", "split", "sub", "subn")


def pattern(text: AnyStr, flags: int = 0) -> re.Pattern[AnyStr]:
    """Return what is used as `re.compile(text, flags)` is, by its methods."""
    lazy: Any = _Lazy(text, flags)
    return lazy  # type: ignore[no-any-return] # as in `record.field`: typed as what it will be


class _Lazy:
    """Stands for a pattern: has its methods from the first use of any on."""

    def __init__(self, text: str | bytes, flags: int) -> None:
        self._text, self._flags = text, flags

    def __getattr__(self, name: str) -> object:
        if name not in USES:
            raise AttributeError(name)
        compiled: Any = re.compile(self._text, self._flags)
        for use in USES:
            setattr(self, use, getattr(compiled, use))
        return getattr(compiled, name)
