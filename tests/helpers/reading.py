"""Read bytes by one format, as dissecting would."""

from __future__ import annotations

import random
from contextlib import suppress
from typing import TYPE_CHECKING, TypeVar

from aibom.scanners.facts import Fact
from aibom.scanners.format import Match, Part, Plain, Subject
from aibom.scanners.limits import Budget, Exceeded, Limits
from aibom.scanners.source import BytesSource, Malformed

if TYPE_CHECKING:
    from aibom.scanners.format import Format

F = TypeVar("F", bound=Fact)
LIMITS = Limits()


def read(
    format_: Format, data: bytes, name: str = "", limits: Limits = LIMITS
) -> list[Fact | Part]:
    """Return all that the format's parser yields for `data`, but for counts of plain parts."""
    items = format_.parse(Subject.of(BytesSource(data), name), Budget(limits))
    return [item for item in items if not isinstance(item, Plain)]


def facts(format_: Format, data: bytes, kind: type[F], name: str = "") -> list[F]:
    """Return the facts of one kind."""
    return [item for item in read(format_, data, name) if isinstance(item, kind)]


def recognised(format_: Format, data: bytes, name: str = "") -> Match:
    """Return how surely the format claims `data`."""
    return format_.recognise(Subject.of(BytesSource(data), name))


def damage(format_: Format, seed: bytes, *, name: str = "", times: int = 400) -> None:
    """Change `seed` at random, many times; the parser may refuse, but only as it is allowed to."""
    dice = random.Random(len(seed))
    for _ in range(times):
        data = bytearray(seed)
        for _ in range(dice.randint(1, 6)):
            act, at = dice.randrange(4), dice.randrange(max(1, len(data)))
            if act == 0:
                data[at : at + 1] = bytes([dice.randrange(256)])
            elif act == 1:
                del data[at : at + dice.randint(1, 9)]
            elif act == 2:
                data[at:at] = dice.randbytes(dice.randint(1, 5))
            else:
                data = data[:at]
        with suppress(Malformed, Exceeded):
            format_.recognise(Subject.of(BytesSource(bytes(data)), name))
            read(format_, bytes(data), name)
