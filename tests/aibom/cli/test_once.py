"""Options that take one value, given twice."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click
import pytest

from aibom.cli import VERBS, group, run
from tests.helpers.models import write_model

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


def _commands(
    command: click.Command, words: tuple[str, ...]
) -> Iterator[tuple[tuple[str, ...], click.Command]]:
    yield words, command
    for name, below in command.commands.items() if isinstance(command, click.Group) else ():
        yield from _commands(below, (*words, name))


def single_values() -> Iterator[tuple[str, ...]]:
    """Yield every option of every verb that takes one value, with the words before it."""
    context = click.Context(group)
    for verb in VERBS:
        found = group.get_command(context, verb)
        assert found is not None
        for words, command in _commands(found, (verb,)):
            for option in command.params:
                if isinstance(option, click.Option) and not (option.is_flag or option.multiple):
                    yield (*words, max(option.opts, key=len))


@pytest.mark.parametrize("words", list(single_values()), ids=" ".join)
def test_two_values_for_one_are_refused(
    capsys: pytest.CaptureFixture[str], words: tuple[str, ...]
) -> None:
    *verb, option = words
    assert run([*verb, option, "a", f"{option}=b"]) == 2
    told = capsys.readouterr().err
    assert told.endswith(f"error: {option} is given twice, and takes one value.\n")


def test_the_short_name_is_the_same_option(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["bom", "x", "-o", "a", "--output", "b"]) == 2
    assert "error: --output is given twice, and takes one value.\n" in capsys.readouterr().err


def test_flags_and_options_for_several_may_be_repeated(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    write_model(tmp_path / "demo")
    outputs = ("-o", "json=a", "-o", "text=b")
    assert run(["scan", "demo", "-q", "-q", "--sha512", "--sha512", *outputs]) == 0


def test_a_value_of_the_settings_and_one_that_is_given_are_no_two(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    write_model(tmp_path / "demo")
    (tmp_path / "aibom.toml").write_text('fail-on = "medium"\n')
    assert run(["scan", "demo", "--config", "aibom.toml", "--fail-on", "low"]) == 0
