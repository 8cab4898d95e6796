"""Whatever has a name in what aibom prints can be asked for."""

from __future__ import annotations

import pytest

from tests.helpers.command import aibom


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("pickle-spawns-process", "pickle-spawns-process (critical): Loading starts a program"),
        ("waiver-expired", "waiver-expired (medium): A waiver has ended"),
        ("key-twice", "key-twice (lint): "),
        ("extra-file", "extra-file (verify): A file is there that nobody signed: remove it"),
        ("os.system", "os.system"),
    ],
)
def test_explains_whatever_has_a_name(name: str, said: str) -> None:
    ended = aibom("explain", name)
    assert (ended.code, ended.err) == (0, "")
    assert ended.out.startswith(said)


def test_a_rule_says_why_and_what_to_do() -> None:
    lines = aibom("explain", "remote-code").out.splitlines()
    assert lines[4].startswith("What to do: read the named module")
    assert lines[6].startswith("References: CWE-")


def test_a_name_that_means_two_things_is_explained_twice() -> None:
    told = aibom("explain", "digest-mismatch").out.split("\n\n")
    assert told[0].startswith("digest-mismatch (high): ")
    assert told[-1].startswith("digest-mismatch (verify): A file is not the one signed")


def test_names_what_was_probably_meant() -> None:
    ended = aibom("explain", "pickle-spawn-process")
    assert ended.code == 2
    assert "Did you mean 'pickle-spawns-process'?" in ended.err
    assert "`aibom rules` lists the rules." in aibom("explain", "zzz").err
