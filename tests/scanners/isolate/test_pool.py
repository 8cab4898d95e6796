"""The host lives: lost jobs cost nobody else, and no process outlives its use."""

from __future__ import annotations

import contextlib
import importlib
import os
import signal
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from aibom.scanners.isolate import Bounds, Done, Lost, Sandbox
from aibom.scanners.isolate.launch import Zygote, threads

if TYPE_CHECKING:
    from aibom.scanners.isolate.outcome import Start

KITS = {"letters": "toykits.letters", "figures": "toykits.figures", "broken": "toykits.broken"}


def zygote(box: Sandbox) -> Zygote:
    launcher = box.launcher
    assert isinstance(launcher, Zygote)
    return launcher


def children(pid: int) -> list[int]:
    return list(map(int, Path(f"/proc/{pid}/task/{pid}/children").read_text().split()))


def kill(box: Sandbox) -> None:
    """Kill the zygote, and wait until its idle child has died with it."""
    child = box.run({"do": "pid"})
    assert isinstance(child, Done)
    os.kill(zygote(box).pid, signal.SIGKILL)
    status = Path(f"/proc/{child.value}/stat")
    deadline = time.monotonic() + 5
    with contextlib.suppress(OSError):  # reaped
        while ") Z " not in status.read_text() and time.monotonic() < deadline:
            time.sleep(0.005)


def test_fork_shares_memory_and_exec_does_not(small: Bounds) -> None:
    secrets: list[str] = importlib.import_module("hostile").SECRETS
    secrets.append("token")
    try:
        with Sandbox("hostile:target", small, start="fork") as forked:
            assert forked.run({"do": "secrets"}) == Done(["token"])
        with Sandbox("hostile:target", small, start="exec") as executed:
            assert executed.run({"do": "secrets"}) == Done([])
    finally:
        secrets.clear()


def test_fresh_children_do_not_remember(small: Bounds) -> None:
    jobs = [{"do": "remember", "word": word} for word in "ab"]
    with Sandbox("hostile:target", small, fresh=True) as fresh:
        assert [fresh.run(job) for job in jobs] == [Done(["a"]), Done(["b"])]
    with Sandbox("hostile:target", small) as reused:
        assert [reused.run(job) for job in jobs] == [Done(["a"]), Done(["a", "b"])]


def test_a_child_is_dropped_after_any_loss(small: Bounds) -> None:
    with Sandbox("hostile:target", small) as box:
        first = box.run({"do": "pid"})
        assert box.run({"do": "pid"}) == first
        box.run({"do": "raise", "text": "oops"})
        assert box.run({"do": "pid"}) != first


@pytest.mark.parametrize("fresh", [True, False], ids=["fresh", "reused"])
def test_other_jobs_survive_deadly_ones(small: Bounds, *, fresh: bool) -> None:
    jobs: list[dict[str, object]] = [{"do": "echo", "n": n} for n in range(40)]
    deadly = ["segv", "execve", "loop", "flood", "allocate_slowly", "exit", "hang_up"]
    for place, deed in zip(range(3, 40, 6), deadly, strict=True):
        jobs[place] = {"do": deed}
    with Sandbox("hostile:target", small, fresh=fresh) as box, ThreadPoolExecutor(3) as pool:
        outcomes = list(pool.map(box.run, jobs))
    for job, outcome in zip(jobs, outcomes, strict=True):
        assert outcome == Done(job) if job["do"] == "echo" else isinstance(outcome, Lost)


@pytest.mark.parametrize("fresh", [True, False], ids=["fresh", "reused"])
def test_a_dead_zygote_is_replaced_by_exec(small: Bounds, *, fresh: bool) -> None:
    with Sandbox("hostile:target", small, fresh=fresh, start="fork") as box:
        kill(box)
        assert box.run({"do": "echo"}) == Done({"do": "echo"})
        assert zygote(box).mode == "exec"


def test_a_zygote_killed_amid_a_job_runs_it_again(small: Bounds) -> None:
    with Sandbox("hostile:target", small) as box:
        assert box.run({"do": "echo"}) == Done({"do": "echo"})
        timer = threading.Timer(0.2, os.kill, [zygote(box).pid, signal.SIGKILL])
        timer.start()
        assert box.run({"do": "nap", "seconds": 0.5}) == Done(None)
        timer.join()


def test_a_host_with_threads_starts_by_exec(small: Bounds) -> None:
    boxes: list[Sandbox] = []
    thread = threading.Thread(target=lambda: boxes.append(Sandbox("hostile:target", small)))
    thread.start()
    thread.join()  # a parent-death signal would follow the thread, not the process
    with boxes[0] as box:
        assert zygote(box).mode == "exec"
        assert box.run({"do": "echo"}) == Done({"do": "echo"})


def test_a_host_with_threads_cannot_insist_on_a_fork() -> None:
    stop = threading.Event()
    thread = threading.Thread(target=stop.wait)
    thread.start()
    try:
        assert threads() > 1
        with pytest.raises(ValueError, match="one thread"):
            Sandbox("hostile:target", start="fork")
    finally:
        stop.set()
        thread.join()


def test_starting_does_not_wait_for_the_import(small: Bounds) -> None:
    started = time.monotonic()
    with Sandbox("slow:target", small) as box:
        assert time.monotonic() - started < 0.3
        assert box.run(1) == Done(1)
        assert time.monotonic() - started > 0.5


@pytest.mark.parametrize("start", ["fork", "exec"])
@pytest.mark.parametrize("target", ["nowhere:target", "hostile:nothing", "toykits.broken:target"])
def test_a_target_that_cannot_be_imported_is_unavailable(target: str, start: Start) -> None:
    with Sandbox(target, start=start) as box:
        outcome = box.run({})
        assert isinstance(outcome, Lost)
        assert outcome.why == "unavailable"
        assert outcome.detail.startswith(target)
        assert box.locked() == {"worn": [], "shut": []}
        assert box.run({}) == outcome


def test_an_interpreter_that_is_none_is_unavailable(monkeypatch: pytest.MonkeyPatch) -> None:
    for program in ("", "/nowhere/python", "/bin/true"):
        monkeypatch.setattr("sys.executable", program)
        with Sandbox("hostile:target", start="exec") as box:
            outcome = box.run({})
            assert isinstance(outcome, Lost)
            assert outcome.why == "unavailable"


def test_a_closed_sandbox_is_unavailable(small: Bounds) -> None:
    with Sandbox("hostile:target", small) as box:
        box.run({"do": "echo"})
    assert box.run({"do": "echo"}) == Lost("unavailable", "the sandbox is closed")
    box.close()


def test_a_forked_host_cannot_use_its_parents_sandbox(small: Bounds) -> None:
    with Sandbox("hostile:target", small) as box:
        box.run({"do": "echo"})
        pid = os.fork()
        if pid == 0:
            outcome = box.run({"do": "echo"})
            box.close()
            os._exit(isinstance(outcome, Lost) and outcome.why == "unavailable")
        assert os.waitpid(pid, 0)[1] >> 8 == 1
        assert box.run({"do": "echo"}) == Done({"do": "echo"})


def test_no_descriptor_and_no_dead_child_is_left(small: Bounds) -> None:
    with Sandbox("hostile:target", small) as box:
        box.run({"do": "echo"})
        before = len(list(Path("/proc/self/fd").iterdir()))
        for deed in ["echo", "segv", "execve", "exit"] * 10:
            box.run({"do": deed})
        box.run({"do": "echo"})
        assert len(list(Path("/proc/self/fd").iterdir())) == before
        assert len(children(zygote(box).pid)) <= 2
        pid = zygote(box).pid
    assert not Path(f"/proc/{pid}").exists()


def test_a_kit_is_loaded_when_a_job_needs_it(small: Bounds) -> None:
    with Sandbox("hostile:target", small, kits=KITS) as box:
        before = box.run({"do": "pid"})
        wanted = {"do": "need", "kit": "letters"}
        assert box.run(wanted) == Done("A toy kit: letters.")
        assert zygote(box).loaded == {"letters"}
        after = box.run({"do": "pid"})
        assert after != before
        assert box.run(wanted) == Done("A toy kit: letters.")
        assert box.run({"do": "pid"}) == after
        assert box.run({"do": "need", "kit": "figures"}) == Done("A toy kit: figures.")


def test_no_parser_can_swallow_the_need_of_a_kit(small: Bounds) -> None:
    with Sandbox("hostile:target", small, kits=KITS) as box:
        assert box.run({"do": "swallow", "kit": "letters"}) == Done("A toy kit: letters.")


LIMITED = """
import resource, sys
sys.path[:] = {path!r}
from aibom.scanners.isolate import Sandbox, launch
limit = resource.getrlimit(resource.RLIMIT_FSIZE)
resource.setrlimit(resource.RLIMIT_FSIZE, (100, limit[1]))  # which the zygote inherits
box = Sandbox("hostile:target", kits={{"long": "toykits.long"}}, start=sys.argv[1])
resource.setrlimit(resource.RLIMIT_FSIZE, limit)
with box:
    print(box.run({{"do": "need", "kit": "long"}}))
"""


@pytest.mark.parametrize("start", ["fork", "exec"])
def test_a_limit_on_file_sizes_leaves_no_half_of_a_kit_behind(tmp_path: Path, start: Start) -> None:
    package = tmp_path / "toykits"
    package.mkdir()
    (package / "long.py").write_text('"""A long kit."""\n' + "x = 'y'\n" * 100)
    (package / "__init__.py").touch()
    program = LIMITED.format(path=[str(tmp_path), *sys.path])
    for _ in range(2):
        command = [sys.executable, "-I", "-c", program, start]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        assert (done.stdout, done.stderr) == ("Done(value='A long kit.')\n", "")
    assert sorted(path.name for path in package.iterdir()) == ["__init__.py", "long.py"]


@pytest.mark.parametrize("kit", ["os", "toykits.letters", "", "0", "letters"])
def test_an_unknown_or_loaded_kit_is_protocol(small: Bounds, kit: str) -> None:
    with Sandbox("hostile:target", small, kits=KITS) as box:
        outcome = box.run({"do": "need_for_ever", "kit": kit})
        assert outcome == Lost("protocol", f"asked for the kit {kit!r}")
        assert box.run({"do": "echo"}) == Done({"do": "echo"})


def test_a_broken_kit_is_unavailable(small: Bounds) -> None:
    with Sandbox("hostile:target", small, kits=KITS) as box:
        assert box.run({"do": "need", "kit": "broken"}) == Lost(
            "unavailable", "kit 'broken': ImportError: this kit is broken"
        )
        assert box.run({"do": "echo"}) == Done({"do": "echo"})


def test_a_new_zygote_gets_its_kits_again(small: Bounds) -> None:
    wanted = {"do": "need", "kit": "letters"}
    with Sandbox("hostile:target", small, kits=KITS) as box:
        assert box.run(wanted) == Done("A toy kit: letters.")
        kill(box)
        assert box.run(wanted) == Done("A toy kit: letters.")


def test_threads_may_need_the_same_kit_at_once(small: Bounds) -> None:
    wanted = {"do": "need", "kit": "letters"}
    with Sandbox("hostile:target", small, kits=KITS) as box, ThreadPoolExecutor(4) as pool:
        outcomes = list(pool.map(box.run, [wanted] * 12))
    assert outcomes == [Done("A toy kit: letters.")] * 12


def test_memory_is_counted_above_what_a_kit_maps(small: Bounds) -> None:
    with Sandbox("hostile:target", small, kits=KITS) as box:
        box.run({"do": "need", "kit": "letters"})
        assert box.run({"do": "allocate", "bytes": 128 << 20}) == Done(128 << 20)


def test_closing_does_not_wait_for_a_program_that_never_ends(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    program = tmp_path / "python"
    program.write_text("#!/bin/sh\nexec sleep 60\n")
    program.chmod(0o755)
    monkeypatch.setattr("sys.executable", str(program))
    monkeypatch.setattr("aibom.scanners.isolate.launch._FAREWELL", 0.1)
    started = time.monotonic()
    Sandbox("hostile:target", start="exec").close()
    assert time.monotonic() - started < 5


@pytest.mark.parametrize("start", ["fork", "exec"])
def test_closing_twice_and_before_the_first_job_is_fine(start: Start) -> None:
    box = Sandbox("hostile:target", start=start)
    box.close()
    box.close()


def test_a_child_serves_one_domain_only(small: Bounds) -> None:
    with Sandbox("hostile:target", small) as box:
        words = [("a", 1), ("b", 1), ("c", 2), ("d", 1)]
        seen = [box.run({"do": "remember", "word": word}, domain=domain) for word, domain in words]
        assert seen == [Done(["a"]), Done(["a", "b"]), Done(["c"]), Done(["a", "b", "d"])]
        box.forget(1)
        assert box.run({"do": "remember", "word": "e"}, domain=1) == Done(["e"])
