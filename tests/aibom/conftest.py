"""A model that is to be signed, and a pair of keys."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.helpers.models import Keys, make_keys, write_model

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def keys(tmp_path: Path) -> Keys:
    return make_keys(tmp_path)


@pytest.fixture
def model(tmp_path: Path) -> Path:
    return write_model(tmp_path / "demo")
