"""Facts into findings: every rule asked about every fact, artifact and target it is for."""

from __future__ import annotations

from functools import cache
from hashlib import sha256
from pathlib import Path as FilePath
from typing import TYPE_CHECKING, Any

from .artifact import Artifact, Target
from .rules import RULES

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .facts import Fact
    from .rule import Finding, Rule


_DECIDING = {".py", ".toml", ".cap", ".json"}  # .cap: data/capability/derived

_BY_KIND: dict[type[Fact | Artifact | Target], tuple[Rule[Any], ...]] = {}


def judge(target: Target) -> list[Finding]:
    """Return every finding about `target`, worst last, equal ones once.

    The order depends on the findings alone: severity, then path, place, rule and message.
    """
    found = set(_findings(target))
    return sorted(found, key=lambda f: (f.severity, f.path, f.at.start, f.rule, f.message))


def _findings(target: Target) -> Iterator[Finding]:
    for rule in _rules_for(Target):
        yield from rule.judge(target, ())
    for artifact in target.artifacts:
        for each in artifact.walk():
            for rule in _rules_for(Artifact):
                yield from rule.judge(each, each.path)
            for fact in each.facts:
                for rule in _rules_for(type(fact)):
                    yield from rule.judge(fact, each.path)


def _rules_for(kind: type[Fact | Artifact | Target]) -> tuple[Rule[Any], ...]:
    if kind not in _BY_KIND:
        _BY_KIND[kind] = tuple(rule for rule in RULES if issubclass(kind, rule.on))
    return _BY_KIND[kind]


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
