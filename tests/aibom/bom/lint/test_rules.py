"""Every rule against its own examples, its help and its name."""

from __future__ import annotations

import json
import re
from itertools import chain
from typing import TYPE_CHECKING, Any

import pytest

from aibom.bom import validate
from aibom.bom.lint import RULES, lint, read

if TYPE_CHECKING:
    from aibom.bom.lint import LintRule, Problem
    from aibom.bom.lint.rule import Example

KEBAB = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")
UNSTRICT = {"schema-invalid", "key-twice", "number-rounded"}  # about what the schema is held to

every_rule = pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)


def written(example: Example) -> bytes:
    """Return the document of an example."""
    if isinstance(example, str):
        return example.encode()
    return json.dumps({"bomFormat": "CycloneDX", "specVersion": "1.7", **example}).encode()


def found(rule: LintRule, example: Example) -> tuple[Problem, ...]:
    return rule.judge(read(written(example)))


def resolved(document: Any, pointer: str) -> Any:  # noqa: ANN401 - JSON
    """Return the value at a JSON Pointer."""
    for step in pointer.split("/")[1:]:
        key = step.replace("~1", "/").replace("~0", "~")
        document = document[int(key) if isinstance(document, list) else key]
    return document


@every_rule
def test_flags_what_it_says_it_flags(rule: LintRule) -> None:
    assert rule.flags
    for example in rule.flags:
        problems = found(rule, example)
        assert problems, example
        assert {(each.rule, each.severity) for each in problems} == {(rule.id, rule.severity)}


@every_rule
def test_passes_what_it_says_it_passes(rule: LintRule) -> None:
    assert rule.passes
    for example in rule.passes:
        assert found(rule, example) == (), example


@every_rule
def test_says_what_the_schema_does_not(rule: LintRule) -> None:
    for example in chain(rule.passes, () if rule.id in UNSTRICT else rule.flags):
        problems = lint(written(example)).problems
        assert [each.message for each in problems if each.rule == "schema-invalid"] == [], example


@every_rule
def test_points_to_a_value_of_the_document(rule: LintRule) -> None:
    for example in rule.flags:
        document = json.loads(written(example))
        for problem in found(rule, example):
            resolved(document, problem.pointer)


@every_rule
def test_says_why_and_what_to_do(rule: LintRule) -> None:
    why, told, what = rule.help.partition("What to do:")
    assert why.strip()
    assert told
    assert what.strip()
    assert KEBAB.fullmatch(rule.id)
    assert not rule.title.endswith(".")


def test_no_two_rules_share_an_id() -> None:
    ids = [rule.id for rule in RULES]
    assert len(set(ids)) == len(ids)


@pytest.mark.parametrize("rule", [r for r in RULES if r.id == "schema-invalid"], ids=lambda r: r.id)
def test_the_library_refuses_what_breaks_the_schema(rule: LintRule) -> None:
    for example, is_valid in [(e, False) for e in rule.flags] + [(e, True) for e in rule.passes]:
        errors: Any = validate.load().validate_str(written(example).decode(), all_errors=True)
        assert (not list(errors or ())) is is_valid
