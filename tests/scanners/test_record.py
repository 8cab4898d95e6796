"""Records behave as the dataclasses that they stand for, and cost nothing until they are used."""

from __future__ import annotations

import copy
import dataclasses
import pickle
from functools import cached_property
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aibom.scanners.record import (
    MISSING,
    FrozenRecordError,
    as_dict,
    field,
    fields,
    record,
    replace,
)

if TYPE_CHECKING:
    from collections.abc import Callable


@record
class Point:
    x: int
    y: int = 0


@record(kw_only=True)
class Named:
    name: str = ""


@record(kw_only=True)
class Place(Named):
    at: Point
    notes: list[str] = field(default_factory=list[str])


@record(frozen=False)
class Counter:
    count: int = 0
    seen: set[int] = field(default_factory=set[int])


@record(frozen=False, eq=False)
class Node:
    children: tuple[Node, ...] = ()


@record(caches=True)
class Square:
    side: int

    @cached_property
    def area(self) -> int:
        return self.side**2


@record
class Bare:
    pass


@record
class Caseless:
    text: str

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Caseless) and self.text.lower() == other.text.lower()

    def __hash__(self) -> int:
        return hash(self.text.lower())


@dataclasses.dataclass(frozen=True, slots=True)
class OraclePoint:
    x: int
    y: int = 0


def _through_a_process(value: object) -> object:
    return pickle.loads(pickle.dumps(value))  # noqa: S301 - our own object, made one line above


@given(st.integers(), st.integers(), st.integers(), st.integers())
def test_equality_hash_and_text_are_those_of_a_dataclass(a: int, b: int, c: int, d: int) -> None:
    ours, theirs = (Point(a, b), Point(c, d)), (OraclePoint(a, b), OraclePoint(c, d))

    assert (ours[0] == ours[1]) is (theirs[0] == theirs[1])
    assert [hash(each) for each in ours] == [hash(each) for each in theirs]
    assert [f"Oracle{each!r}" for each in ours] == [repr(each) for each in theirs]


def test_fields_are_given_by_position_or_by_name_and_have_defaults() -> None:
    assert [Point(1), Point(1, 2), Point(x=1, y=2), Point(y=2, x=1)] == [
        Point(1, 0),
        *[Point(1, 2)] * 3,
    ]


@pytest.mark.parametrize(
    "make",
    [
        Point,
        lambda: Point(1, 2, 3),  # type: ignore[call-arg] # pyright: ignore[reportCallIssue]
        lambda: Point(1, z=2),  # type: ignore[call-arg] # pyright: ignore[reportCallIssue]
        lambda: Named("x"),  # type: ignore[call-arg] # pyright: ignore[reportCallIssue]
        lambda: Bare(1),  # type: ignore[call-arg] # pyright: ignore[reportCallIssue]
    ],
    ids=["missing", "too many", "unknown", "a keyword by position", "of none"],
)
def test_wrong_arguments_are_refused(make: Callable[..., object]) -> None:
    with pytest.raises(TypeError):
        make()


def test_a_record_has_the_fields_of_its_base_first() -> None:
    place = Place(at=Point(1), name="here")

    assert list(fields(Place)) == ["name", "at", "notes"]
    assert fields(Place)["at"] is MISSING
    assert as_dict(place) == {"name": "here", "at": Point(1), "notes": []}
    assert repr(place) == "Place(name='here', at=Point(x=1, y=0), notes=[])"


def test_a_record_differs_from_one_of_another_class_with_the_same_fields() -> None:
    assert Point(1, 2).__eq__(OraclePoint(1, 2)) is NotImplemented
    assert Named() != Place(at=Point(1))


def test_a_default_that_is_made_is_made_for_each() -> None:
    first, second = Place(at=Point(1)), Place(at=Point(1))
    first.notes.append("only here")

    assert (first.notes, second.notes) == (["only here"], [])
    assert Place(at=Point(1), notes=["given"]).notes == ["given"]


def test_a_frozen_record_refuses_change() -> None:
    point = Point(1)
    with pytest.raises(FrozenRecordError, match="cannot assign to field 'x'"):
        point.x = 2  # type: ignore[misc] # pyright: ignore[reportAttributeAccessIssue]
    with pytest.raises(FrozenRecordError, match="cannot delete field 'x'"):
        del point.x  # pyright: ignore[reportAttributeAccessIssue]
    assert point == Point(1)


def test_one_that_is_not_frozen_changes_and_has_no_hash() -> None:
    counter = Counter()
    counter.count += 1
    counter.seen.add(7)

    assert counter == Counter(1, {7})
    with pytest.raises(TypeError, match="unhashable"):
        hash(counter)


def test_without_eq_each_instance_is_itself_alone() -> None:
    one, other = Node(), Node()

    assert one != other
    assert len({one, other}) == len([one, other])


def test_no_attribute_but_the_fields_can_be_set() -> None:
    with pytest.raises(AttributeError):
        Counter().other = 1  # type: ignore[attr-defined] # pyright: ignore[reportAttributeAccessIssue]


def test_a_replaced_field_leaves_the_original_alone() -> None:
    point = Point(1, 2)

    assert (replace(point, y=3), point) == (Point(1, 3), Point(1, 2))


@pytest.mark.parametrize("again", [copy.copy, copy.deepcopy, _through_a_process])
def test_a_record_can_be_copied_and_handed_to_another_process(
    again: Callable[[object], object],
) -> None:
    for each in (Point(1, 2), Place(at=Point(1), notes=["a"]), Counter(1, {2}), Bare()):
        assert again(each) == each


def test_patterns_match_by_position() -> None:
    match Point(1, 2):
        case Point(x, 2):
            assert x == 1
        case _:
            pytest.fail("no match")


def test_a_record_that_caches_computes_once() -> None:
    square = Square(3)

    assert (square.area, square.area, square.__dict__) == (9, 9, {"area": 9})


def test_methods_that_a_class_wrote_itself_stand() -> None:
    assert Caseless("A") == Caseless("a")
    assert hash(Caseless("A")) == hash(Caseless("a"))


def test_an_empty_record_equals_every_other() -> None:
    assert (Bare(), hash(Bare()), repr(Bare())) == (Bare(), hash(Bare()), "Bare()")


def test_methods_are_compiled_with_the_first_instance() -> None:
    @record
    class Late:
        value: int

    before = Late.__init__
    Late(1)

    assert before is not Late.__init__
    assert before.__name__ == "first"
