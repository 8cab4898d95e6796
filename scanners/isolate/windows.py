"""Children on Windows, where nothing can be forked: one new program each, in a Job Object.

NOT RUN on Windows so far; written from the documentation of the Win32 API. The Job Object bounds a
child's memory, lets it start no process, and ends it with the host. Files, network and other
processes of the same user stay open to it: the report says so, because it comes from trials. The
bound on processor time does not hold here, the one on time does.
"""

from __future__ import annotations

import contextlib
import ctypes
import importlib
import json
import os
import struct
import subprocess
import sys
import threading
import time
from typing import TYPE_CHECKING, Final

from ..record import as_dict
from . import trials, wire
from .conversation import Child
from .launch import search_path
from .outcome import JSON, Bounds, Lost, Unavailable
from .serve import resolve, serve

if TYPE_CHECKING:
    from collections.abc import Generator, Mapping

_BOOT = (
    "import sys, json; path, settings = map(json.loads, sys.argv[1:]); sys.path[:] = path; "
    f"from {__package__} import windows; windows.boot(settings)"
)
_NO_WINDOW: Final = 0x0800_0000  # CREATE_NO_WINDOW
_EXTENDED_LIMITS: Final = 9  # JobObjectExtendedLimitInformation
_ACTIVE_PROCESS, _DIE_ON_FAULT = 0x8, 0x400
_PROCESS_MEMORY, _KILL_ON_CLOSE = 0x100, 0x2000
_ALL_OF_A_JOB_NEEDS: Final = 0x0101  # PROCESS_TERMINATE | PROCESS_SET_QUOTA
_PROCESS_TERMINATE: Final = 1
_ACCESS_DENIED: Final = 5
_LIMITS = struct.Struct("qqIxxxxQQIxxxxQII6Q4Q")  # JOBOBJECT_EXTENDED_LIMIT_INFORMATION, 64-bit
_LAST_BREATH: Final = 1.0  # seconds from the end of a child's pipe to its own
_CHUNK: Final = 1 << 20  # bytes of one write or read


def limits_record(memory: int) -> bytes:
    """Return the limits of a Job Object: `memory` bytes, one process, and death with its handle."""
    flags = _ACTIVE_PROCESS | _DIE_ON_FAULT | _PROCESS_MEMORY | _KILL_ON_CLOSE
    basic = (0, 0, flags, 0, 0, 1, 0, 0, 0)
    return _LIMITS.pack(*basic, *[0] * 6, memory, 0, 0, 0)


def _kernel() -> ctypes.CDLL:
    kernel = ctypes.CDLL("kernel32", use_last_error=True)  # 64-bit: one calling convention
    for name in ("CreateJobObjectW", "OpenProcess"):
        getattr(kernel, name).restype = ctypes.c_void_p
    return kernel


def _checked(result: int | None, what: str) -> int:
    if not result:
        raise OSError(f"{what} failed")
    return result


def job_object(pid: int, memory: int) -> int:
    """Put a process under a new Job Object and return the handle that keeps it alive."""
    kernel = _kernel()
    job = _checked(kernel.CreateJobObjectW(None, None), "CreateJobObject")
    record = limits_record(memory)
    handle = ctypes.c_void_p(job)
    done = kernel.SetInformationJobObject(handle, _EXTENDED_LIMITS, record, len(record))
    _checked(done, "SetInformationJobObject")
    process = ctypes.c_void_p(
        _checked(kernel.OpenProcess(_ALL_OF_A_JOB_NEEDS, 0, pid), "OpenProcess")
    )
    done = kernel.AssignProcessToJobObject(handle, process)
    kernel.CloseHandle(process)
    _checked(done, "AssignProcessToJobObject")
    return job


class Pipe:
    """Frames over two pipes. Nothing can poll them: `expire` is called at a deadline instead."""

    def __init__(self, reading: int, writing: int, process: subprocess.Popen[bytes] | None) -> None:
        """Own two descriptors; at a deadline `process` is killed, which ends every read."""
        self._reading, self._writing, self._process = reading, writing, process
        self._open = True

    @contextlib.contextmanager
    def _until(self, deadline: float | None) -> Generator[None]:
        if deadline is None or self._process is None:
            yield
            return
        timer = threading.Timer(max(0.0, deadline - time.monotonic()), self._process.kill)
        timer.start()
        try:
            yield
        except wire.Broken:
            if time.monotonic() >= deadline:
                raise TimeoutError from None
            raise
        finally:
            timer.cancel()

    def send(
        self, kind: int, body: bytes = b"", deadline: float | None = None, fd: int | None = None
    ) -> None:
        """See `wire.Link.send`; a pipe carries no descriptor."""
        if fd is not None:
            raise ValueError("a pipe carries no descriptor")
        rest = memoryview(wire.HEAD.pack(kind, len(body)) + body)
        with self._until(deadline):
            while rest:
                try:
                    rest = rest[os.write(self._writing, rest[:_CHUNK]) :]
                except OSError as error:
                    raise wire.Broken(f"send: {error.strerror}") from error

    def _exactly(self, length: int) -> bytes:
        parts: list[bytes] = []
        while length:
            try:
                part = os.read(self._reading, min(length, _CHUNK))
            except OSError as error:
                raise wire.Broken(f"receive: {error.strerror}") from error
            if not part:
                raise wire.Broken("closed")
            parts.append(part)
            length -= len(part)
        return b"".join(parts)

    def receive(
        self, allowed: Mapping[int, int], deadline: float | None = None
    ) -> tuple[int, bytes]:
        """See `wire.Link.receive`."""
        with self._until(deadline):
            kind, length = wire.bounded(self._exactly(wire.HEAD.size), allowed)
            return kind, self._exactly(length)

    def receive_with_file(self) -> tuple[int, bytes, int | None]:
        """Return a frame of the host's, for the child; no file ever comes with it."""
        kind, length = wire.HEAD.unpack(self._exactly(wire.HEAD.size))
        return kind, self._exactly(length), None

    def close(self) -> None:
        """Hang up."""
        if self._open:
            self._open = False
            os.close(self._reading)
            os.close(self._writing)


class Spawner:
    """Starts each child as a program of its own; see `pool.Launcher`."""

    def __init__(self, target: str, bounds: Bounds, kits: Mapping[str, str]) -> None:
        """Remember what children run; the first is started at once, to import meanwhile."""
        self._target, self._bounds, self._kits = target, bounds, kits
        self.loaded: frozenset[str] = frozenset()
        self._guard = threading.Lock()
        self._living: set[Child] = set()
        self._spare: Child | None = None
        with contextlib.suppress(OSError):  # the first call of `child` will meet it again
            self._spare = self._spawn()

    def child(self) -> Child:
        """Return a new child, which may still be starting; `Child.greet` waits for it."""
        with self._guard:
            spare, self._spare = self._spare, None
        if spare and spare.kits == self.loaded:
            return spare
        try:
            return self._spawn()
        except OSError as error:
            raise Unavailable(f"a child cannot be started: {error}") from error

    def load(self, kit: str) -> None:
        """Let the children to come import a kit."""
        self.loaded |= {kit}

    def close(self) -> None:
        """End all children."""
        with self._guard:
            living, self._spare = list(self._living), None
        for child in living:
            child.end()

    def _spawn(self) -> Child:
        settings = {
            "target": self._target,
            "bounds": as_dict(self._bounds),
            "kits": [self._kits[kit] for kit in sorted(self.loaded)],
            "parent": os.getpid(),
        }
        # In a virtual environment sys.executable is a launcher, which would need two processes.
        program = str(getattr(sys, "_base_executable", "") or sys.executable)
        process = subprocess.Popen(  # noqa: S603 - our own interpreter
            [program, "-I", "-S", "-c", _BOOT, json.dumps(search_path()), json.dumps(settings)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env={"SYSTEMROOT": os.environ.get("SYSTEMROOT", "")},
            creationflags=_NO_WINDOW if sys.platform == "win32" else 0,
        )
        job = self._confine(process)
        return self._child(process, job)

    def _confine(self, process: subprocess.Popen[bytes]) -> int:
        try:
            return job_object(process.pid, self._bounds.memory)
        except OSError:
            process.kill()  # without a Job Object nothing would be bounded
            raise

    def _child(self, process: subprocess.Popen[bytes], job: int) -> Child:
        def finish(wait: bool) -> Lost:  # noqa: FBT001 - the signature of `Child.finish`
            status = None
            with contextlib.suppress(subprocess.TimeoutExpired):
                status = process.wait(_LAST_BREATH if wait else 0)
            process.kill()
            process.wait()
            _kernel().CloseHandle(ctypes.c_void_p(job))
            with self._guard:
                self._living.discard(child)
            return Lost("killed") if status is None else Lost("crash", f"exit status {status:#x}")

        if process.stdin is None or process.stdout is None:
            raise OSError("a child without pipes")
        reading, writing = os.dup(process.stdout.fileno()), os.dup(process.stdin.fileno())
        process.stdout.close()
        process.stdin.close()
        link = Pipe(reading, writing, process)
        child = Child(link, self.loaded, lambda _: False, finish)
        with self._guard:
            self._living.add(child)
        return child


def boot(settings: Mapping[str, JSON]) -> None:
    """Begin a child: take the pipes away from Python, import, try the powers, serve."""
    link = Pipe(os.dup(0), os.dup(1), None)
    null = os.open(os.devnull, os.O_RDWR)
    for fd in range(3):
        os.dup2(null, fd)
    try:
        handler = resolve(settings["target"])
        for module in settings["kits"]:
            importlib.import_module(module)
    except Exception as error:  # noqa: BLE001 - an import can raise anything
        link.send(wire.REFUSED, wire.text(f"{type(error).__name__}: {error}"))
        return
    os.environ.clear()
    report = {"worn": ["job-object"], "shut": trials.shut(_trials(settings["parent"]))}
    serve(link, handler, Bounds(**settings["bounds"]), report, lambda: None)


def _trials(parent: int) -> dict[str, trials.Trial]:
    def reach_process() -> None:
        kernel = _kernel()
        handle = kernel.OpenProcess(_PROCESS_TERMINATE, 0, parent)
        if handle:
            kernel.CloseHandle(ctypes.c_void_p(handle))
        elif kernel.GetLastError() == _ACCESS_DENIED:
            raise PermissionError

    def open_file() -> None:
        os.close(os.open(sys.executable, os.O_RDONLY))

    return {"files": open_file, "network": trials.make_socket, "processes": reach_process}
