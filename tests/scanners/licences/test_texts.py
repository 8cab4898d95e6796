"""Licence texts are told whole or not at all."""

from __future__ import annotations

import random
import sys
import time
from pathlib import Path
from string import ascii_lowercase

import pytest

from aibom.scanners.licences.shingles import shingles, words
from aibom.scanners.licences.table import Table, pack
from aibom.scanners.licences.texts import MAX_TEXT, TABLE, TEXTS, Found, told
from benchmarks.licences import judge, of_packages

MOST = 400_000  # bytes of the table that we ship
VOCABULARY = [f"{a}{b}ing" for a in ascii_lowercase for b in "aeiouylrst"]


def prose(seed: int, length: int = 200) -> str:
    """Return words in an order of their own."""
    return " ".join(random.Random(seed).choices(VOCABULARY, k=length))


def table(*licences: tuple[str, str], exact: bool = False) -> Table:
    """Return a table of licences by their texts."""
    return Table(pack((name, exact, shingles(words(text))) for name, text in licences))


FIRST, SECOND, THIRD = prose(1), prose(2), prose(3)
TWO = table(("One", FIRST), ("Two", SECOND))
OLD = prose(4, 500) + " version 1 of the first of may " + prose(5, 500)
NEW = OLD.replace("version 1 of the first of may", "version 2 of the second of june")
VERSIONS = table(("Old", OLD), ("New", NEW), exact=True)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (FIRST, Found(("One",))),
        (FIRST.upper().replace(" ", ",\r\n  * "), Found(("One",))),
        (f"The Licence of Everybody\nCopyright (c) 2026 Not You Only\n{FIRST}", Found(("One",))),
        (FIRST.rsplit(" ", 10)[0], Found(("One",))),
        (f"{SECOND}\n{FIRST}", Found(("One", "Two"))),
        (FIRST[: len(FIRST) // 2], Found(why="like no licence of the table")),
        (THIRD, Found(why="like no licence of the table")),
        ("", Found(why="like no licence of the table")),
        (
            f"{FIRST} but not for commercial use",
            Found(why="words that no known licence explains: commercial"),
        ),
        (
            f"{FIRST} you must ask, you may not copy",
            Found(why="3 words that demand something, and that no known licence explains"),
        ),
    ],
    ids=[
        *("exact", "laid out anew", "with names", "cut", "two", "half", "another", "none"),
        *("with a term", "with demands"),
    ],
)
def test_a_text_is_told_when_licences_explain_it(text: str, expected: Found) -> None:
    found = told(text, TWO)
    assert Found(tuple(sorted(found.ids)), found.why) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Copyright (c) 2026 A\n(c) 2026 B\n© Copyright C\nAll rights reserved.\nwe", ["we"]),
        ("the above\ncopyright notice", ["the", "above", "copyright", "notice"]),
        ("(c) You must", ["c", "you", "must"]),
        ("1. One\n  2.1) two\n* (see)", ["one", "two", "see"]),
    ],
    ids=["holders", "cut sentence", "clause", "numbers"],
)
def test_holders_and_numbers_of_clauses_are_no_words(text: str, expected: list[str]) -> None:
    assert words(text) == expected


def test_versions_that_are_nearly_alike_are_told_apart() -> None:
    assert [told(text, VERSIONS).ids for text in (OLD, NEW)] == [("Old",), ("New",)]


def test_a_version_that_nobody_knows_is_not_told_for_its_neighbour() -> None:
    third = OLD.replace("version 1 of the first of may", "version 3 of the third of july")
    why = "a version or date that the nearest licence has not: 3"
    assert told(third, VERSIONS) == Found(why=why)


def test_a_text_between_two_versions_is_not_told() -> None:
    both = OLD.replace("first of may", "first of may version 2 of the second of june")
    loose = table(("Old", OLD), ("New", NEW))
    assert told(both, loose) == Found(why="between New and Old")


def test_a_long_text_that_was_changed_inside_is_not_told() -> None:
    text = prose(6, 1000)
    long = table(("Long", text))
    row = text.split()
    changed = " ".join([*row[:100], *(["own"] * 20), *row[100:]])
    assert told(f"a title {text} and an address", long) == Found(("Long",))
    assert told(changed, long) == Found(why="20 words inside it that the licence has not")


def test_many_licences_in_one_file_are_a_collection() -> None:
    texts = [prose(seed) for seed in range(10, 16)]
    many = table(*((f"L{number}", text) for number, text in enumerate(texts)))
    assert told("\n".join(texts), many) == Found(why="a collection of licences")


def test_a_table_comes_back_as_it_was_packed() -> None:
    assert [(each.id, each.is_exact, each.own) for each in VERSIONS.licences] == [
        ("Old", True, frozenset(shingles(words(OLD)))),
        ("New", True, frozenset(shingles(words(NEW)))),
    ]


def test_the_table_that_is_shipped_is_small() -> None:
    assert TABLE.stat().st_size < MOST


def test_no_text_of_an_installed_package_is_told_wrong() -> None:
    folders = [Path(each) for each in sys.path if each.endswith("site-packages")]
    cases = list(of_packages(folders))
    verdicts = [
        judge(ids, told(path.read_text(encoding="utf-8", errors="replace"), TEXTS).ids)
        for path, ids in cases
    ]
    assert verdicts.count("wrong") == 0
    assert verdicts.count("right") >= 0.8 * len(cases) > 0


@pytest.mark.parametrize("seed", range(20))
def test_words_of_licences_in_an_order_of_their_own_are_none(seed: int) -> None:
    some = ["you", "may", "not", "use", "the", "software", "shall", "be", "as", "is", "a", "copy"]
    assert told(" ".join(random.Random(seed).choices(some, k=5000)), TEXTS).ids == ()


@pytest.mark.parametrize(
    "unit",
    ["*", "i", "1.1.", " \n", "copyright \n", "copyright ", "you may not ", "(c) \u0130\n"],
    ids=["stars", "one word", "numbers", "empty lines", "holders", "one line", "words", "letters"],
)
def test_the_longest_text_is_read_in_bounded_time(unit: str) -> None:
    text = (unit * MAX_TEXT)[:MAX_TEXT]
    started = time.process_time()
    assert told(text, TEXTS).ids == ()
    assert time.process_time() - started < 5  # seconds; it takes a tenth of one
