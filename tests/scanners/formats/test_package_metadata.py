"""Metadata of Python packages says what their licence is."""

import pytest

from aibom.scanners.facts import Licence
from aibom.scanners.format import Match
from aibom.scanners.formats.package_metadata import FORMAT
from aibom.scanners.source import Span
from tests.helpers.reading import damage, read, recognised

METADATA = b"Metadata-Version: 2.4\nName: a\nLicense-Expression: MIT\nLicense: \n\nLicense: GPL\n"
PROJECT = b'[project]\nname = "a"\nlicense = "MIT" # ours\n[tool.a]\nlicense = "GPL"\n'


@pytest.mark.parametrize(
    ("name", "data"),
    [("METADATA", METADATA), ("PKG-INFO", METADATA), ("pyproject.toml", PROJECT)],
)
def test_it_is_known_by_its_name_and_content(name: str, data: bytes) -> None:
    assert recognised(FORMAT, data, name) is Match.CERTAIN


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("METADATA", b"License: MIT\n"),
        ("pyproject.toml", b"\0["),
        ("pyproject.toml", b"name = 1\n"),
        ("other", METADATA),
    ],
)
def test_anything_else_is_none(name: str, data: bytes) -> None:
    assert recognised(FORMAT, data, name) is Match.NO


def test_fields_are_read_up_to_the_description() -> None:
    assert read(FORMAT, METADATA, "METADATA") == [
        Licence(at=Span(30, 24), key="License-Expression", value="MIT")
    ]


@pytest.mark.parametrize(
    ("line", "value"),
    [
        (b'license = "MIT"', "MIT"),
        (b"license='MIT'", "MIT"),
        (b'license = { text = "MIT" }', "MIT"),
        (b'license = { file = "LICENSE" }', None),
        (b'license-files = ["LICENSE"]', None),
    ],
)
def test_a_project_names_its_licence_in_one_table(line: bytes, value: str | None) -> None:
    data = b"[project] # ours\n" + line + b'\n[tool.a]\nlicense = "GPL"\n'
    expected = [Licence(at=Span(17, len(line) + 1), key="project.license", value=value or "")]
    assert read(FORMAT, data, "pyproject.toml") == (expected if value else [])


def test_only_the_beginning_of_a_long_file_is_read() -> None:
    assert read(FORMAT, b"Metadata-Version: 1\nX: " + b"x" * (256 << 10), "METADATA") == []


@pytest.mark.parametrize(("name", "data"), [("METADATA", METADATA), ("pyproject.toml", PROJECT)])
def test_damage_is_refused_or_read(name: str, data: bytes) -> None:
    damage(FORMAT, data, name=name)
