"""From a folder or file to a report: open, hash, have it parsed behind the wall, judge."""

from __future__ import annotations

import hashlib
import os
import stat
import threading
from contextlib import closing, nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from . import folder
from .errors import IsolationError, TargetError
from .first_bytes import checked
from .folder import Entry, Found
from .parallel import Cancelled, Threads, cores, spread
from .report import Ignored, Isolation, Origin, Report
from .sandbox import DEFAULT_LIMITS, start_sandbox
from .scanners import judge
from .scanners.artifact import Artifact, Target
from .scanners.codec import BadShape, decode
from .scanners.digest import SHA256, digests
from .scanners.facts import Fact, Reason, Reference, Refers, Unread, shorten
from .scanners.isolate import Done, InProcess, Lost, Sandbox
from .scanners.job import job
from .scanners.limits import MIB
from .scanners.record import replace
from .scanners.source import FileSource
from .version import VERSION

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from typing import TypeAlias

    from .cache import Cache
    from .scanners.digest import Hear
    from .scanners.limits import Limits
    from .weights.collect import Collector
    from .weights.fingerprint import Weights

    Hashed: TypeAlias = tuple[tuple[tuple[str, str], ...], tuple[Unread, ...]]  # digests, faults

SMALL = MIB // 4  # bytes; hashing less costs less than a second thread
AT_ONCE = 64  # small files that are read before the other cores are worth waking

REASONS = {  # why a locked child gave no answer -> why its file counts as unread
    "timeout": Reason.TIMEOUT,
    "cpu": Reason.TIMEOUT,
    "memory": Reason.MEMORY,
    "violation": Reason.VIOLATION,
    "protocol": Reason.PROTOCOL,
    "unavailable": Reason.UNAVAILABLE,
}


class Progress(Protocol):
    """Who wants to know how far a scan is."""

    def advance(self, count: int) -> None:
        """Hear that `count` more bytes were hashed; called from several threads."""
        ...


class Silent:
    """A progress that nobody watches."""

    def advance(self, count: int) -> None:
        """Do nothing."""


def scan_target(  # noqa: PLR0913 - each is one independent choice with a safe default
    path: str | os.PathLike[str],
    *,
    limits: Limits = DEFAULT_LIMITS,
    sandbox: Sandbox | InProcess | None = None,
    require_lock: bool = False,
    jobs: int = 0,
    algorithms: tuple[str, ...] = (SHA256,),
    progress: Progress | None = None,
    name: str | None = None,
    fingerprints: bool = False,
    cache: Cache | None = None,
) -> Report:
    """Read the folder or file at `path` without loading it, and judge what it would do.

    Args:
        path: A folder, with everything below it, or one file.
        limits: How much each file may cost.
        sandbox: The process that parses; by default one is started and ended here.
        require_lock: Refuse to parse unless files, network and processes are shut.
        jobs: Files that are worked on at the same time; by default one for each core.
        algorithms: Digests to take, named as in `hashlib`.
        progress: Told of every chunk that is hashed.
        name: Of the model, in the results; by default that of its folder or file.
        fingerprints: Whether to tell each tensor by its values as well (docs/fingerprints.md).
        cache: What was read before, within the same `limits`; used only where parsers can be locked
            in whole.

    Raises:
        TargetError: There is nothing to scan at `path`, or the cache lies there.
        IsolationError: `require_lock` asks for more than this machine has.
        ValueError: `jobs` is negative, `hashlib` has no such algorithm, or the cache other limits.
    """
    _check_choices(jobs, algorithms)
    if cache is not None:
        cache.refuse_inside(path)
        if cache.limits != limits:
            raise ValueError("the cache was made for other limits than those of the scan")
    with nullcontext(sandbox) if sandbox else start_sandbox(limits) as parsers:
        own_name, is_folder, entries = open_target(os.fsdecode(path))
        root = _identity(path)
        with closing(_Reader(parsers, limits, algorithms, progress or Silent())) as reader:
            if fingerprints:
                reader.take_leaves()
            isolation = _isolation(parsers, reader.domain, require_lock=require_lock)
            reader.cache = cache if isolation.is_full else None
            artifacts, ignored = _read_all(entries, reader, jobs or cores())
            weights = reader.weights(path)
    target = _sorted(artifacts, path)
    return Report(
        name=name or own_name,
        is_folder=is_folder,
        target=target,
        findings=tuple(judge.judge(target)),
        isolation=isolation,
        tool_version=VERSION,
        ignored=tuple(ignored),
        origin=Origin(root, reader.stamps),
        weights=weights,
    )


def _identity(path: str | os.PathLike[str]) -> tuple[int, int]:
    """Return device and inode of the target, which was there a moment ago."""
    shown = folder.readable(os.fsdecode(path))
    try:
        seen = Path(os.fsdecode(path)).stat()
    except OSError as error:
        raise TargetError(f"{shown}: cannot be opened: {folder.reason(error)}.") from error
    return seen.st_dev, seen.st_ino


def _sorted(artifacts: list[Artifact], path: str | os.PathLike[str]) -> Target:
    if not artifacts:
        raise TargetError(f"{os.fspath(path)}: there is no file in this folder, nothing to scan.")
    return Target(tuple(sorted(artifacts, key=lambda artifact: artifact.path)))


def _check_choices(jobs: int, algorithms: tuple[str, ...]) -> None:
    if jobs < 0:
        raise ValueError(f"jobs is {jobs}, there is no such number of jobs; 0 is one for each core")
    for algorithm in algorithms:
        if algorithm not in hashlib.algorithms_available:
            raise ValueError(f"there is no such algorithm as {algorithm!r} in hashlib")


def open_target(path: str | os.PathLike[str]) -> tuple[str, bool, Iterable[Entry]]:
    """Return the target's name, whether it is a folder, and its entries, opened one by one.

    Raises:
        TargetError: It does not exist, or is neither a folder nor a regular file.
    """
    shown = folder.readable(os.fspath(path))
    try:
        mode = Path(path).stat().st_mode
        name = folder.readable(Path(os.path.abspath(path)).name) or "root"  # noqa: PTH100 - resolve() would follow links
        if stat.S_ISDIR(mode):
            with os.scandir(path):  # fails here, not in the middle of the walk
                return name, True, folder.walk(path)
        entry = folder.open_file(path, name)
    except FileNotFoundError as error:
        what = "a link to nowhere" if Path(path).is_symlink() else "no such file or folder"
        raise TargetError(f"{shown}: {what}.") from error
    except OSError as error:
        raise TargetError(f"{shown}: cannot be opened: {folder.reason(error)}.") from error
    except ValueError as error:  # a NUL in the path
        raise TargetError(f"{shown!r}: cannot be opened: this is no path.") from error
    if entry.found is not Found.FILE:
        raise TargetError(f"{shown}: this is {entry.detail}. Give a folder or a regular file.")
    return name, False, [entry]


def _isolation(sandbox: Sandbox | InProcess, domain: object, *, require_lock: bool) -> Isolation:
    if isinstance(sandbox, InProcess):
        isolation = Isolation("none")
    else:
        lock = sandbox.locked(domain=domain)
        isolation = Isolation("locked", tuple(lock["shut"]), tuple(lock["worn"]))
    if require_lock and not isolation.is_full:
        shut = ", ".join(isolation.shut) or "nothing"
        raise IsolationError(
            f"--require-lock: parsers must have files, network and processes shut, here {shut} is. "
            "Run `aibom scan` on Linux 5.13 or newer with seccomp, or without --require-lock."
        )
    return isolation


# --- Reading --------------------------------------------------------------------------------------


def _read_all(
    entries: Iterable[Entry], reader: _Reader, workers: int
) -> tuple[list[Artifact], list[Ignored]]:
    """Read every entry, `workers` at a time; a small target is read without threads."""
    artifacts: list[Artifact] = []
    ignored: list[Ignored] = []

    def to_read() -> Iterator[Entry]:
        for entry in entries:
            if entry.found is Found.SKIPPED:
                ignored.append(Ignored(entry.name, entry.detail))
            else:
                yield entry

    def here(entry: Entry) -> bool:
        return entry.size <= SMALL and len(artifacts) < AT_ONCE

    with Threads(workers) as hashers:
        reader.hash_with(hashers)
        found = spread(
            reader.read,
            to_read(),
            workers=workers,
            here=here,
            discard=Entry.close,
            stop=reader.cancel,
        )
        for artifact in found:
            artifacts.append(artifact)  # noqa: PERF402 - `here` looks at how many there are
    return artifacts, ignored


class _Reader:
    """Turns entries into artifacts; used by several threads at once."""

    def __init__(
        self,
        sandbox: Sandbox | InProcess,
        limits: Limits,
        algorithms: tuple[str, ...],
        progress: Progress,
    ) -> None:
        self._sandbox, self._limits = sandbox, limits
        self._algorithms, self._progress = algorithms, progress
        self._hashers: Threads | None = None
        self._leaves: Collector | None = None
        self._cancelled = threading.Event()
        self.stamps: dict[str, tuple[int, ...]] = {}
        self.cache: Cache | None = None
        self.domain = object()  # no child that read this target reads another one

    def close(self) -> None:
        """End the parsers of this target."""
        if isinstance(self._sandbox, Sandbox):
            self._sandbox.forget(self.domain)

    def hash_with(self, hashers: Threads) -> None:
        """Hash large files on threads of `hashers`, while they are parsed."""
        self._hashers = hashers

    def take_leaves(self) -> None:
        """Tell tensors by their values, too."""
        from .weights.collect import Collector  # noqa: PLC0415 - a scan alone does without

        self._leaves = Collector(self._advance)

    def weights(self, path: str | os.PathLike[str]) -> Weights | None:
        """Return what was told of the tensors of the target at `path`, if that was asked."""
        if self._leaves is None:
            return None
        return self._leaves.finish(lambda: open_target(path)[2], self.stamps)

    def cancel(self) -> None:
        """Make every hashing thread stop at its next chunk, and end the parsers."""
        self._cancelled.set()
        if isinstance(self._sandbox, Sandbox):
            self._sandbox.close()

    def read(self, entry: Entry) -> Artifact:
        """Return the artifact of one entry, and close it."""
        if entry.found is not Found.FILE:
            return Artifact((entry.name,), 0, facts=tuple(_facts_without_bytes(entry)))
        try:
            return self._read_file(entry)
        finally:
            entry.close()

    def _read_file(self, entry: Entry) -> Artifact:
        path = (shorten(entry.name),)
        if entry.size > self._limits.file_bytes:
            most = self._limits.file_bytes
            detail = f"{entry.size} bytes, more than the limit file_bytes = {most}"
            return Artifact(path, entry.size, facts=(_unread(Reason.LIMIT, detail),))
        self.stamps[entry.name] = before = entry.stamp
        listener = self._leaves.listen(entry) if self._leaves else None
        hashing = self._start_hashing(entry, listener.hear if listener else None)
        recalled = self.cache.recall(entry, path, hashing()[0]) if self.cache else None
        parsed = recalled or self._parse(entry, path)
        if listener:
            listener.locate(parsed)
        found, problems = hashing()
        if listener:
            listener.end()
        if entry.stamp != before:
            problems = (_unread(Reason.CHANGED, "the file changed while it was read"),)
        if listener and problems:
            listener.forget()
        facts = (*parsed.facts, *problems)
        artifact = replace(parsed, digests=() if problems else found, facts=facts)
        if self.cache and not recalled:
            self.cache.keep(artifact)
        return artifact

    def _start_hashing(self, entry: Entry, hear: Hear | None) -> Callable[[], Hashed]:
        """Hash small files at once, others on a thread; return how to get the result."""
        if entry.size > SMALL and self._hashers is not None:
            return self._hashers.submit(lambda each: self._hash(each, hear), entry).result
        result = self._hash(entry, hear)
        return lambda: result

    def _hash(self, entry: Entry, hear: Hear | None) -> Hashed:
        try:
            return digests(entry.fd, entry.size, self._algorithms, self._advance, hear), ()
        except OSError as error:
            return (), (_unread(Reason.DENIED, f"cannot be read: {folder.reason(error)}"),)

    def _advance(self, count: int) -> None:
        if self._cancelled.is_set():
            raise Cancelled
        self._progress.advance(count)

    def _parse(self, entry: Entry, path: tuple[str, ...]) -> Artifact:
        """Have the file dissected behind the wall; believe the answer only as far as it goes."""
        source = FileSource(entry.fd, entry.size)
        outcome = self._sandbox.run(job(path, self._limits), source, domain=self.domain)
        try:
            if isinstance(outcome, Done):
                return checked(decode(outcome.value, path=path, size=entry.size), source)
        except BadShape as error:
            outcome = Lost("protocol", str(error))
        reason = REASONS.get(outcome.why, Reason.CRASHED)
        detail = f"the parser gave no answer ({outcome.why})"
        detail += f": {outcome.detail}" if outcome.detail else ""
        return Artifact(path, entry.size, facts=(_unread(reason, detail),))


def _unread(reason: Reason, detail: str) -> Unread:
    return Unread(reason=reason, detail=shorten(detail))


def _facts_without_bytes(entry: Entry) -> Iterator[Fact]:
    """Yield what is to be said of a path that is no readable file."""
    match entry.found:
        case Found.SYMLINK:
            target = shorten(entry.detail)
            yield Reference(kind=Refers.LINK, key="symbolic link", target=target)
            if leaves(entry.name, entry.detail):
                detail = (
                    f"a symbolic link out of the folder, to {target}: not followed. Scan the "
                    "folder that holds both, or a copy with files in place of links (cp -rL)"
                )
                yield _unread(Reason.LINK, detail)
        case Found.SPECIAL:
            yield _unread(Reason.NOT_A_FILE, f"{entry.detail}: not opened")
        case Found.VANISHED:
            yield _unread(Reason.CHANGED, "vanished while the folder was read")
        case _:
            yield _unread(Reason.DENIED, f"cannot be opened: {entry.detail}")


def leaves(name: str, target: str) -> bool:
    """Whether the link at `name` (relative, "/" between folders) leads out of its root.

    Decided by the text of the link alone: what it resolves to can change at any time.
    """
    target = target.replace("\\", "/")
    if target.startswith("/") or target[1:2] == ":":  # a drive
        return True
    depth = name.count("/")
    for component in target.split("/"):
        depth += -1 if component == ".." else 0 if component in {"", "."} else 1
        if depth < 0:
            return True
    return False
