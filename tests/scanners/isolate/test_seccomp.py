"""The filter, on both machines, by a small interpreter of classic BPF."""

from __future__ import annotations

import re
import struct
from pathlib import Path

import pytest

from aibom.scanners.isolate import seccomp

EVERY_TABLE = {
    **seccomp.PURE,
    **seccomp.TAKEOVER,
    **seccomp.ABSENT,
    "mmap": seccomp.MMAP,
    "mprotect": seccomp.MPROTECT,
    "prlimit64": seccomp.PRLIMIT,
}
both_machines = pytest.mark.parametrize("machine", ["x86_64", "aarch64"])


def fate(machine: str, number: int, arguments: tuple[int, ...] = (), arch: int = 0) -> int:
    words = [*arguments, *[0] * 6][:6]
    data = struct.pack("<IIQ6Q", number, arch or seccomp.ARCHES[machine][0], 0, *words)
    code = list(struct.iter_unpack("HBBI", seccomp.program(machine)))
    at = value = 0
    while True:
        op, yes, no, operand = code[at]
        at += 1
        if op == 0x20:
            (value,) = struct.unpack_from("<I", data, operand)
        elif op == 0x06:
            return int(operand)
        else:
            tests = {0x15: value == operand, 0x35: value >= operand, 0x45: value & operand != 0}
            at += yes if tests[op] else no


@both_machines
@pytest.mark.parametrize(
    ("table", "expected"),
    [
        (seccomp.PURE, seccomp.ALLOW),
        (seccomp.TAKEOVER, seccomp.KILL),
        (seccomp.ABSENT, seccomp.ENOSYS),
    ],
    ids=["pure", "takeover", "absent"],
)
def test_each_named_call_has_its_fate(
    machine: str, table: dict[str, tuple[int, int]], expected: int
) -> None:
    column = seccomp.ARCHES[machine][1]
    assert {fate(machine, numbers[column]) for numbers in table.values()} == {expected}


@both_machines
def test_every_other_call_is_refused(machine: str) -> None:
    column = seccomp.ARCHES[machine][1]
    named = {numbers[column] for numbers in EVERY_TABLE.values()}
    others = set(range(600)) - named
    assert {fate(machine, number) for number in others} == {seccomp.EPERM}


@both_machines
@pytest.mark.parametrize("protection", range(8))
def test_memory_is_anonymous_and_never_executable(machine: str, protection: int) -> None:
    column = seccomp.ARCHES[machine][1]
    mmap, mprotect = seccomp.MMAP[column], seccomp.MPROTECT[column]
    executable = protection & 4
    for flags in (0x02, 0x22, 0x01, 0x21):
        lawful = not executable and flags & 0x20
        expected = seccomp.ALLOW if lawful else seccomp.EPERM
        assert fate(machine, mmap, (0, 1, protection, flags)) == expected
    expected = seccomp.EPERM if executable else seccomp.ALLOW
    assert fate(machine, mprotect, (0, 1, protection)) == expected


@both_machines
def test_limits_can_be_set_on_oneself_only(machine: str) -> None:
    number = seccomp.PRLIMIT[seccomp.ARCHES[machine][1]]
    assert [fate(machine, number, (pid,)) for pid in (0, 7)] == [seccomp.ALLOW, seccomp.EPERM]


@both_machines
def test_another_machines_calls_kill(machine: str) -> None:
    assert fate(machine, 0, arch=0x4000_0003) == seccomp.KILL


def test_x32_calls_kill() -> None:
    assert fate("x86_64", 0x4000_0000) == seccomp.KILL


@pytest.mark.parametrize(
    ("machine", "header", "pattern"),
    [
        ("x86_64", "/usr/include/x86_64-linux-gnu/asm/unistd_64.h", r"__NR_(\w+) (\d+)"),
        ("aarch64", "/usr/include/asm-generic/unistd.h", r"__NR(?:3264)?_(\w+) (\d+)"),
    ],
)
def test_the_numbers_are_the_kernels(machine: str, header: str, pattern: str) -> None:
    if not Path(header).exists():
        pytest.skip("no kernel headers")
    truth = {name: int(number) for name, number in re.findall(pattern, Path(header).read_text())}
    column = seccomp.ARCHES[machine][1]
    ours = {name: numbers[column] for name, numbers in EVERY_TABLE.items()}
    assert ours == {name: truth[name] for name in ours}
