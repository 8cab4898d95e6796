"""A policy file says which licences may be used."""

from __future__ import annotations

import pytest

from aibom.errors import TargetError
from aibom.policy_explained import explanation
from aibom.policy_file import read_policy
from aibom.policy_text import demands
from aibom.report import Isolation, Report
from aibom.scanners.artifact import Artifact, Target
from aibom.scanners.facts import Licence
from aibom.scanners.licences.policy import Decision, LicencePolicy

FILE = b"""name: ours
licences:
  allow: [apache-2.0, mit]
  review: use=restricted
  deny: [agpl-3.0, commercial=no]
  other: deny
"""


def test_lists_of_licences_are_read() -> None:
    assert read_policy(FILE, where="ours.yaml").licences == (
        LicencePolicy(
            allow=("apache-2.0", "mit"),
            review=("use=restricted",),
            deny=("agpl-3.0", "commercial=no"),
            otherwise=Decision.DENY,
        ),
    )


def test_without_a_word_what_no_list_names_is_for_people_if_some_are_allowed() -> None:
    (allowing,) = read_policy(b"licences: {allow: mit}", where="a").licences
    (denying,) = read_policy(b"licences: {deny: gpl}", where="a").licences
    assert allowing.otherwise is Decision.REVIEW
    assert denying.otherwise is Decision.ALLOW


def test_a_policy_tells_its_lists_and_how_they_came_out() -> None:
    policy = read_policy(FILE, where="ours.yaml")
    lists = (
        "licences {}allow apache-2.0, mit; review use=restricted; deny agpl-3.0, commercial=no;"
        " other deny"
    )
    assert f"  {lists.format(' ' * 8)}\n" in demands(policy)
    facts = (Licence(key="license", value="cc-by-nc-4.0"), Licence(key="license", value="gemma"))
    card = Artifact(("README.md",), 8, formats=("model-card",), facts=facts)
    report = Report(
        name="m",
        is_folder=True,
        target=Target((card,)),
        findings=(),
        isolation=Isolation("none"),
        tool_version="1",
    )
    told = explanation(report, policy.apply(report))
    assert f"FAIL   {lists.format('')}: 1 denied, 1 to review\n" in told


EXPECTED = (
    "expected allow, review and deny, each a list of licences, families or attributes, and other."
)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            b"licences: {deny: mitt}",
            "licences: 'mitt' means no licence. Give an id of SPDX or of the Hub.",
        ),
        (b"licences: mit", f"p: licences is 'mit', {EXPECTED}"),
        (b"licences: {}", f"p: licences is {{}}, {EXPECTED}"),
        (b"licences: {forbid: mit}", f"p: licences is {{'forbid': 'mit'}}, {EXPECTED}"),
        (b"licences: {deny: []}", f"p: licences is {{'deny': []}}, {EXPECTED}"),
        (b"licences: {other: maybe}", f"p: licences is {{'other': 'maybe'}}, {EXPECTED}"),
    ],
    ids=["misspelt", "no lists", "nothing", "another list", "an empty list", "no decision"],
)
def test_what_is_not_understood_is_refused(text: bytes, message: str) -> None:
    with pytest.raises(TargetError) as raised:
        read_policy(text, where="p")
    assert str(raised.value) == message
