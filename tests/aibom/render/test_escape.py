"""Text from files reaches no terminal unescaped."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aibom.render.escape import cell, code, counted, cut, fenced, place, safe, size


@pytest.mark.parametrize(
    ("hostile", "shown"),
    [
        ("plain name.bin", "plain name.bin"),
        ("重み-модель", "重み-модель"),
        ("a\nb", r"a\nb"),
        ("\x1b[2J", r"\x1b[2J"),
        ("\x9b31m", r"\x9b31m"),
        ("exe\u202ecod.bin", r"exe\u202ecod.bin"),
        ("a\u200bb", r"a\u200bb"),
        ("a\u2028b", r"a\u2028b"),
        ("\udcff", r"\udcff"),
        ("\U000e0041", r"\U000e0041"),
        ("\0", r"\x00"),
    ],
    ids=ascii,
)
def test_escapes_what_a_terminal_would_act_on(hostile: str, shown: str) -> None:
    assert safe(hostile) == shown


@given(st.text(st.characters(categories=None)))
def test_whatever_comes_out_is_printable(text: str) -> None:
    assert safe(text).isprintable()


def test_a_place_leads_inward() -> None:
    assert place(("model.pt", "archive/\x1bdata.pkl")) == r"model.pt › archive/\x1bdata.pkl"


@pytest.mark.parametrize(
    ("count", "shown"),
    [
        (0, "0 bytes"),
        (1, "1 byte"),
        (999, "999 bytes"),
        (1_000, "1 kB"),
        (999_999, "1 MB"),
        (1_234_567, "1.23 MB"),
        (2 << 30, "2.15 GB"),
        (5_000_000_000_000, "5 TB"),
        (5_000_000_000_000_000, "5,000 TB"),
    ],
)
def test_sizes_have_units(count: int, shown: str) -> None:
    assert size(count) == shown


def test_counts_agree_with_their_noun() -> None:
    assert [counted(n, "entry", "entries") for n in (0, 1, 1200)] == [
        "0 entries",
        "1 entry",
        "1,200 entries",
    ]


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain", "`plain`"),
        ("", "`  `"),
        ("a`b``c", "```a`b``c```"),
        ("`", "`` ` ``"),
        ("<b>@you #1\n", "`<b>@you #1\\n`"),
    ],
    ids=["plain", "empty", "ticks inside", "tick", "markup"],
)
def test_code_is_no_markup(text: str, shown: str) -> None:
    assert code(text) == shown


def test_a_cell_ends_where_it_should() -> None:
    assert (cell("a|b"), cell("")) == ("`a\\|b`", "")


def test_a_block_of_code_ends_where_it_should() -> None:
    assert fenced("a\r\n```\n\tb\x1b") == "````text\na\n```\n    b\\x1b\n````"
    assert fenced("x") == "```text\nx\n```"


def test_what_is_cut_shows_it() -> None:
    assert (cut("abc", 3), cut("abcd", 3)) == ("abc", "ab…")
