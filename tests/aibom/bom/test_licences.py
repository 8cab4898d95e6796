"""Licences stand where the version of CycloneDX takes them, with how each is known."""

from __future__ import annotations

from typing import Any

import pytest

from aibom import bom
from aibom.scanners.facts import Licence
from aibom.scanners.record import replace
from aibom.scanners.source import Span

from .examples import faults, file, report

LICENCES = (
    file("README.md", Licence(key="license", value="isc OR mit")),
    file("LICENSE", Licence(key="LICENSE", value="MIT License", ids=("MIT",))),
)
EXPRESSION = {"expression": "ISC OR MIT", "acknowledgement": "declared"}
CONCLUDED = {"license": {"id": "MIT", "acknowledgement": "concluded"}}


def subject(version: str, *files: Any) -> dict[str, Any]:  # noqa: ANN401 - artifacts
    raw = bom.to_json(bom.build(report(*files)), None, version)
    assert faults(raw, version) == []
    found: dict[str, Any] = bom.parse(raw)["metadata"]["component"]
    return found


def test_the_newest_version_mixes_expressions_and_conclusions() -> None:
    found = subject("1.7", *LICENCES)
    assert found["licenses"] == [EXPRESSION, CONCLUDED]
    assert "licenses" not in found["evidence"]


@pytest.mark.parametrize(
    ("line", "size", "licences"),
    [
        ("Apache License", 15, None),
        ("MIT License", 1_000, None),
        ("MIT", 1_000, None),
        ("MIT", 4, [{"license": {"id": "MIT", "acknowledgement": "declared"}}]),
    ],
    ids=["a title", "a title of a text", "an id before a text", "an id alone"],
)
def test_the_first_line_of_a_text_that_nobody_knows_is_no_licence(
    line: str, size: int, licences: list[Any] | None
) -> None:
    fact = Licence(at=Span(0, 4 if line == "MIT" else 15), key="LICENSE", value=line)
    text = replace(file("LICENSE", fact, formats="licence-text"), size=size)
    found = subject("1.7", text)
    assert found.get("licenses") == licences


@pytest.mark.parametrize("word", ["UNKNOWN", "unknown", "other"])
def test_a_word_for_no_licence_is_none(word: str) -> None:
    found = subject("1.7", file("README.md", Licence(key="license", value=word)))
    assert "licenses" not in found
    assert {"name": "aibom:unknown", "value": "licence"} in found["modelCard"]["properties"]


def test_two_spellings_of_a_licence_are_one() -> None:
    found = subject(
        "1.7",
        file("README.md", Licence(key="license", value="mit")),
        file("config.json", Licence(key="license", value="MIT")),
    )
    assert found["licenses"] == [{"license": {"id": "MIT", "acknowledgement": "declared"}}]


def test_the_records_of_the_one_package_in_a_folder_speak_for_it() -> None:
    records = "p-1.dist-info"
    text = file(
        f"{records}/licenses/LICENSE", Licence(key="LICENSE", value="MIT License", ids=("MIT",))
    )
    told = file(f"{records}/METADATA", Licence(key="License-Expression", value="mit"))
    assert subject("1.7", text, told)["licenses"] == [
        {"license": {"id": "MIT", "acknowledgement": "declared"}},
        CONCLUDED,
    ]
    other = file("q-1.dist-info/METADATA", Licence(key="License-Expression", value="isc"))
    assert "licenses" not in subject("1.7", text, told, other)


def test_an_older_version_keeps_what_is_concluded_apart() -> None:
    found = subject("1.6", *LICENCES)
    assert found["licenses"] == [EXPRESSION]
    assert found["evidence"]["licenses"] == [CONCLUDED]


def test_an_older_version_names_an_expression_that_does_not_stand_alone() -> None:
    other = file("config.json", Licence(key="license", value="mit"))
    found = subject("1.6", *LICENCES, other)
    assert found["licenses"] == [
        {
            "license": {
                "name": "isc OR mit",
                "acknowledgement": "declared",
                "properties": [{"name": "aibom:licence:means", "value": "ISC OR MIT"}],
            }
        },
        {"license": {"id": "MIT", "acknowledgement": "declared"}},
    ]
