"""The pure parts: strict JSON, frames, both doors' ends, and what other systems need."""

from __future__ import annotations

import contextlib
import errno
import json
import os
import signal
import socket
import struct
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aibom.scanners.isolate import (
    Bounds,
    Done,
    InProcess,
    Lost,
    NeedsKit,
    Sandbox,
    darwin,
    launch,
    linux,
    lock,
    serve,
    strict,
    trials,
    windows,
    wire,
)
from aibom.scanners.source import BytesSource, Source

PLENTY = 10_000
json_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
)


@given(json_values)
def test_what_a_child_can_say_is_read_back(value: object) -> None:
    assert strict.loads(json.dumps(value).encode(), PLENTY) == value


@given(st.binary(max_size=200))
def test_any_bytes_are_json_or_a_value_error(body: bytes) -> None:
    with contextlib.suppress(ValueError):
        strict.loads(body, PLENTY)


@given(st.text(alphabet='[]{}",:\\u0d8a1e ', max_size=60))
def test_json_like_text_is_json_or_a_value_error(text: str) -> None:
    with contextlib.suppress(ValueError):
        json.dumps(strict.loads(text.encode(), PLENTY), allow_nan=False).encode()


def test_depth_is_counted_outside_strings_only() -> None:
    deep = b"[" * strict.DEPTH + b"1" + b"]" * strict.DEPTH
    assert strict.loads(deep, PLENTY)
    with pytest.raises(ValueError, match="levels deep"):
        strict.loads(b"[" + deep + b"]", PLENTY)
    brackets = "[" * 500 + '\\"]'
    assert strict.loads(json.dumps([brackets]).encode(), PLENTY) == [brackets]


@pytest.mark.parametrize("body", [b'"\\"' * 500_000, b'["' + b'\\"' * 500_000, b"[{" * 500_000])
def test_hostile_text_is_refused_in_little_time(body: bytes) -> None:
    started = time.monotonic()
    with pytest.raises(ValueError):  # noqa: PT011 - which one does not matter
        strict.loads(body, 10_000_000)
    assert time.monotonic() - started < 2


def pair() -> tuple[wire.Channel, socket.socket]:
    ours, theirs = socket.socketpair()
    ours.settimeout(0.0)
    return wire.Channel(ours), theirs


def test_no_call_passes_its_deadline() -> None:
    channel, theirs = pair()
    with theirs, contextlib.closing(channel):
        with pytest.raises(TimeoutError):
            channel.receive({5: 10}, time.monotonic() + 0.05)
        with pytest.raises(TimeoutError):
            channel.send(5, bytes(64 << 20), time.monotonic() + 0.1)


def test_a_closed_connection_is_broken() -> None:
    channel, theirs = pair()
    theirs.close()
    with contextlib.closing(channel):
        with pytest.raises(wire.Broken):
            channel.send(5, b"x", time.monotonic() + 1)
        with pytest.raises(wire.Broken):
            channel.receive({5: 10}, time.monotonic() + 1)


@given(st.binary(min_size=5, max_size=40))
def test_any_bytes_are_a_frame_or_refused(data: bytes) -> None:
    channel, theirs = pair()
    with contextlib.closing(channel):
        with theirs:
            theirs.sendall(data)
        with contextlib.suppress(wire.Broken, wire.Unruly):
            kind, body = channel.receive({wire.RESULT: 20, wire.ERROR: 5}, time.monotonic() + 1)
            assert len(body) <= {wire.RESULT: 20, wire.ERROR: 5}[kind]


# --- the child's loop, run here in a thread ---


def handle(job: object, source: Source) -> object:
    if job == "kit":
        raise NeedsKit("letters")
    if job == "memory":
        raise MemoryError
    return [job, source.read_at(0, source.size).decode()]


def test_a_child_greets_and_answers_each_job() -> None:
    ours, theirs = socket.socketpair()
    clocks: list[int] = []
    arguments = (wire.Channel(theirs), handle, Bounds(), {"worn": [], "shut": ["files"]})
    child = threading.Thread(target=serve.serve, args=(*arguments, lambda: clocks.append(1)))
    child.start()
    host = wire.Channel(ours)
    everything = dict.fromkeys(range(30), 100)
    read, write = os.pipe()
    try:
        assert host.receive(everything) == (wire.HELLO, b'{"worn": [], "shut": ["files"]}')
        for job, reply in [
            ("x", (wire.RESULT, b'["x", ""]')),
            ("kit", (wire.KIT, b"letters")),
            ("memory", (wire.MEMORY, b"")),
        ]:
            host.send(wire.JOB, json.dumps([job, 0]).encode())
            assert host.receive(everything) == reply
        host.send(wire.JOB, b'["y", 3]')
        assert host.receive(everything) == (wire.ASK, wire.QUESTION.pack(0, 3))
        host.send(wire.DATA, b"abc")
        assert host.receive(everything) == (wire.RESULT, b'["y", "abc"]')
        host.send(wire.JOB, b'["z", 3]', fd=read)
        assert host.receive(everything)[0] == wire.ERROR  # a pipe cannot be read by position
    finally:
        host.close()
        child.join()
        theirs.close()
        os.close(read)
        os.close(write)
    assert len(clocks) == 5


# --- without a wall ---


def test_in_process_has_the_same_ends() -> None:
    kits = {"shapes": "toykits.shapes", "broken": "toykits.broken"}
    with InProcess("hostile:target", Bounds(nodes=10, result=100), kits=kits) as box:
        assert box.locked() == {"worn": [], "shut": []}
        assert box.run({"do": "echo"}) == Done({"do": "echo"})
        assert box.run({"do": "read", "length": 2}, BytesSource(b"abc")) == Done("ab")
        assert box.run({"do": "raise", "text": "no"}) == Lost("error", "'ValueError: no'")
        assert box.run({"do": "allocate", "bytes": 1 << 60}) == Lost("memory")
        assert box.run({"do": "need", "kit": "shapes"}) == Done(
            "A toy kit: shapes. Imported into the test run itself; the others must never be."
        )
        for kit in ("os", "shapes"):
            wanted = {"do": "need_for_ever", "kit": kit}
            assert box.run(wanted) == Lost("protocol", f"asked for the kit {kit!r}")
        broken = box.run({"do": "need", "kit": "broken"})
        assert broken == Lost("unavailable", "kit 'broken': ImportError: this kit is broken")
        for deed in ({"do": "nan"}, {"do": "huge", "bytes": 200}, {"do": "echo", "n": [0] * 20}):
            outcome = box.run(deed)
            assert isinstance(outcome, Lost)
            assert outcome.why == "protocol"
        box.close()


def test_in_process_an_import_that_fails_is_unavailable() -> None:
    outcome = InProcess("nowhere:target").run({})
    assert outcome == Lost(
        "unavailable", "nowhere:target: ModuleNotFoundError: No module named 'nowhere'"
    )


# --- small pure parts ---


@pytest.mark.parametrize(
    ("status", "lost"),
    [
        (3 << 8, Lost("crash", "exit status 3")),
        (signal.SIGSEGV, Lost("crash", "SIGSEGV")),
        (signal.SIGSEGV | 0x80, Lost("crash", "SIGSEGV")),
        (signal.SIGXCPU, Lost("cpu", "SIGXCPU")),
        (signal.SIGSYS, Lost("violation", "SIGSYS")),
        (signal.SIGKILL, Lost("killed", "SIGKILL")),
        (40, Lost("crash", "signal 40")),
    ],
)
def test_a_wait_status_has_a_name(status: int, lost: Lost) -> None:
    assert launch.lost_by(status) == lost


def test_the_search_path_has_no_relative_place(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.path", ["", ".", "models", "/lib"])
    assert launch.search_path()[0] == "/lib"
    assert all(place.startswith("/") for place in launch.search_path())
    assert len(launch.search_path()) == 2


def test_threads_are_counted_by_the_system() -> None:
    assert launch.threads() == len(list(Path("/proc/self/task").iterdir()))


@pytest.mark.parametrize(
    ("version", "rights"),
    [
        (1, (8191, 0, 0)),
        (2, (16383, 0, 0)),
        (3, (32767, 0, 0)),
        (4, (32767, 3, 0)),
        (5, (65535, 3, 0)),
        (6, (65535, 3, 3)),
        (7, (65535, 3, 3)),
        (9, (65535, 3, 3)),
    ],
)
def test_landlock_gets_all_rights_of_its_version(version: int, rights: tuple[int, ...]) -> None:
    assert struct.unpack("QQQ", linux.landlock_rights(version)) == rights


def fails(number: int) -> trials.Trial:
    def attempt() -> None:
        raise OSError(number, os.strerror(number))

    return attempt


def test_only_a_refusal_counts_as_shut() -> None:
    attempts = {"a": fails(errno.EPERM), "b": fails(errno.EACCES), "c": fails(errno.ENOENT)}
    assert trials.shut({**attempts, "d": int}) == ["a", "b"]
    assert trials.shut(trials.posix(os.getpid())) == []


def test_memory_that_is_mapped_is_known() -> None:
    assert lock.mapped() > 1 << 20


# --- systems that these tests do not run on ---


def test_macos_code_imports_and_reports_nothing_here() -> None:
    assert darwin.settle() == []
    assert darwin.wear(1) == []
    assert darwin.mapped() == 0
    assert not darwin.close_from(3)


def test_a_job_object_record_has_the_documented_layout() -> None:
    record = windows.limits_record(1 << 30)
    assert len(record) == 144
    assert struct.unpack_from("I", record, 16) == (0x2508,)  # LimitFlags
    assert struct.unpack_from("I", record, 40) == (1,)  # ActiveProcessLimit
    assert struct.unpack_from("Q", record, 112) == (1 << 30,)  # ProcessMemoryLimit


def sleeper() -> subprocess.Popen[bytes]:
    echo = "import sys; sys.stdout.buffer.write(sys.stdin.buffer.read(7)); sys.stdout.flush()"
    return subprocess.Popen(
        [sys.executable, "-c", f"{echo}; import time; time.sleep(60)"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )


def test_a_pipe_carries_frames_and_keeps_deadlines() -> None:
    with sleeper() as process:
        assert process.stdin is not None
        assert process.stdout is not None
        pipes = os.dup(process.stdout.fileno()), os.dup(process.stdin.fileno())
        pipe = windows.Pipe(*pipes, process)
        pipe.send(wire.RESULT, b"hi", time.monotonic() + 5)
        assert pipe.receive({wire.RESULT: 2}, time.monotonic() + 5) == (wire.RESULT, b"hi")
        with pytest.raises(TimeoutError):
            pipe.receive({wire.RESULT: 2}, time.monotonic() + 0.1)
        with pytest.raises(wire.Broken):
            pipe.receive({wire.RESULT: 2}, time.monotonic() + 5)
        with pytest.raises(ValueError, match="descriptor"):
            pipe.send(wire.JOB, fd=0)
        pipe.close()
        pipe.close()


WITHOUT_POSIX = """
import sys
sys.path[:] = {path!r}
for name in ("fcntl", "resource", "termios", "pwd", "grp"):
    sys.modules[name] = None
import aibom.scanners.isolate, aibom.scanners.isolate.windows
"""


def test_the_package_imports_where_posix_modules_are_missing() -> None:
    code = WITHOUT_POSIX.format(path=launch.search_path())
    subprocess.run([sys.executable, "-c", code], check=True)


def test_windows_children_answer_over_pipes(monkeypatch: pytest.MonkeyPatch) -> None:
    """Everything but the Job Object runs here as well."""

    class Kernel:
        @staticmethod
        def CloseHandle(_: object) -> int:  # noqa: N802 - a Win32 name
            return 1

    def job_object(_pid: int, _memory: int) -> int:
        return 1

    def spawner(target: str, bounds: Bounds, kits: dict[str, str], _start: str) -> windows.Spawner:
        return windows.Spawner(target, bounds, kits)

    monkeypatch.setattr(windows, "job_object", job_object)
    monkeypatch.setattr(windows, "_kernel", Kernel)
    monkeypatch.setattr("aibom.scanners.isolate.pool.launch", spawner)
    kits = {"letters": "toykits.letters"}
    with Sandbox("hostile:target", Bounds(wall=2), kits=kits) as box:
        assert box.run({"do": "echo"}) == Done({"do": "echo"})
        assert box.run({"do": "read", "at": 1}, BytesSource(b"x" + b"0123456789")) == Done(
            "0123456789"
        )
        assert box.run({"do": "need", "kit": "letters"}) == Done("A toy kit: letters.")
        assert box.run({"do": "exit"}) == Lost("crash", "exit status 0x3; closed")
        assert box.run({"do": "sleep"}) == Lost("timeout", "2 s")
    with Sandbox("nowhere:target") as box:
        outcome = box.run({})
        assert isinstance(outcome, Lost)
        assert outcome.why == "unavailable"
