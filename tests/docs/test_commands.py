"""Every command that a page shows is one that there is; those of runnable pages are run."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click
import pytest

from aibom.cli import group
from tests.helpers.documented import PAGES, Shown, shown_in_blocks, shown_in_text

if TYPE_CHECKING:
    from collections.abc import Iterator

NO_VALUE = "requires an argument."  # in a sentence, an option may be named without its value


@pytest.mark.parametrize("page", PAGES)
def test_every_command_and_option_on_a_page_exists(page: str) -> None:
    in_blocks = [(shown, words, _problem(words)) for shown, words in _all(shown_in_blocks(page))]
    in_text = [(shown, words, _problem(words)) for shown, words in _all(shown_in_text(page))]
    wrong = [
        f"{shown.page}:{shown.line}: aibom {' '.join(words)}: {problem}"
        for shown, words, problem in in_blocks + in_text
        if problem and not (shown.is_prose and problem.endswith(NO_VALUE))
    ]
    assert wrong == []


def _all(lines: Iterator[Shown]) -> Iterator[tuple[Shown, list[str]]]:
    for shown in lines:
        yield from ((shown, words) for words in shown.commands())


def _is_any(word: str) -> bool:
    """Say whether `word` stands for whatever the reader wants."""
    return word.isupper() or word == "…"


def _problem(words: list[str]) -> str:
    """Return what the command line has against these words, missing arguments apart."""
    command: click.Command = group
    context = click.Context(group, info_name="aibom")
    while isinstance(command, click.Group) and words and not words[0].startswith("-"):
        if _is_any(words[0]):
            return ""
        found = command.get_command(context, words[0])
        if found is None:
            return "there is no such command"
        command, context = found, click.Context(found, context, words[0])
        words = words[1:]
    try:
        given, _, _ = command.make_parser(context).parse_args([*words])
        for parameter in command.params:
            value = given.get(parameter.name or "")
            if isinstance(parameter.type, click.Choice) and value and not _is_any(value):
                parameter.type_cast_value(context, value)
    except click.UsageError as error:
        return error.format_message()
    return ""


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
    assert problem in _problem(words.split())


@pytest.mark.parametrize(
    "words", ["scan a b --fail-on low", "COMMAND --help", "keys generate", "scan a --format FORM"]
)
def test_a_right_command_is_not(words: str) -> None:
    assert _problem(words.split()) == ""
