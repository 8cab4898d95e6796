"""A workspace with a good and a bad model."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from fixtures.hostile import calling_pickle
from tests.helpers.models import write_model

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a workspace, in which the process is, with a good and a bad model."""
    workspace = tmp_path / "workspace"
    write_model(workspace / "clean")
    (workspace / "evil").mkdir()
    (workspace / "evil" / "model.pkl").write_bytes(calling_pickle("posix", "system"))
    monkeypatch.chdir(workspace)
    return workspace
