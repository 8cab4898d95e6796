"""The file that tells every tensor by its values."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aibom.weights import Fingerprint, Leaf, Weights
from aibom.weights import sidecar as module
from aibom.weights.canonical import PACKINGS
from aibom.weights.fingerprint import distinct
from aibom.weights.sidecar import SidecarError, read, write


def leaf(number: int) -> Leaf:
    return Leaf(f"{number:064x}", "F32", 3, 12, number % 2 == 0)


ONE = Weights(
    (
        Fingerprint("a\x7f\u202e.pt", (leaf(1), leaf(2)), 24),
        Fingerprint("b", (leaf(2),), 12, 5, (("no canonical data type", 2), ("other", 1))),
        Fingerprint("c", (), 0, 7, (("other", 1),)),
    )
)


def test_comes_back_as_it_was_written_in_plain_ascii() -> None:
    data = write(ONE)
    assert read(data) == ONE
    assert all(32 <= byte < 127 or byte == 10 for byte in data)
    assert read(write(Weights(()))) == Weights(())


def test_is_one_line_a_leaf() -> None:
    assert write(Weights(ONE.files[1:2])).decode().splitlines()[3:] == [
        f'   ["{2:064x}", "F32", 3, true]',
        "  ]}",
        " ]}",
    ]


def made(digest: bytes, dtype: str, blocks: int, *, told: bool) -> Leaf:
    packing = PACKINGS[dtype]
    return Leaf(digest.hex(), dtype, blocks * packing.elements, blocks * packing.length, told)


leaves = st.builds(
    made,
    st.binary(min_size=32, max_size=32),
    st.sampled_from(sorted(PACKINGS)),
    st.integers(1, 1000),
    told=st.booleans(),
)


@settings(max_examples=50, deadline=None)
@given(
    st.dictionaries(
        st.text(st.characters(exclude_categories=["Cs"]), max_size=9),
        st.lists(leaves, max_size=4, unique_by=lambda each: each.digest),
        max_size=4,
    )
)
def test_whatever_is_written_comes_back(files: dict[str, list[Leaf]]) -> None:
    found = Weights(tuple(Fingerprint(path, distinct(files[path]), 7) for path in sorted(files)))
    assert read(write(found)) == found


def test_too_many_leaves_are_refused_before_they_are_written(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(module, "MOST", 2)
    with pytest.raises(SidecarError, match="3 different tensors, 2 can be named by fingerprints"):
        write(ONE)


LEAF: list[Any] = [f"{1:064x}", "F32", 3, False]
CHANGES: dict[str, Any] = {
    "another schema": {"$schema": "urn:x"},
    "another algorithm": {"algorithm": "sha256"},
    "another form": {"leaf": "aibom:tensor:2"},
    "one key more": {"more": 1},
    "another root": {"root": "0" * 64},
    "no list of files": {"files": {}},
    "a file that is none": {"files": [1]},
}
FILE_CHANGES: dict[str, Any] = {
    "no text for a path": {"path": 1},
    "a negative count": {"covered": -1},
    "a truth value for a count": {"uncovered": True},
    "no object of reasons": {"without": []},
    "a text for a count of a reason": {"without": {"x": "1"}},
    "reasons out of order": {"without": {"y": 1, "x": 1}},
    "no list of leaves": {"leaves": {}},
    "leaves twice": {"leaves": [LEAF, LEAF]},
    "a key more": {"x": 1},
}
LEAF_CHANGES: dict[str, Any] = {
    "no list": "x",
    "three parts": LEAF[:3],
    "a number for a digest": [1, *LEAF[1:]],
    "a short digest": ["00", *LEAF[1:]],
    "a list for a type": [LEAF[0], [], 3, False],
    "an unknown type": [LEAF[0], "U5", 3, False],
    "no elements": [LEAF[0], "F32", 0, False],
    "part of a block": [LEAF[0], "Q4_0", 31, False],
    "too many elements": [LEAF[0], "F32", 1 << 63, False],
    "a number for a truth": [LEAF[0], "F32", 3, 0],
}


def leaf_of(parts: list[Any]) -> Leaf:
    digest, dtype, elements, is_telling = parts
    return Leaf(digest, dtype, elements, 12, is_telling)


def changed(document: Any = None, file: Any = None, leaf: Any = None) -> bytes:  # noqa: ANN401
    found: Any = json.loads(write(Weights((Fingerprint("a", (leaf_of(LEAF),), 12),))))
    found["files"][0] |= file or {}
    if leaf is not None:
        found["files"][0]["leaves"] = [leaf]
    return json.dumps(found | (document or {})).encode()


@pytest.mark.parametrize(
    "data",
    [
        b"{", b"[]", b'{"a": 1, "a": 1}',
        *(changed(document=each) for each in CHANGES.values()),
        *(changed(file=each) for each in FILE_CHANGES.values()),
        *(changed(leaf=each) for each in LEAF_CHANGES.values()),
    ],
    ids=["no JSON", "a list", "a key twice", *CHANGES, *FILE_CHANGES, *LEAF_CHANGES],
)  # fmt: skip
def test_nothing_else_is_believed(data: bytes) -> None:
    read(changed())
    with pytest.raises(SidecarError, match="this is no file of fingerprints"):
        read(data)


json_ = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=5), inner, max_size=4)
    ),
    max_leaves=10,
)


@settings(max_examples=100, deadline=None)
@given(json_, st.sampled_from(["files", "file", "leaf"]))
def test_hostile_json_is_refused_alone_by_our_error(value: Any, where: str) -> None:  # noqa: ANN401
    document = {"files": value} if where == "files" else None
    file = {"leaves": value} if where == "file" else None
    for data in (
        changed(document, file, value if where == "leaf" else None),
        json.dumps(value).encode(),
    ):
        try:
            read(data)
        except SidecarError:
            continue
