"""What an expression of a template may come to, as a value; see `template_texts`."""

from __future__ import annotations

from itertools import product
from typing import TYPE_CHECKING

from .record import record, replace

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

MOST = 200  # texts that one expression may come to
LONGEST = 1000  # characters of a text that may name something, or hold a name

CHANGES: dict[str, Callable[[str], str]] = {  # filters and methods that are worked out
    "lower": str.lower,
    "upper": str.upper,
    "capitalize": str.capitalize,
    "trim": str.strip,
    "strip": str.strip,
    "string": str,
    "safe": str,
    "reverse": lambda text: text[::-1],
}


@record
class Texts:
    """What an expression may come to; a number, or nothing of interest, leaves all at rest."""

    known: frozenset[str] = frozenset()
    built: bool = False  # or a text that the template puts together, in a way not followed here
    given: bool = False  # or a value from outside the template
    is_made: bool = False  # or a given text that was cut or mixed; a field of such a value is given
    layers: int = 0  # lists or mappings around the texts, at least

    @property
    def is_computed(self) -> bool:
        """Whether a lookup by it may hide which name it is for."""
        return self.built or self.is_made

    @property
    def is_exact(self) -> bool:
        """Whether it is one of the known texts and nothing else."""
        return bool(self.known) and not (self.is_computed or self.given or self.layers)


NOTHING, BUILT, GIVEN = Texts(), Texts(built=True), Texts(given=True)


def either(several: Iterable[Texts]) -> Texts:
    """Return what one of `several` may come to."""
    telling = [texts for texts in several if texts != NOTHING]
    if not telling:
        return NOTHING
    known = frozenset[str]().union(*(texts.known for texts in telling))
    return Texts(
        known=known if len(known) <= MOST else frozenset(),
        built=any(texts.built for texts in telling) or len(known) > MOST,
        given=any(texts.given for texts in telling),
        is_made=any(texts.is_made for texts in telling),
        layers=min(texts.layers for texts in telling),
    )


def constant(value: object) -> Texts:
    """Return the value of a constant."""
    if not isinstance(value, str):
        return NOTHING
    return Texts(known=frozenset({value})) if len(value) <= LONGEST else BUILT


def one_of(holder: Texts) -> Texts:
    """Return what an item of `holder` may be; of a text, that is a part."""
    if holder.layers:
        return replace(holder, layers=holder.layers - 1)
    return BUILT if holder.known or holder.built else replace(holder, is_made=False)


def layered(items: Iterable[Texts]) -> Texts:
    """Return a list or mapping of `items`."""
    inside = either(items)
    return replace(inside, layers=inside.layers + 1)


def joined(glue: str, parts: Sequence[Texts]) -> Texts | None:
    """Return every way to join the parts, or None if that cannot be told."""
    ways = 1
    for part in parts:
        ways *= len(part.known) if part.is_exact else 0
        if not 0 < ways <= MOST:
            return None
    made = frozenset(glue.join(way) for way in product(*(part.known for part in parts)))
    return Texts(known=made) if all(len(text) <= LONGEST for text in made) else None


def changed(about: Texts, change: str) -> Texts:
    """Return what one of the `CHANGES` makes of a text."""
    made = frozenset(CHANGES[change](text) for text in about.known)
    return replace(
        about, known=made, is_made=about.is_made or (about.given and change == "reverse")
    )
