"""Facts into findings: every rule asked about every fact, artifact and target it is for."""

from __future__ import annotations

from functools import cache
from hashlib import sha256
from pathlib import Path as FilePath
from typing import TYPE_CHECKING, Any

from .artifact import Artifact, Target
from .rules import about

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .facts import Fact
    from .rule import Finding, Rule


_DECIDING = {".py", ".toml", ".cap", ".json"}  # .cap: data/capability/derived


def judge(target: Target) -> list[Finding]:
    """Return every finding about `target`, worst last, equal ones once.

    The order depends on the findings alone: severity, then path, place, rule and message.
    """
    found = set(_findings(target))
    return sorted(found, key=lambda f: (f.severity, f.path, f.at.start, f.rule, f.message))


def _findings(target: Target) -> Iterator[Finding]:
    rules = _Chosen({type(fact).__name__ for _, fact in target.facts()})
    for rule in rules.on(Target):
        yield from rule.judge(target, ())
    for artifact in target.artifacts:
        for each in artifact.walk():
            for rule in rules.on(Artifact):
                yield from rule.judge(each, each.path)
            for fact in each.facts:
                for rule in rules.on(type(fact)):
                    yield from rule.judge(fact, each.path)


class _Chosen:
    """The rules for one target, by the type of what they judge."""

    def __init__(self, kinds: set[str]) -> None:
        self._rules = tuple(about(kinds))
        self._by_type: dict[type[Fact | Artifact | Target], tuple[Rule[Any], ...]] = {}

    def on(self, kind: type[Fact | Artifact | Target]) -> tuple[Rule[Any], ...]:
        """Return the rules that judge subjects of this very type."""
        if kind not in self._by_type:
            found = tuple(rule for rule in self._rules if issubclass(kind, rule.on))
            self._by_type[kind] = found
        return self._by_type[kind]


@cache
def rules_digest() -> str:
    """Return a SHA-256 (hexadecimal) over every program and table that decides a verdict.

    Two builds with the same digest read and judge the same bytes alike.
    """
    root = FilePath(__file__).parent
    digest = sha256()
    for path in sorted(root.rglob("*"), key=lambda p: p.relative_to(root).as_posix()):
        if path.suffix in _DECIDING and "isolate" not in path.parts:
            name = path.relative_to(root).as_posix()
            content = path.read_bytes()
            if path.suffix != ".cap":
                content = content.replace(b"\r\n", b"\n")  # a checkout's line ends decide nothing
            digest.update(f"{name}\0{len(content)}\0".encode() + content)
    return digest.hexdigest()
