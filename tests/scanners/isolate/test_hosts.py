"""Odd hosts, poor kernels, and the death of the host: each in a program of its own."""

from __future__ import annotations

import os
import platform
import signal
import subprocess
import sys
import textwrap
import time
from pathlib import Path

import pytest

from aibom.scanners.isolate.launch import search_path

HOSTS = {
    "ignores its children": """
        import signal
        signal.signal(signal.SIGCHLD, signal.SIG_IGN)
        signal.signal(signal.SIGXCPU, signal.SIG_IGN)
        """,
    "has handlers and a mask": """
        import signal
        for number in (2, 15, 17, 24):
            signal.signal(number, lambda *_: 0)
        signal.pthread_sigmask(0, {24, 31})
        """,
    "is limited": """
        import resource
        resource.setrlimit(resource.RLIMIT_AS, (1 << 32, 1 << 32))
        resource.setrlimit(resource.RLIMIT_NPROC, (4000, 4000))
        """,
    "has closed its standard streams": """
        import os
        out = os.dup(1)
        for fd in range(3):
            os.close(fd)
        """,
}
BOX = """
from aibom.scanners.isolate import Bounds, Sandbox
with Sandbox("hostile:target", Bounds(cpu=0, wall=30), start={start!r}) as box:
    deeds = ["echo", "segv", "execve", "loop", "echo"]
    text = str([getattr(box.run({{"do": deed}}), "why", "done") for deed in deeds])
import os
os.write(globals().get("out", 1), text.encode())
"""
ENDS = "['done', 'crash', 'violation', 'cpu', 'done']"


def program(*parts: str) -> list[str]:
    path = f"import sys; sys.path[:] = {search_path()!r}"
    return [sys.executable, "-c", "\n".join([path, *map(textwrap.dedent, parts)])]


def run(*parts: str) -> str:
    done = subprocess.run(program(*parts), capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 0, done.stderr
    return done.stdout


def alive(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except FileNotFoundError:
        return False
    return state != "Z"


def gone(*pids: int, within: float = 2.0) -> bool:
    deadline = time.monotonic() + within
    while any(map(alive, pids)):
        if time.monotonic() > deadline:
            return False
        time.sleep(0.01)
    return True


@pytest.mark.parametrize("start", ["fork", "exec"])
@pytest.mark.parametrize("host", HOSTS.values(), ids=list(HOSTS))
def test_an_odd_host_gets_the_same_answers(host: str, start: str) -> None:
    assert run(host, BOX.format(start=start)) == ENDS


@pytest.mark.parametrize("start", ["fork", "exec"])
def test_a_fork_of_the_host_that_holds_copies_delays_nothing(start: str) -> None:
    started = time.monotonic()
    out = run(f"""
        import os, time
        from aibom.scanners.isolate import Sandbox
        with Sandbox("hostile:target", start={start!r}) as box:
            print(box.run({{"do": "pid"}}))
            copy = os.fork()
            if copy == 0:
                time.sleep(30)
                os._exit(0)
        os.kill(copy, 9)
        """)
    assert out.startswith("Done(")
    assert time.monotonic() - started < 10


HOLDER = """
from aibom.scanners.isolate import Sandbox
with Sandbox("hostile:target", start={start!r}) as box:
    pid = box.run({{"do": "pid"}}).value
    print(box.launcher.pid, pid, flush=True)
    box.run({{"do": {deed!r}}})
"""


@pytest.mark.parametrize("start", ["fork", "exec"])
@pytest.mark.parametrize("deed", ["sleep", "loop"])
@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGINT], ids=["killed", "interrupted"])
def test_zygote_and_children_die_with_the_host(start: str, deed: str, number: int) -> None:
    host = subprocess.Popen(
        program(HOLDER.format(start=start, deed=deed)),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    with host:
        assert host.stdout is not None
        pids = list(map(int, host.stdout.readline().split()))
        assert len(pids) == 2
        time.sleep(0.1)
        host.send_signal(number)
        _, errors = host.communicate(timeout=10)
    assert gone(*pids)
    assert ("KeyboardInterrupt" in errors) == (number == signal.SIGINT)


@pytest.mark.parametrize("start", ["fork", "exec"])
def test_the_terminals_interrupt_does_not_reach_zygote_and_children(start: str) -> None:
    out = run(f"""
        import os, signal
        from aibom.scanners.isolate import Sandbox
        with Sandbox("hostile:target", start={start!r}) as box:
            child = box.run({{"do": "pid"}}).value
            print(len({{os.getsid(pid) for pid in (0, box.launcher.pid, child)}}))
        """)
    assert out == "3\n"


def test_a_host_that_ends_without_closing_leaves_nothing() -> None:
    out = run("""
        from aibom.scanners.isolate import Sandbox
        box = Sandbox("hostile:target")
        print(box.launcher.pid, box.run({"do": "pid"}).value)
        """)
    assert gone(*map(int, out.split()))


# Kernels and containers that offer less: an outer filter takes calls away.
POORER = """
import ctypes, struct
libc = ctypes.CDLL(None, use_errno=True)
op = lambda code, value, yes=0, no=0: struct.pack("HBBI", code, yes, no, value)
code = [op(0x20, 0)]
for number, errno in {deny!r}:
    code += [op(0x15, number, 0, 1), op(6, 0x50000 | errno)]
if {no_seccomp!r}:  # prctl(PR_SET_SECCOMP) itself
    code += [op(0x15, 157, 0, 3), op(0x20, 16), op(0x15, 22, 0, 1), op(6, 0x50016)]
raw = b"".join([*code, op(6, 0x7FFF0000)])
body = ctypes.create_string_buffer(raw, len(raw))
head = struct.pack("HxxxxxxQ", len(raw) // 8, ctypes.addressof(body))
assert libc.prctl(38, 1, 0, 0, 0) == 0
assert libc.prctl(22, ctypes.c_ulong(2), ctypes.create_string_buffer(head), 0, 0) == 0
"""
LOCKED = """
from aibom.scanners.isolate import Sandbox
with Sandbox("hostile:target", start={start!r}) as box:
    lock = box.locked()
    worn = [part.rstrip("0123456789") for part in lock["worn"]]
    print(lock["shut"], worn, box.run({{"do": "echo"}}))
"""
ALL = ["no_new_privs", "capabilities", "landlock", "seccomp", "rlimits"]
NO_LANDLOCK = [(444, 38), (445, 38), (446, 38)]  # ENOSYS
x86_only = pytest.mark.skipif(platform.machine() != "x86_64", reason="numbers of x86_64")


@x86_only
@pytest.mark.parametrize("start", ["fork", "exec"])
@pytest.mark.parametrize(
    ("deny", "no_seccomp", "shut", "absent"),
    [
        (NO_LANDLOCK, False, ["files", "network", "processes"], {"landlock"}),
        ([], True, ["files", "processes"], {"seccomp"}),
        (NO_LANDLOCK, True, [], {"landlock", "seccomp"}),
        ([(272, 1), (436, 1)], False, ["files", "network", "processes"], set[str]()),
        ([(126, 1)], False, ["files", "network", "processes"], {"capabilities"}),
        ([(302, 1)], False, ["files", "network", "processes"], {"rlimits"}),
    ],
    ids=["no landlock", "no seccomp", "neither", "as in a container", "no capset", "no prlimit"],
)
def test_a_poorer_system_is_reported(
    start: str, deny: list[tuple[int, int]], no_seccomp: bool, shut: list[str], absent: set[str]
) -> None:
    outer = POORER.format(deny=deny, no_seccomp=no_seccomp)
    out = run(outer, LOCKED.format(start=start))
    worn = [part for part in ALL if part not in absent]
    assert out == f"{shut} {worn} Done(value={{'do': 'echo'}})\n"


def python_of_everybody() -> str | None:
    """Return an interpreter that any user may run."""
    for program in (sys.executable, "/usr/bin/python3"):
        folders = Path(program).resolve().parents
        if Path(program).exists() and all(folder.stat().st_mode & 1 for folder in folders):
            code = "import sys; sys.exit(sys.version_info < (3, 11))"
            if subprocess.run([program, "-c", code], check=False).returncode == 0:
                return program
    return None


@pytest.mark.skipif(os.getuid() != 0, reason="needs root to become nobody")
@pytest.mark.parametrize("start", ["fork", "exec"])
def test_nobody_gets_the_whole_lock(start: str) -> None:
    python = python_of_everybody()
    if python is None:
        pytest.skip("no interpreter that nobody may run")
    become = "import os; os.setgroups([]); os.setgid(65534); os.setuid(65534)"
    places = [str(Path(__file__).parent), str(Path(__file__).parents[3])]
    path = f"import sys; sys.path += {places!r}"
    code = "\n".join([path, become, LOCKED.format(start=start)])
    done = subprocess.run([python, "-c", code], capture_output=True, text=True, check=False)
    worn = [part for part in ALL if part != "capabilities"]
    assert done.stdout.startswith("['files', 'network', 'processes']"), done.stderr
    assert str(worn)[1:-1] in done.stdout.replace("'capabilities', ", "")
