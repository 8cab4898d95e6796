"""A BOM's file is read only if every reader would understand it alike."""

from __future__ import annotations

import pytest

from aibom import bom
from aibom.errors import BomError

from .examples import small


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (b"", "no JSON"),
        (b"{} {}", "no JSON"),
        (b"\xef\xbb\xbf{}", "no JSON"),
        (b'{"a":1,"a":2}', "twice"),
        (b'{"bomFormat":"CycloneDX","x":NaN}', "NaN"),
        (b"[]", "no CycloneDX document"),
        (b'{"bomFormat":"SPDX"}', "no CycloneDX document"),
        (b'{"bomFormat":"CycloneDX"}', "version None"),
        (b'{"bomFormat":"CycloneDX","specVersion":"1.5"}', "version '1.5', expected 1.6 or 1.7"),
        (b'{"bomFormat":"CycloneDX","specVersion":["1.7"]}', "version"),
    ],
)
def test_refuses(data: bytes, why: str) -> None:
    with pytest.raises(BomError, match=why):
        bom.parse(data)


def test_another_version_names_what_is_read_and_a_remedy_that_helps() -> None:
    with pytest.raises(BomError) as refused:
        bom.parse(b'{"bomFormat":"CycloneDX","specVersion":"1.4"}')
    assert str(refused.value) == (
        "CycloneDX version '1.4', expected 1.6 or 1.7. "
        "Have the program that wrote it write one of these, or convert it."
    )


def test_reads_what_was_written() -> None:
    document = bom.parse(bom.to_json(bom.build(small())))
    assert (document["specVersion"], document["version"]) == ("1.7", 1)
