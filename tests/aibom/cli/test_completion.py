"""Completion as shells ask for it."""

from __future__ import annotations

import shlex
import shutil
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from aibom.cli import VERBS
from tests.helpers.command import COMMAND, aibom, environment

if TYPE_CHECKING:
    from pathlib import Path

BASH = shutil.which("bash")
ASK = """
compopt() {{ local IFS=' '; printf 'compopt %s\\n' "$*"; }}
eval "$(aibom completion bash)"
COMP_WORDS=({words}) COMP_CWORD={last}
_aibom_completion aibom
printf '%s\\n' "${{COMPREPLY[@]}}"
"""


@pytest.fixture
def path(tmp_path: Path) -> str:
    """A search path on which `aibom` is this checkout's."""
    program = tmp_path / "bin" / "aibom"
    program.parent.mkdir()
    program.write_text(f'#!/bin/sh\nexec {shlex.join(COMMAND)} "$@"\n')
    program.chmod(0o755)
    return f"{program.parent}:{environment()['PATH']}"


def completed(path: str, *words: str, cwd: Path | None = None) -> list[str]:
    """Return what bash would offer for the last of the words."""
    if BASH is None or sys.platform == "win32":
        pytest.skip("there is no bash")
    line = shlex.join(["aibom", *words])
    done = subprocess.run(
        [BASH, "--norc", "-c", ASK.format(words=line, last=len(words))],
        env=environment(PATH=path),
        cwd=cwd,
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    assert done.stderr == ""
    return done.stdout.split("\n")[:-1]


def test_bash_completes_every_verb(path: str) -> None:
    assert completed(path, "") == list(VERBS)


def test_bash_completes_a_verb_that_was_begun(path: str) -> None:
    assert completed(path, "expl") == ["explain", "explain-global"]


def test_bash_completes_options_and_their_values(path: str) -> None:
    assert completed(path, "scan", "--fail") == ["--fail-on"]
    assert completed(path, "scan", "--fail-on", "hi") == ["high"]


def test_bash_completes_files_itself_where_a_path_belongs(path: str, tmp_path: Path) -> None:
    assert completed(path, "scan", "mo", cwd=tmp_path) == ["compopt -o default", ""]


@pytest.mark.parametrize(
    ("words", "offered"),
    [
        ("scan m --policy re", ["release", "registry-upload"]),
        ("verify m --policy ours", ["compopt -o default", ""]),
        ("scan m --waivers w", ["compopt -o default", ""]),
        ("attest m --key k", ["compopt -o default", ""]),
        ("scan m --cache c", ["compopt -o dirnames", ""]),
        ("scan m -o ht", ["html="]),
        ("explain digest-m", ["digest-mismatch"]),
        ("explain no-such-thing", [""]),
        ("waive m --rule pickle-spawns", ["pickle-spawns-process"]),
        ("rules show pickle-spawns", ["pickle-spawns-process"]),
        ("policy show ba", ["baseline"]),
    ],
)
def test_bash_completes_what_a_value_can_be(path: str, words: str, offered: list[str]) -> None:
    assert completed(path, *words.split()) == offered


@pytest.mark.parametrize(
    ("shell", "line"),
    [("zsh", "#compdef aibom"), ("fish", "complete --no-files --command aibom")],
    ids=["zsh", "fish"],
)
def test_the_scripts_of_other_shells_are_for_aibom(shell: str, line: str) -> None:
    ended = aibom("completion", shell)
    assert (ended.code, line in ended.out, "_AIBOM_COMPLETE=" in ended.out) == (0, True, True)


def test_another_shell_is_refused_with_those_that_are_known() -> None:
    ended = aibom("completion", "tcsh")
    assert (ended.code, ended.out) == (2, "")
    assert "'tcsh' is not one of 'bash', 'zsh', 'fish'" in ended.err


def test_an_answer_to_a_shell_is_no_failure() -> None:
    ended = aibom(_AIBOM_COMPLETE="bash_complete", COMP_WORDS="aibom verif", COMP_CWORD="1")
    assert (ended.code, ended.out, ended.err) == (0, "plain,verify\n", "")
