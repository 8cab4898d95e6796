"""Pickles one after the other, as loaders read them."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ..facts import Call, Effect, ExtensionUse, Fact, Import, ItemsSet, StateSet
from ..limits import Budget, Exceeded
from ..source import Malformed, Source, Span
from ..values import Global
from . import arrays, tensors
from .blocks import Blocks
from .ledger import Ledger
from .machine import run
from .payloads import Payloads
from .state import State
from .walk import walk

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..format import Part
    from .objects import Object

MAX_FORKS = 1000  # raw arrays of one pickle that could also be read as opcodes


@dataclass(frozen=True, slots=True)
class _Fork:
    """What an unpickler that knows nothing of joblib does from an array on."""

    at: int  # where the array starts
    facts: list[Effect]


class Pickle:
    """One pickle at `start` of a source; after `read`, what is known of it."""

    def __init__(
        self, source: Source, start: int, budget: Budget, *, is_strict: bool, is_torch: bool = False
    ) -> None:
        """Prepare. `is_strict` refuses imports whose names do not look like names.

        `is_torch` reads persistent ids as torch's loader before 1.6 does, and runs the machine also
        where nothing can have an effect, for `result`.
        """
        self._is_torch = is_torch
        self._blocks, self._start, self._budget = Blocks(source), start, budget
        self._ledger, self._payloads = Ledger(source), Payloads(source)
        self._state = self._fresh(is_strict=is_strict)
        self._forks: list[_Fork] = []
        self.end = start  # offset after its STOP

    @property
    def result(self) -> Object:
        """What stood on the stack at STOP; None if nothing in it can have an effect."""
        return self._state.result

    @property
    def storages(self) -> dict[str, tuple[Object, Object]]:
        """The tensor storages that it names: key, type and count of elements."""
        return self._state.storages

    def read(self) -> Iterator[Fact | Part]:
        """Yield what loading the pickle would do, and what it holds.

        Raises:
            Malformed: No unpickler gets past some point; what was yielded would have happened.
            Exceeded: A bound was reached.
            OSError: The source could not fetch its bytes.
        """
        found = walk(self._blocks, self._start)
        if found.is_plain and not self._is_torch:
            self.end = found.end
            return
        error: Exception | None = None
        try:
            self.end = self._simulate(self._state, self._start)
        except (Malformed, Exceeded) as caught:
            error = caught
        self._compare_forks()
        yield from self._ledger.facts()
        yield from self._payloads.parts()
        if error is not None:
            raise error
        if tensors.MAKERS & self._ledger.callees:
            yield from tensors.named(self._state.result)

    def _fresh(self, *, is_strict: bool) -> State:
        state = State(self._blocks, self._ledger, self._payloads)
        state.is_strict = is_strict
        state.resolves_modules = self._is_torch
        return state

    def _simulate(self, state: State, start: int) -> int:
        at = start
        while True:
            at = run(state, at, self._budget)
            if state.wrapper is None:
                return at
            self._read_on_as_opcodes(state, at)
            at = self._skip_array(state, at)

    def _skip_array(self, state: State, at: int) -> int:
        wrapper = state.wrapper
        found = arrays.raw_array(wrapper.state if wrapper else None, at, self._blocks)
        if found is None:  # objects: a pickle of their own follows
            nested = self._fresh(is_strict=state.is_strict)
            return self._simulate_plainly(nested, at)
        if wrapper is not None:
            wrapper.items = arrays.values(found)
        return found.end

    def _simulate_plainly(self, state: State, start: int) -> int:
        """Run as an unpickler that knows nothing of joblib."""
        at = start
        while not state.is_stopped:
            at = run(state, at, self._budget)
        return at

    def _read_on_as_opcodes(self, state: State, at: int) -> None:
        """Follow what an unpickler other than joblib's would do with the bytes of an array."""
        try:
            if walk(self._blocks, at).is_plain:
                return
        except Malformed:
            return
        if len(self._forks) >= MAX_FORKS:
            raise Exceeded("forks", MAX_FORKS, "arrays that could be opcodes")
        ledger = Ledger(self._blocks.source)
        fork = State(self._blocks, ledger, self._payloads)
        fork.adopt(state)
        with suppress(Malformed):
            self._simulate_plainly(fork, at)
        facts = [fact for fact in ledger.facts() if isinstance(fact, Effect)]
        if any(_is_real(fact) for fact in facts):
            self._forks.append(_Fork(at, facts))

    def _compare_forks(self) -> None:
        """Note what other unpicklers would do with the bytes of arrays, but joblib's would not."""
        for fork in self._forks:
            more = [fact for fact in fork.facts if not self._ledger.covers(fact)]
            if any(_is_real(fact) for fact in more):
                detail = "what joblib reads as an array, other unpicklers run as opcodes"
                self._ledger.conflict(Span(fork.at, 0), detail)
                self._ledger.include(more)


def _is_real(fact: Effect) -> bool:
    """Whether an effect of bytes that may be numbers is more than chance."""
    match fact:
        case Import() | ExtensionUse() | Call(callee=Global()):
            return True
        case StateSet(target=Global()) | ItemsSet(target=Global()):
            return True
        case _:
            return False
