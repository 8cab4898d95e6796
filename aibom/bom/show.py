"""A CycloneDX document as a model card for people: ours first, anybody's as far as it is specified.

Nothing is judged or verified, and what is not as specified is passed over. A subject on which the
document says nothing is named under "not known", so that silence does not read as "none".
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..scanners.record import replace
from . import show_claims as claims
from . import show_state as state
from .document import parts, subject
from .show_card import Section
from .show_grounds import Grounds

if TYPE_CHECKING:
    from .document import Json

EXPECTED = ("licences", "data", "base models", "limitations and use", "metrics", "task")


def card(document: Json) -> tuple[Section, ...]:
    """Return the sections of the card of `document`, in the order in which people ask."""
    known = list(parts(document))
    about = subject(document)
    grounds = Grounds(document)
    told = claims.by_section(known, about, grounds)
    sections = (
        state.identity(document, about, grounds, told.pop("identity", [])),
        state.verdict(document, known),
        state.files(known, about),
        *(told_section(title, told) for title in ("architecture and parameters", "task")),
        claims.data(known, about, grounds, told.pop("data", [])),
        told_section("training", told),
        claims.bases(known, about, grounds, told.pop("base models", [])),
        claims.licences(known, about, grounds, told.pop("licences", [])),
        claims.metrics(known, about, grounds, told.pop("metrics", [])),
        claims.considerations(known, about, grounds),
        claims.environment(known, about, grounds, told.pop("environment", [])),
        told_section("stated besides", told),
    )
    silent = [each.title for each in sections if each.title in EXPECTED and each.is_empty]
    sections = tuple(map(_once, sections))
    return (*sections, state.unknown(document, known, about, silent, told.pop("not known", [])))


def _once(section: Section) -> Section:
    """Return the section without what a part repeats of the whole, by the same grounds."""
    whole = {(each.label, each.text, each.grounds) for each in section.lines if not each.of}
    lines = tuple(
        each
        for each in section.lines
        if not (each.of and each.grounds and (each.label, each.text, each.grounds) in whole)
    )
    return replace(section, lines=lines)


def told_section(title: str, told: claims.Told) -> Section:
    """Return the section of what properties say, and take it out of `told`."""
    return Section(title, tuple(told.pop(title, ())))
