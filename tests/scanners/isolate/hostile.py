"""What a parser that was taken over would try.

Runs in the locked child. Each deed returns what it achieved; the error that stopped it is the
sandbox's to report.
"""

from __future__ import annotations

import ctypes
import fcntl
import importlib
import mmap
import os
import resource
import signal
import socket
import struct
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from aibom.scanners.isolate import NeedsKit, wire

if TYPE_CHECKING:
    from aibom.scanners.source import Source

importlib.import_module("encodings.idna")  # create_connection would import it, locked
X86 = os.uname().machine == "x86_64"
LIBC = ctypes.CDLL(None, use_errno=True)
SECRETS: list[str] = []  # a host that forks its zygote shares this
SEEN: list[str] = []

Job = dict[str, Any]
Deed = Callable[[Job], object]


def call(x86: int, arm: int, *arguments: int) -> str:
    """Make a system call that Python has no function for."""
    number = x86 if X86 else arm
    if LIBC.syscall(ctypes.c_long(number), *map(ctypes.c_long, arguments)) < 0:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
    return "done"


def thread(_: Job) -> str:
    started = threading.Thread(target=int)
    started.start()
    started.join()
    return "ran"


def fork(_: Job) -> int:
    pid = os.fork()
    if pid == 0:
        os._exit(0)
    return pid


def write_everywhere(_: Job) -> list[int]:
    hit: list[int] = []
    for fd in range(4, 4096):
        try:
            os.write(fd, b"x")
        except OSError:
            continue
        hit.append(fd)
    return hit


def exhaust_descriptors(_: Job) -> int:
    got: list[int] = []
    makers: list[Callable[[], list[int]]] = [lambda: [os.dup(0)], lambda: list(os.pipe())]
    for more in makers:
        try:
            while True:
                got += more()
        except OSError:
            continue
    return len(got)


def make_executable(_: Job) -> str:
    memory = mmap.mmap(-1, 4096)
    address = ctypes.addressof(ctypes.c_char.from_buffer(memory))
    return call(10, 226, address, 4096, 7)


def allocate_slowly(_: Job) -> None:
    kept: list[bytes] = []
    while True:
        kept.append(bytes(1 << 20))


def loop(_: Job) -> None:
    while True:
        pass


def recurse(job: Job) -> object:
    return recurse(job)


def raw(job: Job) -> None:
    """Send bytes that our own code would not, then wait for what the host makes of them."""
    os.write(3, bytes.fromhex(job["hex"]))
    time.sleep(1000)


def drip(_: Job) -> None:
    for byte in struct.pack(">BI", wire.RESULT, 32) + bytes(32):
        os.write(3, bytes([byte]))
        time.sleep(0.2)


def flood(_: Job) -> None:
    while True:
        os.write(3, struct.pack(">BI", wire.RESULT, 4 << 20) + bytes(1 << 20))


def say(job: Job) -> None:
    """Answer with bytes that `json.dumps` would not make."""
    body = job["body"].encode("latin-1") * job.get("times", 1)
    os.write(3, struct.pack(">BI", wire.RESULT, len(body)) + body)
    time.sleep(1000)


def hang_up(_: Job) -> None:
    os.close(3)
    time.sleep(1000)


def remember(job: Job) -> list[str]:
    SEEN.append(job["word"])
    return list(SEEN)


def need(job: Job) -> str:
    if f"toykits.{job['kit']}" not in sys.modules:
        raise NeedsKit(job["kit"])
    return str(sys.modules[f"toykits.{job['kit']}"].__doc__)


def need_for_ever(job: Job) -> None:
    raise NeedsKit(job["kit"])


def swallow(job: Job) -> str:
    try:
        return need(job)
    except Exception:  # noqa: BLE001 - what a careless parser does
        return "swallowed"


DEEDS: dict[str, Deed] = {
    "echo": lambda job: job,
    "remember": remember,
    "environ": lambda _: dict(os.environ),
    "secrets": lambda _: SECRETS,
    "pid": lambda _: os.getpid(),
    # files
    "open": lambda job: os.open(job["path"], os.O_RDONLY),
    "create": lambda job: os.open(job["path"], os.O_CREAT | os.O_WRONLY),
    "builtin_open": lambda job: open(job["path"]).read(),  # noqa: PTH123, SIM115 - one attempt
    "listdir": lambda _: list(Path("/").iterdir()),
    "stat": lambda _: Path("/etc/passwd").stat().st_size,
    "mkdir": lambda job: Path(job["path"]).mkdir(),
    "unlink": lambda job: Path(job["path"]).unlink(),
    "chdir": lambda _: os.chdir("/"),
    "readlink": lambda _: str(Path("/proc/self/exe").readlink()),
    "self_mem": lambda _: os.open("/proc/self/mem", os.O_RDWR),
    "proc_environ": lambda _: open("/proc/self/environ").read(),  # noqa: PTH123, SIM115 - as above
    "write_input": lambda _: os.write(4, b"x"),
    "truncate_input": lambda _: os.ftruncate(4, 0),
    "map_input": lambda _: len(mmap.mmap(4, 0, prot=mmap.PROT_READ)),
    "write_everywhere": write_everywhere,
    "exhaust_descriptors": exhaust_descriptors,
    "dup": lambda _: os.dup(0),
    "fcntl": lambda _: fcntl.fcntl(3, 4, os.O_NONBLOCK),
    # network
    "socket": lambda _: socket.socket().fileno(),
    "udp": lambda _: socket.socket(socket.AF_INET, socket.SOCK_DGRAM).fileno(),
    "unix": lambda _: socket.socket(socket.AF_UNIX).fileno(),
    "connect": lambda job: socket.create_connection(("127.0.0.1", job["port"]), 2).fileno(),
    "send_to": lambda _: socket.socket(fileno=3).sendto(b"x", "\0aibom-test"),
    "send_fd": lambda _: socket.send_fds(socket.socket(fileno=3), [b"x"], [3]),
    # processes
    "fork": fork,
    "thread": thread,
    "kill_parent": lambda _: os.kill(os.getppid(), signal.SIGKILL),
    "kill_other": lambda job: os.kill(job["pid"], signal.SIGKILL),
    "kill_all": lambda _: os.kill(-1, signal.SIGKILL),
    "parent_limit": lambda _: resource.prlimit(os.getppid(), resource.RLIMIT_CPU, (1, 1)),
    "undump": lambda _: call(157, 167, 4, 1),
    "setuid": lambda _: os.setuid(1),
    "nice": lambda _: os.nice(-1),
    "sethostname": lambda _: socket.sethostname("x"),
    # memory
    "load_so": lambda job: str(ctypes.CDLL(job["path"])),
    "import": lambda _: __import__("xml.sax.expatreader").__name__,
    "exec_memory": lambda _: len(mmap.mmap(-1, 4096, prot=7)),
    "mprotect": make_executable,
    "more_memory": lambda _: resource.setrlimit(resource.RLIMIT_AS, (-1, -1)),
    "allocate": lambda job: len(bytearray(job["bytes"])),
    "allocate_slowly": allocate_slowly,
    # system calls of a takeover
    "execve": lambda _: os.execv("/bin/true", ["true"]),  # noqa: S606 - that is the attempt
    "ptrace": lambda _: call(101, 117, 16, os.getppid(), 0, 0),
    "memfd": lambda _: os.memfd_create("x"),
    "io_uring": lambda _: call(425, 425, 8, 0),
    "unshare": lambda _: call(272, 97, 0x1000_0000),
    "x32": lambda _: call(0x4000_0000 | 39, 0x4000_0000),
    "vm_writev": lambda _: call(311, 271, os.getppid(), 0, 0, 0, 0, 0),
    # ends
    "segv": lambda _: ctypes.string_at(8),
    "abort": lambda _: os.abort(),
    "exit": lambda _: os._exit(3),
    "leave": lambda _: sys.exit(3),
    "recurse": recurse,
    "loop": loop,
    "sleep": lambda _: time.sleep(1000),
    "raise": lambda job: _raise(job["text"]),
    # answers
    "raw": raw,
    "drip": drip,
    "flood": flood,
    "say": say,
    "hang_up": hang_up,
    "huge": lambda job: "x" * job["bytes"],
    "nan": lambda _: float("nan"),
    "surrogate": lambda _: "\ud800",
    "unjsonable": lambda _: {1, 2},
    # what a parser needs
    "random": lambda _: len(os.urandom(8)),
    "clock": lambda _: time.time() > 0,
    "nap": lambda job: time.sleep(job["seconds"]),
    "need": need,
    "need_for_ever": need_for_ever,
    "swallow": swallow,
}


def _raise(text: str) -> None:
    raise ValueError(text)


def _link(source: object) -> wire.Link:
    asking = vars(source)["_parent"]  # what a taken-over parser can reach
    return cast("wire.Link", vars(asking)["_link"])


def target(job: Job, source: Source) -> object:
    """Do the job's deed; those that need the source stand here."""
    if job["do"] == "read":
        return source.read_at(job.get("at", 0), job.get("length", 10)).decode("latin-1")
    if job["do"] == "size":
        return source.size
    if job["do"] == "checksum":
        return sum(source.read_at(0, source.size)) & 0xFFFF
    if job["do"] == "ask":
        link = _link(source)
        for _ in range(job.get("times", 1)):
            link.send(wire.ASK, bytes.fromhex(job["hex"]))
            link.receive({wire.DATA: 1 << 20, wire.FAILED: 1000})
    return DEEDS[job["do"]](job)
