"""Models of LightGBM as text."""

from __future__ import annotations

import pytest

from aibom.scanners.facts import Metadata
from aibom.scanners.format import Match
from aibom.scanners.formats import lightgbm
from aibom.scanners.formats.lightgbm import FORMAT
from aibom.scanners.source import Malformed
from tests.helpers.checkout import ROOT
from tests.helpers.reading import damage, facts, read, recognised

# Written by LightGBM 4.7.0: one round of training on twenty rows.
MODEL = (ROOT / "tests/data/real/lightgbm.txt").read_bytes()


def test_tells_the_header(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lightgbm, "BLOCK", 100)
    assert [(each.key, each.value) for each in facts(FORMAT, MODEL, Metadata)] == [
        ("lightgbm.version", "v4"),
        ("lightgbm.num_class", "1"),
        ("lightgbm.max_feature_idx", "1"),
        ("lightgbm.objective", "binary sigmoid:1"),
        ("lightgbm.feature_names", "Column_0 Column_1"),
    ]
    assert recognised(FORMAT, MODEL) is Match.CERTAIN
    assert recognised(FORMAT, b"tree of life") is Match.NO


def test_a_cut_is_malformed() -> None:
    with pytest.raises(Malformed):
        read(FORMAT, MODEL.partition(b"end of trees")[0])


def test_damage_is_malformed_and_nothing_else() -> None:
    damage(FORMAT, MODEL)
