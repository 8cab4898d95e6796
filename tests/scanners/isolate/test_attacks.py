"""The lock holds: what a taken-over parser tries it does not get, and the end has a name."""

from __future__ import annotations

import contextlib
import os
import platform
import socket
import struct
import time
from pathlib import Path

import pytest

from aibom.scanners.isolate import Bounds, Done, Lost, Sandbox, wire
from aibom.scanners.source import FileSource

DENIED = [
    "open",
    "create",
    "builtin_open",
    "listdir",
    "stat",
    "mkdir",
    "unlink",
    "chdir",
    "readlink",
    "self_mem",
    "proc_environ",
    "socket",
    "udp",
    "unix",
    "connect",
    "fork",
    "kill_parent",
    "kill_other",
    "kill_all",
    "dup",
    "fcntl",
    "send_fd",
    "parent_limit",
    "undump",
    "setuid",
    "nice",
    "sethostname",
    "exec_memory",
    "mprotect",
    "load_so",
]
VIOLATIONS = ["execve", "ptrace", "memfd", "io_uring", "unshare", "x32", "vm_writev"]
x86_only = pytest.mark.skipif(platform.machine() != "x86_64", reason="numbers of x86_64")


def why(outcome: Done | Lost) -> str:
    return outcome.why if isinstance(outcome, Lost) else "done"


def test_the_lock_is_whole_here(box: Sandbox) -> None:
    lock = box.locked()
    assert lock["shut"] == ["files", "network", "processes"]
    assert {"rlimits", "no_new_privs", "capabilities", "seccomp"} <= set(lock["worn"])
    assert any(part.startswith("landlock") for part in lock["worn"])


@pytest.mark.parametrize("deed", DENIED)
def test_what_needs_a_power_is_refused(box: Sandbox, tmp_path: Path, deed: str) -> None:
    path = {
        "open": "/etc/passwd",
        "builtin_open": "/etc/passwd",
        "load_so": "/lib/x86_64-linux-gnu/libutil.so.1",
    }.get(deed, str(tmp_path / "made"))
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(0.05)
        port = server.getsockname()[1]
        outcome = box.run({"do": deed, "path": path, "port": port, "pid": os.getpid()})
        with contextlib.suppress(TimeoutError):
            server.accept()
            pytest.fail("the child reached the listener")
    assert isinstance(outcome, Lost)
    assert outcome.why == "error"
    assert "not permitted" in outcome.detail or "ermission denied" in outcome.detail
    assert not (tmp_path / "made").exists()


@x86_only
@pytest.mark.parametrize("deed", VIOLATIONS)
def test_what_only_a_takeover_does_is_a_violation(box: Sandbox, deed: str) -> None:
    assert box.run({"do": deed}) == Lost("violation", "SIGSYS; closed")


@pytest.mark.parametrize(
    ("deed", "expected"),
    [
        ("thread", "error"),
        ("import", "error"),
        ("more_memory", "error"),
        ("send_to", "error"),
        ("recurse", "error"),
        ("unjsonable", "error"),
        ("segv", "crash"),
        ("abort", "crash"),
        ("exit", "crash"),
        ("leave", "crash"),
        ("sleep", "timeout"),
        ("drip", "timeout"),
        ("allocate_slowly", "memory"),
        ("flood", "protocol"),
        ("nan", "protocol"),
        ("surrogate", "protocol"),
        ("hang_up", "killed"),
    ],
)
def test_every_end_has_a_name(box: Sandbox, small: Bounds, deed: str, expected: str) -> None:
    started = time.monotonic()
    assert why(box.run({"do": deed})) == expected
    assert time.monotonic() - started < small.wall + 2


def test_an_endless_loop_ends_by_processor_time() -> None:
    with Sandbox("hostile:target", Bounds(cpu=0, wall=60)) as box:
        assert box.run({"do": "loop"}) == Lost("cpu", "SIGXCPU; closed")


@pytest.mark.parametrize(
    "frame",
    [
        pytest.param(struct.pack(">BI", 0xFF, 0), id="unknown kind"),
        pytest.param(struct.pack(">BI", wire.RESULT, 0xFFFF_FFFF), id="4 GiB answer"),
        pytest.param(struct.pack(">BI", wire.ASK, 0), id="question without a source"),
        pytest.param(struct.pack(">BI", wire.ASK, 0xFF), id="question of 255 bytes"),
        pytest.param(struct.pack(">BI", wire.HELLO, 0), id="second greeting"),
        pytest.param(struct.pack(">BI", wire.DATA, 0), id="a frame of the host's"),
        pytest.param(struct.pack(">BI", wire.MEMORY, 1) + b"x", id="memory with a body"),
        pytest.param(struct.pack(">BI", wire.KIT, 200) + bytes(200), id="a long name"),
        pytest.param(struct.pack(">BI", wire.RESULT, 3) + b"nul", id="half a word"),
        pytest.param(struct.pack(">BI", wire.RESULT, 4) + b'"\xff\xff"', id="not UTF-8"),
        pytest.param(struct.pack(">BI", wire.READY, 0), id="a frame of the zygote's"),
    ],
)
def test_an_unlawful_frame_is_protocol(box: Sandbox, frame: bytes) -> None:
    assert why(box.run({"do": "raw", "hex": frame.hex()})) == "protocol"


def test_half_a_frame_is_a_timeout(box: Sandbox) -> None:
    assert why(box.run({"do": "raw", "hex": "0500"})) == "timeout"


@pytest.mark.parametrize(
    "body",
    [
        pytest.param('{"a":1,"a":2}', id="repeated key"),
        pytest.param("NaN", id="NaN"),
        pytest.param("-Infinity", id="infinity"),
        pytest.param("1e999", id="float overflow"),
        pytest.param('"\\ud800"', id="lone surrogate"),
        pytest.param('"\\uDFFF"', id="lone surrogate in capitals"),
        pytest.param("[1,]", id="trailing comma"),
        pytest.param("", id="nothing"),
        pytest.param("[" + "0," * 20_000 + "0]", id="too many values"),
        pytest.param("9" * 5000, id="5,000 digits"),
        pytest.param("1 2", id="two values"),
        pytest.param("[" * 9_000, id="deep and open"),
        pytest.param("[" * 200 + "]" * 200, id="deep"),
    ],
)
def test_unlawful_json_is_protocol(box: Sandbox, body: str) -> None:
    assert why(box.run({"do": "say", "body": body})) == "protocol"


def test_two_hundred_thousand_brackets_are_protocol(box: Sandbox) -> None:
    assert why(box.run({"do": "say", "body": "[", "times": 200_000})) == "protocol"


def test_an_answer_has_a_bound(box: Sandbox) -> None:
    assert why(box.run({"do": "huge", "bytes": 2 << 20})) == "protocol"


def test_memory_has_a_bound(box: Sandbox) -> None:
    assert box.run({"do": "allocate", "bytes": 1 << 40}) == Lost("memory")
    assert box.run({"do": "allocate", "bytes": 1 << 20}) == Done(1 << 20)


def test_pure_computation_has_what_it_needs(box: Sandbox) -> None:
    deeds = [{"do": "random"}, {"do": "clock"}, {"do": "nap", "seconds": 0.001}]
    assert [box.run(deed) for deed in deeds] == [Done(8), Done(value=True), Done(None)]


def test_an_inheritable_descriptor_of_the_host_is_not_inherited(small: Bounds) -> None:
    with Path("/dev/zero").open("rb+", buffering=0) as extra:
        os.set_inheritable(extra.fileno(), True)  # noqa: FBT003 - not our signature
        with Sandbox("hostile:target", small) as box:
            assert box.run({"do": "write_everywhere"}) == Done([])


def test_descriptors_cannot_be_had(box: Sandbox) -> None:
    assert box.run({"do": "exhaust_descriptors"}) == Done(0)


def test_the_environment_is_empty(box: Sandbox) -> None:
    assert box.run({"do": "environ"}) == Done({})


def test_an_error_is_quoted_and_cut(box: Sandbox) -> None:
    assert box.run({"do": "raise", "text": "a\x1b[2J\u2028"}) == Lost(
        "error", "'ValueError: a\\x1b[2J\\u2028'"
    )
    long = box.run({"do": "raise", "text": "x" * 10_000})
    assert isinstance(long, Lost)
    assert len(long.detail) < 1100


@pytest.mark.parametrize("deed", ["write_input", "truncate_input", "map_input"])
def test_the_input_can_only_be_read(box: Sandbox, tmp_path: Path, deed: str) -> None:
    path = tmp_path / "input"
    path.write_bytes(b"0123456789abcdef")
    with path.open("rb") as file:
        assert why(box.run({"do": deed}, FileSource(file.fileno(), 16))) == "error"
        assert path.read_bytes() == b"0123456789abcdef"
        assert box.run({"do": "read", "at": 4}, FileSource(file.fileno(), 16)) == Done("456789abcd")


def test_a_descriptor_open_for_writing_is_not_handed_over(box: Sandbox, tmp_path: Path) -> None:
    path = tmp_path / "input"
    path.write_bytes(b"0123456789abcdef")
    with path.open("rb+") as file:
        source = FileSource(file.fileno(), 16)
        assert box.run({"do": "read", "at": 4}, source) == Done("456789abcd")
        assert why(box.run({"do": "write_input"}, source)) == "error"
    assert path.read_bytes() == b"0123456789abcdef"
