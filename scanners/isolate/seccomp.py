"""The system calls that pure computation needs, as a classic BPF program.

What is listed is allowed, or kills, or is said not to exist; everything else fails with EPERM, so
that a stray call of a parser is a Python error and not a death. The numbers are those of the
kernel's ``asm/unistd_64.h`` and ``asm-generic/unistd.h``; a test compares them.
"""

from __future__ import annotations

import functools
import struct

ALLOW, KILL, EPERM, ENOSYS = 0x7FFF_0000, 0x8000_0000, 0x0005_0001, 0x0005_0026
_LOAD, _EQUAL, _AT_LEAST, _AND_SET, _RETURN = 0x20, 0x15, 0x35, 0x45, 0x06
_PROT_EXEC, _MAP_ANONYMOUS = 4, 0x20
_X32 = 0x4000_0000  # the x32 calls wear the audit number of x86_64, and this bit

ARCHES = {"x86_64": (0xC000_003E, 0), "aarch64": (0xC000_00B7, 1)}  # audit number, column below

PURE = {  # name: (x86_64, aarch64)
    "read": (0, 63),
    "write": (1, 64),
    "close": (3, 57),
    "pread64": (17, 67),
    "sendto": (44, 206),
    "recvfrom": (45, 207),
    "recvmsg": (47, 212),
    "munmap": (11, 215),
    "brk": (12, 214),
    "mremap": (25, 216),
    "madvise": (28, 233),
    "futex": (202, 98),
    "sched_yield": (24, 124),
    "getrandom": (318, 278),
    "rt_sigaction": (13, 134),
    "rt_sigprocmask": (14, 135),
    "rt_sigreturn": (15, 139),
    "sigaltstack": (131, 132),
    "restart_syscall": (219, 128),
    "clock_gettime": (228, 113),
    "clock_nanosleep": (230, 115),
    "gettimeofday": (96, 169),
    "getpid": (39, 172),
    "getppid": (110, 173),
    "gettid": (186, 178),
    "getrusage": (98, 165),
    "exit": (60, 93),
    "exit_group": (231, 94),
}
TAKEOVER = {  # no parser makes these by accident: the child dies, and the host hears of a violation
    "execve": (59, 221),
    "execveat": (322, 281),
    "ptrace": (101, 117),
    "process_vm_readv": (310, 270),
    "process_vm_writev": (311, 271),
    "memfd_create": (319, 279),
    "bpf": (321, 280),
    "userfaultfd": (323, 282),
    "io_uring_setup": (425, 425),
    "perf_event_open": (298, 241),
    "mount": (165, 40),
    "unshare": (272, 97),
    "setns": (308, 268),
    "init_module": (175, 105),
    "finit_module": (313, 273),
    "kexec_load": (246, 104),
    "add_key": (248, 217),
    "request_key": (249, 218),
    "keyctl": (250, 219),
    "pidfd_getfd": (438, 438),
}
ABSENT = {"clone3": (435, 435), "rseq": (334, 293), "set_robust_list": (273, 99)}
MMAP, MPROTECT, PRLIMIT = (9, 222), (10, 226), (302, 261)


def _op(code: int, value: int, yes: int = 0, no: int = 0) -> bytes:
    return struct.pack("HBBI", code, yes, no, value)


def _low(argument: int) -> bytes:
    return _op(_LOAD, 16 + 8 * argument)  # both machines are little-endian


def _memory_and_self(column: int) -> list[bytes]:
    """Allow memory that is anonymous and never executable, and limits on this process alone."""
    yes, no = _op(_RETURN, ALLOW), _op(_RETURN, EPERM)
    not_executable = [_low(2), _op(_AND_SET, _PROT_EXEC, 2, 0)]
    anonymous = [_low(3), _op(_AND_SET, _MAP_ANONYMOUS, 1, 0), no, yes]
    tests = (
        (MMAP, [*not_executable, *anonymous]),
        (MPROTECT, [_low(2), _op(_AND_SET, _PROT_EXEC, 0, 1), no, yes]),
        (PRLIMIT, [_low(0), _op(_EQUAL, 0, 1, 0), no, yes]),
    )
    code: list[bytes] = []
    for numbers, test in tests:
        code += [_op(_EQUAL, numbers[column], 0, len(test)), *test]
    return code


@functools.cache
def program(machine: str) -> bytes:
    """Return the filter for a machine of `ARCHES`, as an array of ``struct sock_filter``."""
    audit, column = ARCHES[machine]
    code = [_op(_LOAD, 4), _op(_EQUAL, audit, 1, 0), _op(_RETURN, KILL), _op(_LOAD, 0)]
    if machine == "x86_64":
        code += [_op(_AT_LEAST, _X32, 0, 1), _op(_RETURN, KILL)]
    for table, fate in ((PURE, ALLOW), (ABSENT, ENOSYS), (TAKEOVER, KILL)):
        for numbers in table.values():
            code += [_op(_EQUAL, numbers[column], 0, 1), _op(_RETURN, fate)]
    return b"".join([*code, *_memory_and_self(column), _op(_RETURN, EPERM)])
