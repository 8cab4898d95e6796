"""Cards of documents, section by section, for tests."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from aibom.bom.show import card

from .merging import Json, cdx, model

if TYPE_CHECKING:
    from aibom.bom.show_card import Section


def section(document: Json, title: str) -> Section:
    return next(each for each in card(document) if each.title == title)


def lines(document: Json, title: str) -> list[tuple[str, str, str]]:
    return [(each.label, each.text, each.of) for each in section(document, title).lines]


def of(**fields: Any) -> Json:  # noqa: ANN401 - any field of the subject
    return cdx(metadata={"component": model(**fields)})


def prop(name: str, value: str) -> Json:
    return {"name": name, "value": value}
