"""Settings and fixtures of the whole test suite."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest
from hypothesis import settings

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.local_sigstore import LocalSigstore

# Shared machines stall: no deadline. Where CI is set, the same examples in every run.
settings.register_profile("local", deadline=None)
settings.register_profile("ci", deadline=None, derandomize=True, print_blob=True)
settings.load_profile("ci" if os.environ.get("CI") else "local")


@pytest.fixture(scope="session")
def sigstore() -> Iterator[LocalSigstore]:
    """A Sigstore on loopback, for all tests of a process; see tests/local_sigstore/README.md."""
    from tests.local_sigstore import LocalSigstore  # noqa: PLC0415 - few tests need it

    with LocalSigstore() as local:
        yield local
