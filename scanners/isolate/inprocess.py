"""The interface of `Sandbox` without a wall, for an explicit ``--no-isolation``."""

from __future__ import annotations

import importlib
from types import MappingProxyType, TracebackType
from typing import TYPE_CHECKING, Self

from ..source import BytesSource, Source
from .conversation import verdict
from .outcome import (
    DEFAULT_BOUNDS,
    DEFAULT_TARGET,
    JSON,
    Bounds,
    Handler,
    Lock,
    Lost,
    Outcome,
    Wanted,
)
from .serve import answer, resolve

if TYPE_CHECKING:
    from collections.abc import Mapping


class InProcess:
    """Run jobs in this very process: nothing is locked, and no time or memory is bounded.

    Errors become the same `Lost` as in a child, and answers pass the same strict decoder.
    """

    def __init__(
        self,
        target: str = DEFAULT_TARGET,
        bounds: Bounds = DEFAULT_BOUNDS,
        *,
        kits: Mapping[str, str] = MappingProxyType({}),
    ) -> None:
        """Remember the handler ``module:function`` and the kits, name to module."""
        self._target, self._bounds, self._kits = target, bounds, dict(kits)

    def __enter__(self) -> Self:
        """Return this very object."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Do nothing: there is nothing to end."""

    def close(self) -> None:
        """Do nothing: there is nothing to end."""

    def locked(self) -> Lock:
        """Return that nothing is worn and nothing shut."""
        return {"worn": [], "shut": []}

    def run(self, job: JSON, source: Source | None = None, *, domain: object = None) -> Outcome:
        """Run the handler on one job; domains are not kept apart here."""
        del domain
        try:
            handler = resolve(self._target)
        except Exception as error:  # noqa: BLE001 - an import can raise anything
            return Lost("unavailable", f"{self._target}: {type(error).__name__}: {error}")
        loaded: set[str] = set()
        while True:  # each round loads one more kit of the table
            outcome = self._attempt(handler, job, source or BytesSource(b""))
            if not isinstance(outcome, Wanted):
                return outcome
            if outcome.kit not in self._kits or outcome.kit in loaded:
                return Lost("protocol", f"asked for the kit {outcome.kit!r}")
            try:
                importlib.import_module(self._kits[outcome.kit])
            except Exception as error:  # noqa: BLE001 - an import can raise anything
                return Lost("unavailable", f"kit {outcome.kit!r}: {type(error).__name__}: {error}")
            loaded.add(outcome.kit)

    def _attempt(self, handler: Handler, job: JSON, source: Source) -> Outcome | Wanted:
        return verdict(*answer(handler, job, source), self._bounds)
