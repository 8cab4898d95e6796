"""A BOM as a model card, on the screen and as Markdown: golden files in `screens`."""

from __future__ import annotations

from pathlib import Path

import pytest
from click import unstyle

from aibom.bom.diff import parse
from aibom.bom.show import card
from aibom.bom.show_card import Ground, Line, Passage, Section
from aibom.render import card as text
from aibom.render import card_markdown as markdown
from aibom.render import card_short as short

SCREENS = Path(__file__).parent / "screens"
DEMO = card(parse((SCREENS / "demo.cdx.json").read_bytes(), "demo.cdx.json"))
HOSTILE = Section(
    "s",
    (Line("a\x1b[2J|", "b\u202e`|\n", "<i>", (Ground("declared", "x\x07"), Ground("", "y"))),),
    (Passage("h\n", "1\n```\n# 2\x1b\n<b>", (Ground("declared", "README.md"),)),),
    note="n\x1b",
)
LONG = Section(
    "s",
    tuple(Line("n", "x" * 400) for _ in range(50)),
    (Passage("p", "\n".join(["y" * 300] * 50)),),
)


@pytest.mark.parametrize("evidence", [False, True], ids=["plain", "evidence"])
def test_the_screen(evidence: bool) -> None:
    shown = text.render(DEMO, evidence=evidence)
    name = "show-evidence.txt" if evidence else "show.txt"
    assert unstyle(shown) == (SCREENS / name).read_text("utf-8")


def test_the_screen_in_short() -> None:
    assert unstyle(short.render(DEMO)) == (SCREENS / "show-short.txt").read_text("utf-8")


def test_what_is_short_acts_on_no_terminal_and_has_an_end() -> None:
    shown = unstyle(short.render([HOSTILE, LONG])).splitlines()
    assert shown[0] == r"s  a\x1b[2J| b\u202e`|\n (<i>); h\n  [declared]"
    assert shown[1] == f"s  {'; '.join(['n ' + 'x' * 59 + '…'] * 3)} and 48 more"


def test_a_document_that_says_nothing_is_short() -> None:
    assert "--full" in short.render(card({}))


@pytest.mark.parametrize("evidence", [False, True], ids=["plain", "evidence"])
def test_markdown(evidence: bool) -> None:
    shown = markdown.render(DEMO, evidence=evidence)
    name = "show-evidence.md" if evidence else "show.md"
    assert shown == (SCREENS / name).read_text("utf-8")


def test_no_text_acts_on_the_terminal() -> None:
    shown = unstyle(text.render([HOSTILE], evidence=True))
    assert shown.splitlines()[:-2] == [
        "s",
        r"  n\x1b",
        r"  a\x1b[2J|           b\u202e`|\n  (<i>)  [declared]",
        r"                        declared by x\x07",
        "                        y",
        r"  h\n:",
        "  | 1",
        "  | ```",
        r"  | # 2\x1b",
        "  | <b>",
        "                        declared by README.md",
    ]


def test_no_text_is_markup() -> None:
    assert markdown.render([HOSTILE], evidence=True).splitlines()[2:-2] == [
        "## s",
        "",
        r"n\x1b",
        "",
        "| what | value | of | known as | evidence |",
        "|---|---|---|---|---|",
        r"| `a\x1b[2J\|` | ``b\u202e`\|\n`` | `<i>` | `declared` | `declared by x\x07`<br>`y` |",
        "",
        r"`h\n`:",
        "",
        "````text",
        "1",
        "```",
        r"# 2\x1b",
        "<b>",
        "````",
        "",
        "Evidence: `declared by README.md`",
    ]


def test_long_lists_and_texts_are_cut_unless_all_is_wanted() -> None:
    short, whole = (unstyle(text.render([LONG], is_full=full)) for full in (False, True))
    assert "  … and 10 more; `--all` shows them" in short
    assert "  | … and 10 more lines; `--all` shows them" in short
    assert max(map(len, short.splitlines())) == 322
    assert whole.count("x" * 400) == 50
    assert whole.count("y" * 300) == 50
    page, all_of_it = (markdown.render([LONG], is_full=full) for full in (False, True))
    assert "… and 10 more; `--all` shows them." in page
    assert "… and 10 more lines; `--all` shows them." in page
    assert all_of_it.count("x" * 400) == 50
    assert all_of_it.count("y" * 300) == 50


def test_a_subject_on_which_nothing_is_said_takes_no_room() -> None:
    assert text.render([Section("empty")]) == text.UNVERIFIED + "\n"
    assert markdown.render([Section("empty")]) == f"# AI-BOM\n\n{text.UNVERIFIED}\n"
