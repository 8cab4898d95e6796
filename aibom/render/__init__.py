"""Outcomes as documents: one module for each form, imported when it is asked for."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import TypeAlias

    from ..outcome import Outcome

    Renderer: TypeAlias = Callable[[Sequence[Outcome]], str]

FORMS = {  # name -> module beside this one; its `document` makes the text
    "text": "text",
    "json": "report_json",
    "sarif": "sarif",
    "markdown": "markdown",
    "junit": "junit",
    "github": "github",
    "html": "html",
}


def renderer(form: str) -> Renderer:
    """Return what turns outcomes into a document of one of the `FORMS`."""
    document: Renderer = import_module(f".{FORMS[form]}", __package__).document
    return document
