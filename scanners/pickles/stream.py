"""Pickles one after the other, as loaders read them."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

from ..facts import Call, ExtensionUse, Fact, Import, ItemsSet, StateSet
from ..limits import Budget, Exceeded
from ..record import record
from ..source import Malformed, Source, Span
from ..values import Global
from . import arrays, rest, tensors
from .blocks import Blocks
from .ledger import Ledger
from .machine import run
from .payloads import Payloads
from .state import State
from .walk import walk

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..format import Part
    from .objects import Obj, Object

LOOKED_AT = 4096  # bytes of an array; where more of them are opcodes, they are run
ADDS = frozenset(b"aesu\x90")  # APPEND, APPENDS, SETITEM, SETITEMS, ADDITEMS
MAX_FORKS = 1000  # raw arrays of one pickle that could also be read as opcodes


@record
class _Fork:
    """What an unpickler that knows nothing of joblib does from an array on."""

    at: int  # where the array starts
    ledger: Ledger


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
        walked = walk(self._blocks, self._start)
        if walked.is_plain and not self._is_torch:
            self.end = walked.end
            return
        error: Exception | None = None
        try:
            self.end = self._simulate(self._state, self._start)
        except (Malformed, Exceeded) as caught:
            error = caught
        self._compare_forks()
        yield from self._ledger.facts()
        yield from self._payloads.parts(self._budget)
        if isinstance(error, Exceeded) and error.limit != "seconds":
            found = rest.imports(self._blocks, self._start, self._budget)
            yield from (each for each in found if not self._ledger.holds_import(each))
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
            at = self._skip_array(state, state.wrapper, at)

    def _skip_array(self, state: State, wrapper: Obj, at: int) -> int:
        try:
            found = arrays.raw_array(wrapper.state, at, self._blocks)
        except arrays.UnclearError as error:
            detail = f"where joblib reads on after an array is not clear: {error}"
            self._ledger.conflict(Span(at, 0), detail)
            raise Malformed("array", offset=at, why=str(error)) from error
        if found is None:  # objects: a pickle of their own follows
            nested = self._fresh(is_strict=state.is_strict)
            return self._simulate_plainly(nested, at)
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
        if not self._may_act(at):
            return
        if len(self._forks) >= MAX_FORKS:
            raise Exceeded("forks", MAX_FORKS, "arrays that could be opcodes")
        ledger = Ledger(self._blocks.source)
        fork = State(self._blocks, ledger, self._payloads)
        fork.adopt(state)
        with suppress(Malformed):
            self._simulate_plainly(fork, at)
        if any(_is_real(fact) for fact in ledger.facts()):
            self._forks.append(_Fork(at, ledger))

    def _may_act(self, at: int) -> bool:
        """Whether bytes, read as opcodes, may do more than move values; in arrays they seldom do.

        On the stack and in the memo are imports: unlike in a walk, adding items may be an effect.
        """
        try:
            found = walk(self._blocks, at)
        except Malformed as error:
            end, is_plain = error.offset, True
        else:
            end, is_plain = found.end, found.is_plain
        length = min(end - at, LOOKED_AT)
        passed = self._blocks.source.read_at(at, length)
        return not is_plain or length < end - at or not ADDS.isdisjoint(passed)

    def _compare_forks(self) -> None:
        """Note what other unpicklers would do with the bytes of arrays, but joblib's would not."""
        for fork in self._forks:
            more = fork.ledger.beyond(self._ledger)
            if any(_is_real(entry.fact) for entry in more):
                detail = "what joblib reads as an array, other unpicklers run as opcodes"
                self._ledger.conflict(Span(fork.at, 0), detail)
                self._ledger.include(more)


def _is_real(fact: Fact) -> bool:
    """Whether an effect of bytes that may be numbers is more than chance."""
    match fact:
        case Import() | ExtensionUse() | Call(callee=Global()):
            return True
        case StateSet(target=Global()) | ItemsSet(target=Global()):
            return True
        case _:
            return False
