"""What can be known of an object without making it."""

from __future__ import annotations

import pytest

from aibom.scanners.source import Span
from aibom.scanners.values import SHOWN, Blob, Global, Group, Made, Opaque, Value, globals_in, show

SYSTEM = Global("os", "system")


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, "None"),
        (1.5, "1.5"),
        ("it's", '"it\'s"'),
        (SYSTEM, "os.system"),
        (Made(SYSTEM, ("id", 1)), "os.system('id', 1)"),
        (Made(Made(Global("a", "b"))), "a.b()()"),
        (Group("tuple", (1,)), "(1,)"),
        (Group("tuple", (1, 2)), "(1, 2)"),
        (Group("list", (1,), 3), "[1, … 3 more]"),
        (Group("dict", ("k", 1)), "{'k': 1}"),
        (Group("set", (1,)), "set(1)"),
        (Blob(Span(3, 9)), "<9 bytes>"),
        (Opaque("extension 7"), "<extension 7>"),
    ],
)
def test_shows_a_value_as_an_expression(value: Value, text: str) -> None:
    assert show(value) == text


def test_what_is_shown_stays_short() -> None:
    wide: Value = Group("list", tuple("x" * 50 for _ in range(10_000)))
    deep: Value = "bottom"
    for _ in range(500):
        deep = Made(SYSTEM, (deep,))
    for value in (wide, deep, "x" * 10_000, Group("dict", ("x" * 999,) * 2000)):
        assert len(show(value)) <= SHOWN


def test_finds_every_imported_object() -> None:
    value = Group(
        "list", (Made(SYSTEM, (Global("a", "b"),)), "text", Group("set", (Global("c", "d"),)))
    )
    assert [found.dotted for found in globals_in(value)] == ["os.system", "a.b", "c.d"]
