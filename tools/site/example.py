"""Facts as lines that people read: the examples of a rule."""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING, Any

from aibom.render.escape import safe
from aibom.scanners.artifact import Artifact, Target
from aibom.scanners.facts import NOWHERE, Fact
from aibom.scanners.record import fields
from aibom.scanners.shapes import is_tuple
from aibom.scanners.source import Span
from aibom.scanners.values import NODES, show

if TYPE_CHECKING:
    from collections.abc import Iterator

MOST = 16  # facts of one artifact that are shown
WIDTH = 200  # characters of one value


def lines(subject: Fact | Artifact | Target, indent: int = 0) -> Iterator[str]:
    """Yield lines that show a rule's example, whatever it judges."""
    match subject:
        case Target():
            for artifact in subject.artifacts:
                yield from lines(artifact, indent)
        case Artifact():
            yield from _artifact(subject, indent)
        case _:
            yield " " * indent + _fact(subject)


def _artifact(artifact: Artifact, indent: int) -> Iterator[str]:
    name = safe(" > ".join(artifact.path)) or "a file"
    formats = f" ({', '.join(artifact.formats)})" if artifact.formats else ""
    yield f"{' ' * indent}{name}{formats}, {artifact.size} bytes"
    for fact in artifact.facts[:MOST]:
        yield " " * (indent + 4) + _fact(fact)
    if len(artifact.facts) > MOST:
        yield f"{' ' * (indent + 4)}… and {len(artifact.facts) - MOST} more"
    for part in artifact.parts:
        yield from _artifact(part, indent + 4)


def _fact(fact: Fact) -> str:
    told = [
        f"{name.replace('_', ' ')}: {_value(value)}"
        for name, default in fields(type(fact)).items()
        if (value := getattr(fact, name)) != default and name != "at"
    ]
    place = [] if fact.at == NOWHERE else [f"at: {_value(fact.at)}"]
    return f"{type(fact).__name__}  {', '.join(told + place)}".rstrip()


def _value(value: Any) -> str:  # noqa: ANN401 - any field of any fact
    if isinstance(value, Span):
        return f"byte {value.start}, {value.length} bytes"
    if isinstance(value, Enum):
        return str(value.value)
    if isinstance(value, NODES):
        return safe(show(value, WIDTH))
    if is_tuple(value):
        return f"[{', '.join(map(_value, value))}]"
    return safe(repr(value))
