"""Protobuf's text form, written again as the bytes of a message."""

from __future__ import annotations

import time

import pytest

from aibom.scanners.limits import Exceeded
from aibom.scanners.source import Malformed
from aibom.scanners.textproto import ANY, NUMBER, TEXT, transcode
from fixtures.onnx import field

SCHEMA = {
    "Node": {"name": (1, TEXT), "size": (2, NUMBER), "node": (3, "Node"), "any": (4, ANY)},
    ANY: {"type_url": (1, TEXT), "value": (2, TEXT)},
    "Node2": {"name": (1, TEXT)},
}
NAMED = field(1, "a")


def written(text: str) -> bytes:
    return transcode(text, "Node", SCHEMA, {"SEVEN": 7})


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", b""),
        ("name: 'a'", NAMED),
        ('# a comment\nname : "a" # another', NAMED),
        ("name: 'a', size: 3; size: -1", NAMED + field(2, 3) + field(2, (1 << 64) - 1)),
        ("size: SEVEN size: true size: 0x10", field(2, 7) + field(2, 1) + field(2, 16)),
        ("size: [1, SEVEN]", field(2, 1) + field(2, 7)),
        ("node { name: 'a' } node: < name: 'a' >", field(3, NAMED) * 2),
        ("node: [{name: 'a'}, {}]", field(3, NAMED) + field(3, b"")),
        (r"name: '\141\x61\n\'\u00e9\U0001f600\q'", field(1, "aa\n'é😀q")),
        (r"name: '\377'", field(1, b"\xff")),
        ("name: 'a' \"b\"\n'c'", field(1, "abc")),
        ("other: 3 others { name: 'x' { deep: 1 } } name: 'a'".replace("'x' {", "'x' d {"), NAMED),
        ("any { [type.googleapis.com/Node2] { name: 'a' } }", field(4, field(2, NAMED))),
        ("any { [type.googleapis.com/Unknown] { name: 'a' } }", field(4, b"")),
        ("size: 1.5e3 name: 'a' name: IDENTIFIER size: 'text'", NAMED),
    ],
    ids=[
        "nothing", "a text", "comments", "separators", "numbers", "a list", "messages",
        "a list of messages", "escapes", "a byte", "adjacent texts", "unknown fields", "an Any",
        "an unknown Any", "values of other kinds",
    ],
)  # fmt: skip
def test_is_written_as_bytes(text: str, expected: bytes) -> None:
    assert written(text) == expected


@pytest.mark.parametrize(
    "text",
    ["name", "name 'a'", "name: ", "{", "node {", "node { name: 'a' >", "name: 'a\n'", "@",
     "size: [1", "'a'", "name: }"],
)  # fmt: skip
def test_what_is_not_of_the_language_is_malformed(text: str) -> None:
    with pytest.raises(Malformed):
        written(text)


def test_ends_soon_however_it_is_written() -> None:
    started = time.process_time()
    with pytest.raises(Exceeded):
        written("node {" * 1000)
    with pytest.raises(Malformed):
        written(" " * 200_000 + "@")
    with pytest.raises(Malformed):
        written("# x\n" * 50_000 + "@")
    assert written("name: '" + "\\a" * 100_000 + "'") == field(1, "\a" * 100_000)
    assert time.process_time() - started < 5
