"""`aibom lint` as a user runs it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from aibom.bom.lint import RULES
from tests.helpers.checkout import ROOT
from tests.helpers.command import aibom

if TYPE_CHECKING:
    from pathlib import Path

OURS = ROOT / "tests" / "aibom" / "bom" / "small.cdx.json"
HEAD = '"bomFormat": "CycloneDX", "specVersion": "1.7"'


@pytest.fixture
def bad(tmp_path: Path) -> Path:
    path = tmp_path / "bad.cdx.json"
    dangling = '"dependencies": [{"ref": "\\u001b[2J"}]'
    path.write_text(f"{{{HEAD}, {dangling}}}")
    return path


def test_a_bom_without_problems_takes_two_lines() -> None:
    ended = aibom("lint", OURS)
    assert (ended.code, ended.err) == (0, "")
    assert ended.out.splitlines() == [
        f"{OURS}, CycloneDX 1.7: 0 problems",
        "PASS: no problem at high or above",
    ]


def test_a_problem_says_where_what_why_and_what_to_do(bad: Path) -> None:
    ended = aibom("lint", "bad.cdx.json", cwd=bad.parent)
    assert (ended.code, ended.err) == (1, "")
    at = ended.out.splitlines().index("high[reference-dangling] A reference leads to nothing")
    assert ended.out.splitlines()[at:] == [
        "high[reference-dangling] A reference leads to nothing",
        "  --> bad.cdx.json at /dependencies/0/ref",
        "   |  '\\x1b[2J' is the bom-ref of nothing in this document",
        (
            "   = why: What is said of it is lost: a dependency, a data set, a finding. Readers "
            "fail, or drop it in silence."
        ),
        (
            "   = do:  add what it names, or name what is there. For something in another BOM, "
            "write a BOM-Link (`urn:cdx:…`)."
        ),
        "",
        "high[hidden-characters] A text holds characters that are not seen",
        "  --> bad.cdx.json at /dependencies/0/ref",
        "   |  ref holds U+001B",
        (
            "   = why: What is shown is not what is compared: a name can look like another's, or "
            "rewrite the screen."
        ),
        "   = do:  take the characters out; if they came from a file's name, rename the file.",
        "",
        "bad.cdx.json, CycloneDX 1.7: 5 problems: 2 high, 1 medium, 2 low",
        "FAIL: 2 problems at high or above",
    ]


def test_the_threshold_is_the_users(bad: Path) -> None:
    assert aibom("lint", bad, "--fail-on", "critical").code == 0
    ended = aibom("lint", bad, "--fail-on", "never")
    assert (ended.code, ended.out.splitlines()[-1]) == (0, "PASS: problems do not fail here")


def test_json_holds_every_problem_and_the_verdict(bad: Path) -> None:
    ended = aibom("lint", "bad.cdx.json", "--format", "json", cwd=bad.parent)
    document = json.loads(ended.out)
    assert document["problems"][-1] == {
        "rule": "hidden-characters",
        "severity": "high",
        "title": "A text holds characters that are not seen",
        "message": "ref holds U+001B",
        "pointer": "/dependencies/0/ref",
    }
    assert {key: document[key] for key in ("bom", "spec_version", "cut", "verdict")} == {
        "bom": "bad.cdx.json",
        "spec_version": "1.7",
        "cut": [],
        "verdict": {"outcome": "fail", "fail_on": "high", "failing": 2},
    }
    assert ended.out.isascii()


def test_several_boms_fail_if_one_does(bad: Path) -> None:
    ended = aibom("lint", OURS, bad, "--format", "json")
    outcomes = [json.loads(line)["verdict"]["outcome"] for line in ended.out.splitlines()]
    assert (ended.code, outcomes) == (1, ["pass", "fail"])


def test_of_many_problems_the_first_places_are_shown(tmp_path: Path) -> None:
    items = ",".join('{"type": "library", "name": "todo"}' for _ in range(1200))
    path = tmp_path / "many.json"
    path.write_text(f'{{{HEAD}, "components": [{items}]}}')
    ended = aibom("lint", path, "--fail-on", "never")
    assert "   |  … and at least 992 more; `--format json` has the first 1,000" in ended.out


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"<bom/>", "this is XML, and only CycloneDX JSON is read"),
        (b"\x1b", "this is no bill of materials"),
        (None, "the BOM cannot be read"),
    ],
    ids=["xml", "no json", "no file"],
)
def test_what_is_no_bom_is_wrong_usage(tmp_path: Path, content: bytes | None, why: str) -> None:
    path = tmp_path / "x.json"
    if content is not None:
        path.write_bytes(content)
    ended = aibom("lint", path)
    assert (ended.code, ended.out) == (2, "")
    assert f"{path}: {why}" in ended.err


def test_a_file_without_end_is_not_read(tmp_path: Path) -> None:
    path = tmp_path / "huge.json"
    with path.open("wb") as file:
        file.truncate((64 << 20) + 1)
    ended = aibom("lint", path)
    assert (ended.code, ended.out) == (2, "")
    assert "the BOM has more than 64 MiB" in ended.err


def test_every_rule_is_listed_and_explained() -> None:
    listed = aibom("lint", "--list")
    assert (listed.code, len(listed.out.splitlines())) == (0, len(RULES))
    ended = aibom("lint", "--explain", "key-twice")
    assert ended.out.startswith("key-twice (high): A key stands twice in one object\n\n")
    assert "What to do:" in ended.out


def test_wrong_usage_says_what_would_be_right() -> None:
    assert "Did you mean 'key-twice'?" in aibom("lint", "--explain", "keys-twice").err
    assert "`aibom lint --list` lists them" in aibom("lint", "--explain", "zzz").err
    ended = aibom("lint")
    assert (ended.code, "Name the BOM to look at." in ended.err) == (2, True)
