"""What a model card for people is made of: sections of lines and of passages, and their grounds."""

from __future__ import annotations

from ..scanners.record import record

PREFIXES = ("aibom:", "cdx:ai-ml:model:", "cdx:ai-ml:")

WAIVED, ANALYSIS = "waived", "analysis"  # labels of what is said of the finding above


@record
class Ground:
    """A place that a value rests on, and how it is known by it."""

    status: str  # "observed", "declared", …; "" if it is not said
    place: str  # for people: "config.json, byte 4, key 'model_type'"


@record
class Line:
    """One value with its label."""

    label: str
    text: str
    of: str = ""  # the file or part that it is said of, if that is not the model as a whole
    grounds: tuple[Ground, ...] = ()

    @property
    def status(self) -> str:
        """How the value is known, in every way."""
        each_way = (way for each in self.grounds for way in each.status.split(", "))
        return ", ".join(filter(None, dict.fromkeys(each_way)))


@record
class Passage:
    """A text that somebody wrote for people, word for word."""

    heading: str
    text: str
    grounds: tuple[Ground, ...] = ()


@record
class Section:
    """What a card says on one subject; it is told, too, that it says nothing."""

    title: str
    lines: tuple[Line, ...] = ()
    passages: tuple[Passage, ...] = ()
    note: str = ""  # above all, such as what the section does not show

    @property
    def is_empty(self) -> bool:
        """Whether nothing is said on the subject."""
        return not (self.lines or self.passages or self.note)


def plain(name: str) -> str:
    """Return a property's name without the prefix of its taxonomy."""
    return next((name[len(start) :] for start in PREFIXES if name.startswith(start)), name)


def label(name: str) -> str:
    """Return a property's name as a label: ``tensor dtype``."""
    return plain(name).replace(":", " ").replace("_", " ")
