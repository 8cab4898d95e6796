"""What a rule is: one judgement about one kind of fact, and all there is to say about it."""

from __future__ import annotations

from enum import IntEnum
from inspect import cleandoc
from typing import TYPE_CHECKING, Generic, TypeVar

from .artifact import Artifact, Path, Target
from .facts import NOWHERE, Fact
from .record import record

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from .source import Span

T = TypeVar("T", bound=Fact | Artifact | Target)


class Severity(IntEnum):
    """How bad it is if true. The numbers order the levels and mean nothing else."""

    INFO = 0
    LOW = 1
    MEDIUM = 2
    HIGH = 3
    CRITICAL = 4


@record
class Finding:
    """A rule's judgement about one place in one artifact."""

    rule: str
    severity: Severity
    message: str
    path: Path  # outermost first; () is the target as a whole
    at: Span


@record
class Evidence:
    """One sentence of evidence about a place other than the judged one."""

    message: str
    path: Path
    at: Span = NOWHERE


@record
class Rule(Generic[T]):
    """A judgement about subjects of type `on`: a kind of fact, an artifact, or the whole target.

    `check` yields one sentence of evidence for each problem, and nothing for a harmless subject.
    `flags` and `passes` are the rule's own tests and the examples in its documentation.
    """

    id: str  # kebab-case, reads as "allow <id>", never reused
    title: str
    severity: Severity
    on: type[T]
    check: Callable[[T], Iterable[str | Evidence]]
    refs: tuple[str, ...]  # "CWE-502", "AML.T0011.000", "LLM03:2025"
    flags: tuple[T, ...]
    passes: tuple[T, ...]

    @property
    def help(self) -> str:
        """Long text for people: why it matters and what to do."""
        return cleandoc(self.check.__doc__ or "")

    def judge(self, subject: Fact | Artifact | Target, path: Path) -> Iterator[Finding]:
        """Yield a finding for each problem in `subject`; ignore subjects of another type."""
        if isinstance(subject, self.on):
            at = subject.at if isinstance(subject, Fact) else NOWHERE
            for found in self.check(subject):
                seen = found if isinstance(found, Evidence) else Evidence(found, path, at)
                yield Finding(self.id, self.severity, seen.message, seen.path, seen.at)
