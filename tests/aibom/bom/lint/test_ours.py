"""What aibom writes has no problem, but for what the names of a model's files bring with them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hypothesis import given, settings

from aibom import bom
from aibom.bom.lint import lint
from tests.aibom.bom.test_same_bytes import reports

if TYPE_CHECKING:
    from aibom.report import Report

OF_FILES = {  # names, digests and words that the files or whoever scans them chose
    "hidden-characters",
    "path-with-backslashes",
    "path-twice",
    "path-escapes",
    "path-of-a-machine",
    "hash-invented",
    "placeholder",
}


@settings(max_examples=50, deadline=None)
@given(reports)
def test_only_names_from_the_files_can_be_wrong(report: Report) -> None:
    problems = lint(bom.to_json(bom.build(report))).problems
    assert [each for each in problems if each.rule not in OF_FILES] == []
