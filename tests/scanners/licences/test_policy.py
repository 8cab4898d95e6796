"""Lists of licences decide; what they do not name is for people."""

import pytest

from aibom.scanners.licences.policy import (
    Decided,
    Decision,
    LicencePolicy,
    PolicyError,
    decide,
    lists,
)

POLICY = lists(
    allow=("mit", "apache-2.0", "bsd", "gemma"),
    review=("use=restricted",),
    deny=("agpl-3.0", "commercial=no"),
)


@pytest.mark.parametrize(
    ("name", "decision", "why"),
    [
        ("MIT", Decision.ALLOW, "MIT: 'mit' is on the list 'allow'"),
        ("bsd-3-clause", Decision.ALLOW, "BSD-3-Clause: 'bsd' is on the list 'allow'"),
        ("AGPL-3.0-or-later", Decision.DENY, "AGPL-3.0: 'agpl-3.0' is on the list 'deny'"),
        ("cc-by-nc-4.0", Decision.DENY, "CC-BY-NC-4.0: 'commercial=no' is on the list 'deny'"),
        ("mpl-2.0", Decision.REVIEW, "MPL-2.0: on no list"),
        ("mit OR agpl-3.0", Decision.DENY, "AGPL-3.0: 'agpl-3.0' is on the list 'deny'"),
        ("mit AND isc", Decision.REVIEW, "ISC: on no list"),
        ("our own", Decision.REVIEW, "'our own' means no known licence"),
        ("other", Decision.REVIEW, "'other' means no known licence"),
        (
            "gemma",
            Decision.REVIEW,
            "LicenseRef-aibom-gemma-tou-2024-02-21: 'use=restricted' is on the list 'review'",
        ),
    ],
)
def test_the_worst_list_that_names_a_licence_decides(
    name: str, decision: Decision, why: str
) -> None:
    assert decide(name, POLICY) == Decided(decision, why)


def test_what_no_list_names_is_as_the_policy_says() -> None:
    assert decide("isc", LicencePolicy(otherwise=Decision.ALLOW)).decision is Decision.ALLOW
    assert decide("isc", LicencePolicy(otherwise=Decision.DENY)).decision is Decision.DENY


@pytest.mark.parametrize(
    ("policy", "expected"),
    [
        (lists(allow=["mit"]), LicencePolicy(allow=("mit",), otherwise=Decision.REVIEW)),
        (lists(deny=["gpl"]), LicencePolicy(deny=("gpl",), otherwise=Decision.ALLOW)),
        (
            lists(review=["gpl"], otherwise=Decision.DENY),
            LicencePolicy(review=("gpl",), otherwise=Decision.DENY),
        ),
    ],
    ids=["some are allowed", "some are denied", "as it says"],
)
def test_lists_that_allow_leave_the_rest_to_people(
    policy: LicencePolicy, expected: LicencePolicy
) -> None:
    assert policy == expected


def test_what_is_not_known_is_never_allowed() -> None:
    allowing, denying = (LicencePolicy(otherwise=each) for each in (Decision.ALLOW, Decision.DENY))
    assert decide("our own", allowing).decision is Decision.REVIEW
    assert decide("our own", denying).decision is Decision.DENY


@pytest.mark.parametrize(
    ("entry", "why"),
    [
        ("mitt", "'mitt' means no licence. Give an id of SPDX or of the Hub"),
        ("other", "'other' means no licence. Give an id of SPDX or of the Hub"),
        (
            "price=low",
            (
                "'price=low' is no attribute. Known are family, commercial, change, share, notice,"
                " same, use"
            ),
        ),
        ("commercial=nein", "'commercial=nein' is no attribute. Known are limited, no, yes"),
    ],
)
def test_an_entry_that_means_nothing_is_refused(entry: str, why: str) -> None:
    with pytest.raises(PolicyError) as raised:
        lists(deny=["mit"], allow=[entry])
    assert str(raised.value) == why
