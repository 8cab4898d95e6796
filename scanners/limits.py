"""How much one scanned file may cost, and the account that is kept while it is read."""

from __future__ import annotations

import time

from .record import record

KIB, MIB, GIB = 1 << 10, 1 << 20, 1 << 30
SHARED_FLOOR = 1 * MIB  # bytes that members may claim together whatever the file's length


@record
class Limits:
    """Bounds on the work that one file may cause; passed down unchanged to every parser.

    Reaching one is never silence: the rest of the file becomes an `Unread` fact, and the scan is
    incomplete.
    """

    file_bytes: int = 256 * GIB  # a larger file is neither hashed nor read
    total_bytes: int = 64 * GIB  # expanded bytes of all members of a file together
    members: int = 200_000  # archive members of a file, at all depths together
    depth: int = 8  # archives inside archives
    ratio: int = 200  # expanded bytes for each compressed byte of one member ...
    ratio_floor: int = 32 * MIB  # ... which is not looked at below this many expanded bytes
    ratio_total: int = 1 * GIB  # from here on `ratio` holds for the file as a whole, too
    seconds: int = 300  # processor time for one file
    facts: int = 100_000  # facts of one file, members included
    text: int = 64 * MIB  # bytes of a document that must be held in memory (JSON, a template)


class Exceeded(Exception):  # noqa: N818 - it names what happened to the file, not a fault of ours
    """A bound of `Limits` was reached."""

    def __init__(self, limit: str, allowed: int, what: str) -> None:
        """Name the limit, its value, and what reached it."""
        super().__init__(f"{what}: more than the limit {limit} = {allowed}")
        self.limit = limit


class Budget:
    """What is left of `Limits` while one file, with all its members, is being read."""

    def __init__(self, limits: Limits) -> None:
        """Start with nothing spent; the clock of processor time starts now."""
        self.limits = limits
        self._bytes = self._members = self._facts = self._shared = 0
        self._size: int | None = None  # bytes of the whole file
        self._deadline = time.process_time() + limits.seconds

    def open(self, size: int) -> None:
        """Say how long the file is, in bytes. Later calls, for its members, change nothing."""
        if self._size is None:
            self._size = size

    def expand(self, count: int, *, compressed: int, produced: int) -> None:
        """Account for `count` more expanded bytes of a member.

        `compressed` is the member's compressed length and `produced` all that came out of it so
        far, both in bytes.

        Raises:
            Exceeded: The total, the ratio or the time is used up.
        """
        self._bytes += count
        if self._bytes > self.limits.total_bytes:
            raise Exceeded("total_bytes", self.limits.total_bytes, "expanded members")
        if self._size is not None and self._bytes > self.limits.ratio_total:
            self._check_ratio(self._size, self._bytes)
        if produced > self.limits.ratio_floor:
            self._check_ratio(compressed, produced)
        self.check_time()

    def _check_ratio(self, compressed: int, produced: int) -> None:
        if produced > compressed * self.limits.ratio:
            what = f"{compressed} compressed bytes expand to {produced} or more"
            raise Exceeded("ratio", self.limits.ratio, what)

    def member(self) -> None:
        """Account for one more archive member. Raises `Exceeded` when there are too many."""
        self._members += 1
        if self._members > self.limits.members:
            raise Exceeded("members", self.limits.members, "archive members")

    def shared(self, count: int) -> None:
        """Account for `count` bytes of an archive that a further member claims, too.

        Raises:
            Exceeded: Together these are more than the whole file has; honest archives have none.
        """
        self._shared += count
        most = (self._size or 0) + SHARED_FLOOR
        if self._shared > most:
            raise Exceeded("shared", most, "bytes that several members claim")

    def fact(self) -> None:
        """Account for one more fact. Raises `Exceeded` when there are too many."""
        self._facts += 1
        if self._facts > self.limits.facts:
            raise Exceeded("facts", self.limits.facts, "facts")

    def document(self, length: int) -> None:
        """Ask to hold a document of `length` bytes in memory. Raises `Exceeded` if too long."""
        if length > self.limits.text:
            raise Exceeded("text", self.limits.text, f"a document of {length} bytes")

    def check_time(self) -> None:
        """Raise `Exceeded` when the processor time is used up; cheap enough for inner loops."""
        if time.process_time() > self._deadline:
            raise Exceeded("seconds", self.limits.seconds, "processor time")
