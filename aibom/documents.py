"""Outcomes of scans as documents, in memory or in files."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from .output import write_together
from .render import FORMS, renderer

if TYPE_CHECKING:
    import os
    from collections.abc import Mapping, Sequence

    from .outcome import Outcome


def render_outcomes(outcomes: Sequence[Outcome], form: str = "json") -> str:
    """Return one document about all `outcomes`: text, json, sarif, markdown, junit, github, html.

    As JSON, several are one object a line. What files say is escaped as the form needs it.

    Raises:
        ValueError: There is no such form, or no outcome.
    """
    if form not in FORMS:
        raise ValueError(f"there is no form {form!r:.80}; known are {', '.join(FORMS)}")
    if not outcomes:
        raise ValueError("there is no outcome to tell of")
    return renderer(form)(outcomes)


def write_outcomes(
    outcomes: Sequence[Outcome], files: Mapping[str | os.PathLike[str], str]
) -> None:
    """Write documents about all `outcomes` into `files` (path -> form): all of them, or none.

    Whatever was there is replaced.

    Raises:
        ValueError: There is no such form, or no outcome.
        OutputError: A file could not be written.
    """
    write_together(
        {
            Path(path): render_outcomes(outcomes, form).encode("utf-8", "backslashreplace")
            for path, form in files.items()
        }
    )
