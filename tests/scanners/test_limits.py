"""The account that is kept while a file is read."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from aibom.scanners.limits import Budget, Exceeded, Limits

if TYPE_CHECKING:
    from collections.abc import Callable


def expand(budget: Budget) -> None:
    budget.expand(100, compressed=1, produced=100)


SPENDERS: dict[str, tuple[Limits, Callable[[Budget], None]]] = {
    "members": (Limits(members=2), Budget.member),
    "facts": (Limits(facts=2), Budget.fact),
    "total_bytes": (Limits(total_bytes=250), expand),
}


@pytest.mark.parametrize("name", SPENDERS)
def test_refuses_the_third_when_two_are_allowed(name: str) -> None:
    limits, spend = SPENDERS[name]
    budget = Budget(limits)
    spend(budget)
    spend(budget)
    with pytest.raises(Exceeded, match=name) as caught:
        spend(budget)
    assert caught.value.limit == name


def test_looks_at_the_ratio_of_a_member_above_the_floor_only() -> None:
    budget = Budget(Limits(ratio=10, ratio_floor=1000))
    budget.expand(1000, compressed=1, produced=1000)
    budget.expand(1, compressed=101, produced=1001)
    with pytest.raises(Exceeded, match="ratio"):
        budget.expand(1, compressed=100, produced=1001)


def test_looks_at_the_ratio_of_the_whole_file_too() -> None:
    """Members that share bytes each stay below the ratio and together do not."""
    budget = Budget(Limits(ratio=10, ratio_total=1000))
    budget.open(100)
    budget.open(1_000_000)  # a member: changes nothing
    budget.expand(1000, compressed=1000, produced=1000)
    with pytest.raises(Exceeded, match="100 compressed bytes expand to 1001"):
        budget.expand(1, compressed=1000, produced=1)


def test_holds_no_document_that_is_too_long() -> None:
    Budget(Limits(text=10)).document(10)
    with pytest.raises(Exceeded, match="a document of 11 bytes"):
        Budget(Limits(text=10)).document(11)


def test_ends_when_the_processor_time_is_used_up() -> None:
    with pytest.raises(Exceeded, match="processor time"):
        Budget(Limits(seconds=-1)).check_time()
