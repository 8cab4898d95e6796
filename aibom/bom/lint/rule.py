"""What a rule about a BOM is: one check, and all there is to say about it."""

from __future__ import annotations

from inspect import cleandoc
from itertools import islice
from typing import TYPE_CHECKING, Any, TypeAlias

from ...scanners.record import record

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from ...scanners.rule import Severity
    from .document import Document, Node

    Told: TypeAlias = Iterable[tuple[Node, str]]

Example: TypeAlias = "dict[str, Any] | str"

MOST = 1000  # problems of one rule; a hostile BOM could have millions


@record
class Problem:
    """What is wrong at one place of a BOM."""

    rule: str
    severity: Severity
    message: str  # one sentence with the values seen, which are the BOM's own text: escape it
    pointer: str  # JSON Pointer (RFC 6901); "" is the document as a whole


@record
class LintRule:
    """A judgement about a whole document.

    `check` yields a place and a sentence of evidence for each problem. `flags` and `passes` are the
    rule's own tests and the examples of its documentation: what stands in a document beside
    ``bomFormat`` and ``specVersion``, or the whole text of one.
    """

    id: str  # kebab-case, says what is wrong, never reused
    title: str
    severity: Severity
    check: Callable[[Document], Told]
    flags: tuple[Example, ...]
    passes: tuple[Example, ...]

    @property
    def help(self) -> str:
        """Long text for people: why it matters and what to do."""
        return cleandoc(self.check.__doc__ or "")

    def judge(self, document: Document) -> tuple[Problem, ...]:
        """Return the first problems of `document`, at most `MOST`, each place and sentence once."""
        told = islice(self.check(document), MOST)
        found = (Problem(self.id, self.severity, text, node.pointer) for node, text in told)
        return tuple(dict.fromkeys(found))
