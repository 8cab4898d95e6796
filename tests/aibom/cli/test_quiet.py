"""Who wants no notes gets results, warnings and errors."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from aibom.cli import VERBS, group
from fixtures.hostile import calling_pickle
from tests.helpers.command import aibom
from tests.helpers.models import write_model

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


def commands() -> Iterator[click.Command]:
    """Yield every command that does something."""
    context = click.Context(group)
    assert isinstance(group, click.Group)
    for verb in VERBS:
        command = group.get_command(context, verb)
        assert command is not None
        yield from command.commands.values() if isinstance(command, click.Group) else [command]


def test_every_command_can_be_quiet() -> None:
    told = {
        command.name: [option for each in command.params for option in each.opts if option == "-q"]
        for command in commands()
    }
    assert len(told) > len(VERBS)
    assert {name: options for name, options in told.items() if options != ["-q"]} == {}


def test_signing_a_model_that_passes_says_what_was_written_alone(tmp_path: Path) -> None:
    model = write_model(tmp_path / "model")
    assert aibom("keys", "generate", "-q", "-o", tmp_path / "k").err == ""
    ended = aibom("attest", model, "--key", tmp_path / "k.key", "-q")
    assert (ended.code, ended.err) == (0, "")
    assert f"{model / 'aibom.cdx.json'}\n" in ended.out


def test_what_fails_is_told_all_the_same(tmp_path: Path) -> None:
    (tmp_path / "x.pkl").write_bytes(calling_pickle("posix", "system"))
    ended = aibom("bom", tmp_path, "-q")
    assert ended.code == 1
    assert ended.err.splitlines()[-1] == "FAIL: 1 finding at high or above"
    assert (
        "warning: parsers run in this process"
        in aibom("scan", tmp_path, "-q", "--no-isolation").err
    )
