"""Whatever has a name in what aibom prints can be asked for."""

from __future__ import annotations

import pytest

from aibom.bom.diff_kinds import KINDS, Grade
from aibom.cli.explain_words import KINDS_OF_WORDS, names
from aibom.policy_file import BUNDLED
from aibom.scanners.facts import Reason
from aibom.scanners.formats import FORMATS
from tests.helpers.command import aibom


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("pickle-spawns-process", "pickle-spawns-process (critical): Loading starts a program"),
        ("waiver-expired", "waiver-expired (medium): A waiver has ended"),
        ("key-twice", "key-twice (lint): "),
        ("extra-file", "extra-file (verify): A file is there that nobody signed: remove it"),
        ("os.system", "os.system"),
        ("malformed", "malformed (not read): it breaks the rules of its format"),
        ("parameters-changed", "parameters-changed (diff, review-required): parameters changed: "),
        ("review-required", "review-required (diff): a change for a person to look at"),
        ("safetensors", "safetensors (format): safetensors"),
        ("ort", "ort (format): ONNX Runtime model\n\nIt is known, and not read"),
        ("baseline", "baseline (policy, bundled):\n\npolicy baseline\n"),
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


def test_every_word_of_a_result_is_explained() -> None:
    words = names()
    assert words == {
        *Reason,
        *KINDS,
        *(grade.word for grade in Grade),
        *(each.id for each in FORMATS),
        *BUNDLED,
    }
    assert [word for word in words if not any(of(word) for of in KINDS_OF_WORDS)] == []


def test_names_what_was_probably_meant() -> None:
    ended = aibom("explain", "pickle-spawn-process")
    assert ended.code == 2
    assert "Did you mean 'pickle-spawns-process'?" in ended.err
    assert "`aibom rules` lists the rules." in aibom("explain", "zzz").err
    assert "Did you mean" not in aibom("explain", "broken-file").err
