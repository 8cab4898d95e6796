"""Every command that a page shows is one that there is; those of runnable pages are run."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from tests.helpers.checkout import ROOT
from tests.helpers.command_line import problem_of
from tests.helpers.documented import PAGES, Shown, shown_in_blocks, shown_in_text, words_after_aibom

if TYPE_CHECKING:
    from collections.abc import Iterator

NAMED = re.compile(r"`(aibom [a-z][^`]*)`")  # in the source, on one line
NO_VALUE = "requires an argument."  # in a sentence, an option may be named without its value


@pytest.mark.parametrize("page", PAGES)
def test_every_command_and_option_on_a_page_exists(page: str) -> None:
    in_blocks = [(shown, words, problem_of(words)) for shown, words in _all(shown_in_blocks(page))]
    in_text = [(shown, words, problem_of(words)) for shown, words in _all(shown_in_text(page))]
    wrong = [
        f"{shown.page}:{shown.line}: aibom {' '.join(words)}: {problem}"
        for shown, words, problem in in_blocks + in_text
        if problem and not (shown.is_prose and problem.endswith(NO_VALUE))
    ]
    assert wrong == []


def test_every_command_that_a_message_names_exists() -> None:
    wrong = [
        f"{path.relative_to(ROOT)}: aibom {' '.join(words)}: {problem}"
        for folder in ("aibom", "scanners", "signatures")
        for path in sorted((ROOT / folder).rglob("*.py"))
        for named in NAMED.findall(" ".join(path.read_text("utf-8").split()))
        for words in words_after_aibom(_joined(named))
        if (problem := problem_of(words)) and not problem.endswith(NO_VALUE)
    ]
    assert wrong == []


def _joined(named: str) -> str:
    """Return a command whose text stands in several literals of the source as one."""
    return re.sub(r"\" f?\"|\{[^}]*\}", "…", named)


def _all(lines: Iterator[Shown]) -> Iterator[tuple[Shown, list[str]]]:
    for shown in lines:
        yield from ((shown, words) for words in shown.commands())


@pytest.mark.parametrize(
    ("words", "problem"),
    [
        ("scam model", "there is no such command"),
        ("scan model --fail-onn low", "--fail-onn"),
        ("scan model --fail-on", NO_VALUE),
        ("scan model --fail-on lo", "'lo' is not one of"),
        ("keys generat", "there is no such command"),
    ],
    ids=["verb", "option", "value missing", "choice", "second word"],
)
def test_a_wrong_command_is_told(words: str, problem: str) -> None:
    assert problem in problem_of(words.split())


@pytest.mark.parametrize(
    "words", ["scan a b --fail-on low", "COMMAND --help", "keys generate", "scan a --format FORM"]
)
def test_a_right_command_is_not(words: str) -> None:
    assert problem_of(words.split()) == ""
