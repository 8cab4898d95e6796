"""What runs in the locked process: one source in, one artifact as JSON out."""

from __future__ import annotations

import codecs
from typing import TYPE_CHECKING, Any

from .codec import encode
from .dissect import dissect
from .limits import Budget, Limits

if TYPE_CHECKING:
    from .source import Source

# Codecs are imported from files when first used, and after the lock there are no files.
CODECS = ("ascii", "latin-1", "utf-8", "raw-unicode-escape", "unicode-escape", "cp437")
for _name in CODECS:
    codecs.lookup(_name)


def handle(work: dict[str, Any], source: Source) -> Any:  # noqa: ANN401 - JSON
    """Read `source` and return its artifact as JSON."""
    found = dissect(source, tuple(work["path"]), Budget(Limits(**work["limits"])))
    return encode(found, columns=True)
