"""Every rule against its own examples, its help and its name."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pytest

from aibom.scanners.artifact import Artifact, Target
from aibom.scanners.judge import judge
from aibom.scanners.rules import RULES

if TYPE_CHECKING:
    from aibom.scanners.rule import Rule

REFERENCE = re.compile(r"CWE-\d+|AML\.[TM]\d{4}(\.\d{3})?|LLM\d{2}:\d{4}")
KEBAB = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")

every_rule = pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)


@every_rule
def test_flags_what_it_says_it_flags(rule: Rule[Any]) -> None:
    assert rule.flags
    for subject in rule.flags:
        assert isinstance(subject, rule.on)
        assert list(rule.judge(subject, ("file",))), subject


@every_rule
def test_passes_what_it_says_it_passes(rule: Rule[Any]) -> None:
    for subject in rule.passes:
        assert isinstance(subject, rule.on)
        assert not list(rule.judge(subject, ("file",))), subject


@every_rule
def test_evidence_is_one_line_of_plain_text(rule: Rule[Any]) -> None:
    messages = [f.message for subject in rule.flags for f in rule.judge(subject, ("file",))]
    assert all(message.strip() == message and "\n" not in message for message in messages)


@every_rule
def test_help_says_why_and_what_to_do(rule: Rule[Any]) -> None:
    why, found, what = rule.help.partition("What to do:")
    assert why.strip()
    assert found
    assert what.strip()


@every_rule
def test_refers_to_catalogues(rule: Rule[Any]) -> None:
    assert rule.refs
    assert [ref for ref in rule.refs if not REFERENCE.fullmatch(ref)] == []


@every_rule
def test_is_called_like_its_module(rule: Rule[Any]) -> None:
    """The pickle family's folder stands for the first word of its ids."""
    folder, name = rule.check.__module__.split(".")[-2:]
    names = {name.replace("_", "-"), f"{folder}-{name}".replace("_", "-")}
    assert rule.id in names
    assert KEBAB.fullmatch(rule.id)


def test_no_two_rules_share_an_id() -> None:
    ids = [rule.id for rule in RULES]
    assert len(set(ids)) == len(ids)


@every_rule
def test_its_family_is_asked_when_its_facts_are_there(rule: Rule[Any]) -> None:
    """Families are chosen by the kinds of fact in a target; no rule may be left out by that."""
    for subject in rule.flags:
        match subject:
            case Target():
                target = subject
            case Artifact():
                target = Target((subject,))
            case _:
                target = Target((Artifact(("file",), 1 << 60, facts=(subject,)),))
        assert rule.id in {finding.rule for finding in judge(target)}
