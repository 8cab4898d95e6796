"""SPDX licence expressions, read strictly: ids of the list, LicenseRefs, AND, OR, WITH, brackets.

https://spdx.github.io/spdx-spec/v3.0.1/annexes/spdx-license-expressions/. Ids are taken in any case
and given back as SPDX spells them; operators may be written in lower case.
"""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

from ..record import record

LIST = Path(__file__).parents[1] / "data" / "licences" / "spdx.txt"

TOKEN = re.compile(r"\s*([()]|[A-Za-z0-9.+:-]+)")
REFERENCE = re.compile(r"(DocumentRef-[A-Za-z0-9.-]+:)?LicenseRef-[A-Za-z0-9.-]+")
MAX_TOKENS = 500
MAX_DEPTH = 20  # brackets in brackets


class NotAnExpression(ValueError):  # noqa: N818 - it names what the text is
    """The text is no SPDX licence expression."""


@record
class Expression:
    """An expression in SPDX's own spelling."""

    text: str
    ids: tuple[str, ...]  # of licences, each once, in order; with "+" where it stands

    @property
    def is_one(self) -> bool:
        """Whether it is a single licence without exception."""
        return self.text in self.ids


@cache
def known() -> dict[str, str]:
    """Return each licence id of the list by its lower-case form; exceptions begin with "+"."""
    lines = LIST.read_text(encoding="ascii").splitlines()
    return {line.lower(): line for line in lines if not line.startswith("#")}


def parse(text: str) -> Expression:
    """Return the expression that a text is.

    Raises:
        NotAnExpression: It has another grammar, or an id that is in no list.
    """
    tokens = _tokens(text)
    ids: dict[str, None] = {}
    spelled, rest = _either(tokens, ids, 0)
    if rest:
        raise NotAnExpression(f"{rest[0]!r} stands where AND, OR or the end should")
    return Expression(spelled, tuple(ids))


def _tokens(text: str) -> list[str]:
    found: list[str] = []
    at = 0
    text = text.rstrip()
    while at < len(text):
        match = TOKEN.match(text, at)
        if match is None or len(found) >= MAX_TOKENS:
            raise NotAnExpression(f"no expression from character {at}")
        found.append(match[1])
        at = match.end()
    return found


def _either(tokens: list[str], ids: dict[str, None], depth: int) -> tuple[str, list[str]]:
    return _joined("OR", tokens, ids, depth)


def _joined(
    operator: str, tokens: list[str], ids: dict[str, None], depth: int
) -> tuple[str, list[str]]:
    """Return what `operator` joins, in SPDX's spelling, and the tokens after it."""
    parts: list[str] = []
    while True:
        if operator == "OR":
            part, tokens = _joined("AND", tokens, ids, depth)
        else:
            part, tokens = _operand(tokens, ids, depth)
        parts.append(part)
        if not tokens or tokens[0].upper() != operator:
            return f" {operator} ".join(parts), tokens
        tokens = tokens[1:]


def _operand(tokens: list[str], ids: dict[str, None], depth: int) -> tuple[str, list[str]]:
    if not tokens:
        raise NotAnExpression("it ends where a licence should stand")
    first, rest = tokens[0], tokens[1:]
    if first == "(":
        if depth >= MAX_DEPTH:
            raise NotAnExpression(f"more than {MAX_DEPTH} brackets in each other")
        inner, rest = _either(rest, ids, depth + 1)
        if rest[:1] != [")"]:
            raise NotAnExpression("a bracket is not closed")
        return f"({inner})", rest[1:]
    spelled = _licence(first)
    ids[spelled] = None
    if rest and rest[0].upper() == "WITH":
        exception = known().get(f"+{rest[1].lower()}") if len(rest) > 1 else None
        if exception is None:
            raise NotAnExpression("no known exception stands after WITH")
        return f"{spelled} WITH {exception[1:]}", rest[2:]
    return spelled, rest


def _licence(token: str) -> str:
    if REFERENCE.fullmatch(token):
        return token
    lower = token.lower()
    if lower in known():
        spelled = known()[lower]
        if not spelled.startswith("+"):
            return spelled
    elif lower.endswith("+") and lower[:-1] in known():
        return known()[lower[:-1]] + "+"
    raise NotAnExpression(f"{token[:100]!r} is no licence of the SPDX list")
