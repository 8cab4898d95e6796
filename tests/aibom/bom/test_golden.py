"""Real models out of public packages give the BOMs that were checked by hand, byte by byte.

What was checked against which document of the package: docs/bom-examples.md.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from aibom.bom.lint import lint
from tools.golden_boms import MODELS, NotFetched, bom_of, golden, wheels

from .examples import faults

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(scope="module")
def packages() -> Path:
    try:
        return wheels()
    except NotFetched as why:
        pytest.skip(f"the models' packages are not here: {why}")


@pytest.mark.parametrize("name", MODELS)
def test_a_real_model_gives_the_bom_that_was_checked_by_hand(name: str, packages: Path) -> None:
    assert bom_of(name, packages).decode() == golden(name).read_text(encoding="utf-8")


@pytest.mark.parametrize("name", MODELS)
def test_a_checked_bom_is_valid(name: str) -> None:
    raw = golden(name).read_bytes()
    assert faults(raw, "1.7") == []
    assert lint(raw).problems == ()
