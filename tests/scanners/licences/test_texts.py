"""Licence texts are told whole or not at all."""

from __future__ import annotations

import random
import re
import sys
import time
from collections import Counter
from pathlib import Path
from string import ascii_lowercase
from zlib import crc32

import pytest

from aibom.scanners.licences.shingles import FACTORS, MASK, SHIFT, shingles, words
from aibom.scanners.licences.table import NO_GROUP, Table, pack
from aibom.scanners.licences.texts import MAX_TEXT, TABLE, TEXTS, Found, told
from benchmarks.licences import judge, of_packages, once

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
            Found(why="words that no known licence explains: commercial, use"),
        ),
        (
            f"{FIRST} you may not copy unless asked",
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


SIGNS = [
    *(
        "word",
        "Two",
        "İ",
        "ß",
        "é",
        "e\u0301",
        "中",
        "²",
        "\U0001d400",
        "42",
        "x_y",
        "2.3)",
        "a)",
        "1.",
    ),
    *(
        "\n",
        "\r\n",
        " ",
        "\t",
        "\0",
        "\x1c",
        "\x85",
        "\u2028",
        "\u3000",
        "“",
        "_",
        "-",
        "*",
        ",",
        "\ud800",
    ),
]


@pytest.mark.parametrize("seed", range(50))
def test_words_are_runs_of_letters_and_digits_of_any_script(seed: int) -> None:
    text = "x" + "".join(random.Random(seed).choices(SIGNS, k=20)).replace("\n", " ")
    assert words(text) == re.findall(r"[^\W_]+", text.lower())


@pytest.mark.parametrize("count", [0, 1, 2, 3, 4, 100])
def test_a_shingle_is_made_of_the_codes_of_three_words(count: int) -> None:
    found = random.Random(count).choices(["one", "zwei", "три", "四", "5"], k=count)
    codes = [crc32(word.encode()) for word in found]
    expected = [
        code * FACTORS[0] >> SHIFT & MASK
        ^ second * FACTORS[1] >> SHIFT & MASK
        ^ third * FACTORS[2] >> SHIFT & MASK
        for code, second, third in zip(codes, codes[1:], codes[2:], strict=False)
    ]
    assert shingles(found) == expected


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


def test_a_file_of_several_licences_is_told_as_all_of_them_unless_they_are_many() -> None:
    texts = [prose(seed) for seed in range(10, 20)]
    many = table(*((f"L{number}", text) for number, text in enumerate(texts)))
    assert sorted(told("\n".join(texts[:6]), many).ids) == ["L0", "L1", "L2", "L3", "L4", "L5"]
    assert told("\n".join(texts), many) == Found(why="a collection of licences")


HEAD = prose(9, 100)
KIN = table(("Short", f"{HEAD} {prose(11, 60)}"), ("Long", f"{HEAD} {prose(12, 60)}"))


def test_two_licences_that_are_partly_alike_stand_beside_each_other() -> None:
    both = f"{HEAD} {prose(11, 60)}\n{HEAD} {prose(12, 60)}"
    assert sorted(told(both, KIN).ids) == ["Long", "Short"]


def test_a_licence_is_no_doubt_about_another_that_holds_all_of_it() -> None:
    nested = table(("Part", FIRST), ("Whole", f"{FIRST} {SECOND}"))
    assert told(f"{FIRST} {SECOND}", nested) == Found(("Whole",))
    assert told(FIRST, nested) == Found(("Part",))


def test_words_between_many_copies_of_a_licence_are_names() -> None:
    text = prose(6, 1000)
    long = table(("Long", text))
    names = " ".join(["somebody"] * 20)
    assert told(f"{text}\n{names}\n{text}", long) == Found(("Long",))


def test_words_in_another_script_may_be_terms() -> None:
    why = "words in another script that no known licence explains"
    assert told(f"{FIRST} 禁止商业用途", TWO) == Found(why=why)
    assert told(f"{FIRST} by Jürgen Müller", TWO) == Found(("One",))
    assert told(f"Copyright (c) 2026 某人\n{FIRST}", TWO) == Found(("One",))


def test_numbers_that_count_clauses_are_no_version() -> None:
    assert told(f"7 8 9 {OLD}", VERSIONS) == Found(("Old",))
    why = "a version or date that the nearest licence has not: 7, 9"
    assert told(f"7 9 {OLD}", VERSIONS) == Found(why=why)


def test_a_table_comes_back_as_it_was_packed() -> None:
    old, new = ({*shingles(words(text))} for text in (OLD, NEW))
    assert [(each.id, each.size, each.is_exact) for each in VERSIONS.licences] == [
        ("Old", len(old), True),
        ("New", len(new), True),
    ]
    assert VERSIONS.shared(0, 1) == len(old & new)
    for shingle in (*old, *new, *shingles(words(THIRD))):
        (group,) = VERSIONS.groups([shingle])
        owners = [each.id for each in VERSIONS.licences if group in each.groups]
        assert owners == [name for name, own in (("Old", old), ("New", new)) if shingle in own]


def test_each_licence_is_counted_by_the_shingles_that_it_has() -> None:
    old, new = ({*shingles(words(text))} for text in (OLD, NEW))
    here = {*shingles(words(f"{OLD[: len(OLD) // 2]} {THIRD}"))}
    counts = Counter(VERSIONS.groups(here))
    assert counts.pop(NO_GROUP) == len(here - old - new)
    assert VERSIONS.hits(counts) == (len(here & old), len(here & new))


def test_the_table_that_is_shipped_is_small() -> None:
    assert TABLE.stat().st_size < MOST


def test_no_text_of_an_installed_package_is_told_wrong() -> None:
    folders = [Path(each) for each in sys.path if each.endswith("site-packages")]
    packages = ((path.name, path.read_bytes(), ids) for path, ids in of_packages(folders))
    cases = list(once(packages))
    verdicts = [
        judge(ids, told(data.decode("utf-8", "replace"), TEXTS).ids) for _, data, ids in cases
    ]
    assert verdicts.count("wrong") == 0
    assert verdicts.count("right") >= 0.9 * len(cases) > 0


TERMS = (  # written after the list of words that give them away
    "Companies with more than ten people need another licence from us.",
    "Free for personal and educational purposes.",
    "Hosting it as a service is reserved to the authors.",
    "This grant ends with the year 2027.",
    "You have to cite our paper.",
    "Whoever sells it shares the profit.",
    "It is not for military aims.",
    "Nur zu nichtkommerziellen Zwecken.",
    "仅供研究使用",
)


@pytest.mark.parametrize("name", ["MIT", "BSD-3-Clause", "Apache-2.0"])
def test_a_real_licence_with_a_sentence_more_is_not_told(name: str) -> None:
    folders = [Path(each) for each in sys.path if each.endswith("site-packages")]
    texts = (path.read_bytes().decode("utf-8", "replace") for path, _ in of_packages(folders))
    text = next(each for each in texts if told(each, TEXTS) == Found((name,)))
    assert [term for term in TERMS if told(f"{text}\n{term}\n", TEXTS).ids] == []


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
