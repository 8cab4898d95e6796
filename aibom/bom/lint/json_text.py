"""Rules about the JSON itself: what one reader understands and another does not."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...scanners.rule import Severity
from .document import Repeated, Rounded, walk
from .rule import LintRule

if TYPE_CHECKING:
    from .document import Document
    from .rule import Told

EXACT = (1 << 53) - 1  # greater integers are not read alike everywhere (RFC 8259, section 6)


def key_twice(document: Document) -> Told:
    """Some readers take the first value, some the last: two people see two BOMs.

    What to do: write each key once. A tool that joins texts instead of values often is the cause.
    """
    for node in walk(document.root):
        if isinstance(node.value, Repeated):
            for key in node.value.twice:
                yield node.child(key), f"the key {key!r:.80} stands here more than once"


def number_rounded(document: Document) -> Told:
    """Most readers keep numbers as 64-bit floats, and read another number than was written.

    What to do: write great numbers and long fractions as text, in a property for example.
    """
    for node in walk(document.root):
        value = node.value
        if isinstance(value, Rounded):
            yield node, f"{value.text} is not read alike everywhere: a float has 17 digits"
        elif isinstance(value, int) and abs(value) > EXACT:
            yield node, f"{value} is not read alike everywhere: exact up to {EXACT}"


HEAD = '"bomFormat": "CycloneDX", "specVersion": "1.6"'
IDENTITY = '{"identity": [{"field": "name", "confidence": 0.50}]}'
IDENTIFIED = f'{{"type": "file", "name": "x", "evidence": {IDENTITY}}}'

RULES = (
    LintRule(
        id="key-twice",
        title="A key stands twice in one object",
        severity=Severity.HIGH,
        check=key_twice,
        flags=(
            f'{{{HEAD}, "version": 1, "version": 2}}',
            f'{{{HEAD}, "components": [{{"type": "file", "name": "a", "name": "b"}}]}}',
        ),
        passes=(f'{{{HEAD}, "version": 1}}',),
    ),
    LintRule(
        id="number-rounded",
        title="A number is not read alike everywhere",
        severity=Severity.MEDIUM,
        check=number_rounded,
        flags=(
            {"version": 1 << 60},
            f'{{{HEAD}, "version": 1.000000000000000000001}}',
            f'{{{HEAD}, "version": 1e999}}',
        ),
        passes=(
            {"version": EXACT},
            f'{{{HEAD}, "components": [{IDENTIFIED}]}}',
        ),
    ),
)
