"""What two models have in common."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from aibom.weights import Fingerprint, Leaf, Overlap, Weights, overlap, root
from aibom.weights.fingerprint import distinct


def leaf(number: int, *, is_telling: bool = True) -> Leaf:
    return Leaf(f"{number:064x}", "F32", 300 * number, 1200 * number, is_telling)


def test_shared_tensors_are_counted_and_weighed() -> None:
    found = overlap([leaf(1), leaf(2), leaf(3)], [leaf(2), leaf(3), leaf(4), leaf(5)])
    assert found == Overlap(
        shared=2, shared_bytes=6000, first=3, first_bytes=7200, second=4, second_bytes=16800
    )
    assert (round(found.share_of_first, 4), round(found.share_of_second, 4)) == (0.8333, 0.3571)


def test_what_tells_nothing_counts_nowhere() -> None:
    constant = leaf(9, is_telling=False)
    found = overlap([leaf(1), constant], [leaf(2), constant])
    assert found == Overlap(0, 0, 1, 1200, 1, 2400)
    assert overlap([constant], [constant]).share_of_first == 0.0
    assert overlap([], []).share_of_second == 0.0


numbers = st.lists(st.integers(1, 20))


@given(numbers, numbers)
def test_neither_order_nor_sides_nor_copies_matter(ours: list[int], theirs: list[int]) -> None:
    one, other = (
        overlap(map(leaf, ours), map(leaf, theirs)),
        overlap(map(leaf, theirs), map(leaf, ours)),
    )
    assert (one.shared, one.shared_bytes) == (other.shared, other.shared_bytes)
    assert (one.first, one.share_of_first) == (other.second, other.share_of_second)
    assert overlap(map(leaf, reversed(ours * 2)), map(leaf, theirs)) == one
    assert one.shared == len(set(ours) & set(theirs))


def test_there_is_no_root_over_nothing() -> None:
    assert root([]) == ""


@given(numbers.filter(bool))
def test_the_root_is_of_a_set(ours: list[int]) -> None:
    assert root(map(leaf, ours)) == root(map(leaf, reversed(ours * 2)))
    assert root(map(leaf, [*ours, 21])) != root(map(leaf, ours))


def test_a_model_has_the_leaves_of_its_files_once() -> None:
    files = Fingerprint("a", (leaf(1), leaf(2)), 3600, 5), Fingerprint("b", (leaf(2),), 2400, 7)
    found = Weights(files)
    assert found.leaves == distinct([leaf(2), leaf(1)]) == (leaf(1), leaf(2))
    assert (found.covered, found.uncovered) == (6000, 12)
    assert (found.of("b"), found.of("c")) == (files[1], None)
