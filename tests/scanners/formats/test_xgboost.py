"""Models of XGBoost in UBJSON."""

from __future__ import annotations

import pytest

from aibom.scanners.facts import Metadata, Unclaimed
from aibom.scanners.format import Match
from aibom.scanners.formats.xgboost import FORMAT
from aibom.scanners.source import Malformed, Span
from tests.helpers.checkout import ROOT
from tests.helpers.reading import damage, read, recognised

# Written by XGBoost 3.2.0: one round of training on twenty rows.
MODEL = (ROOT / "tests/data/real/xgboost.ubj").read_bytes()
HEAD = b"{L" + bytes(7) + b"\7version["


def test_a_model_is_read_to_its_end() -> None:
    found = read(FORMAT, MODEL, "m.ubj")
    assert [(each.key, each.value) for each in found if isinstance(each, Metadata)] == [
        ("xgboost.num_feature", "2"),
        ("xgboost.name", "gbtree"),
        ("xgboost.base_score", "[4.5E-1]"),
        ("xgboost.num_class", "0"),
        ("xgboost.num_target", "1"),
    ]
    assert recognised(FORMAT, MODEL) is Match.CERTAIN


def test_what_stands_behind_the_model_is_told() -> None:
    assert read(FORMAT, MODEL + b"more")[-1] == Unclaimed(at=Span(len(MODEL), 4))


@pytest.mark.parametrize(
    "data",
    [
        MODEL[:-1],
        HEAD + b"x]}",
        HEAD + b"[" * 60,
        HEAD + b"[$d#L" + b"\x7f" + bytes(7),
        HEAD + b"[$dx",
        HEAD + b"Si\xff]}",
        HEAD + b"SZ]}",
    ],
    ids=["cut", "marker", "depth", "count", "kind", "length", "number"],
)
def test_what_is_no_ubjson_is_malformed(data: bytes) -> None:
    with pytest.raises(Malformed):
        read(FORMAT, data)


def test_lists_and_objects_of_one_kind_are_read() -> None:
    data = HEAD + b"i\1#]"
    with pytest.raises(Malformed):
        read(FORMAT, data)
    assert read(FORMAT, HEAD + b"[#i\2TF{#i\1i\1aC.{$Z#i\1i\1b]}") == []


def test_damage_is_malformed_and_nothing_else() -> None:
    damage(FORMAT, MODEL)
