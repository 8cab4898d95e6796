"""What Linux offers to give powers up for good: privileges, capabilities, Landlock, seccomp.

By `ctypes` only. Whatever a kernel or a container refuses is left out of the report, and the trials
of `trials` decide what counts.
"""

from __future__ import annotations

import ctypes
import os
import signal
import struct
import sys
from typing import Final

from . import seccomp

_NO_NEW_PRIVS, _DUMPABLE, _PDEATHSIG, _SECCOMP = 38, 4, 1, 22  # <linux/prctl.h>
_SECCOMP_MODE_FILTER: Final = 2
_LANDLOCK_CREATE, _LANDLOCK_RESTRICT, _CLOSE_RANGE = 444, 446, 436  # the same on every machine
_LANDLOCK_ASK_VERSION: Final = 1
_CAPSET = {"x86_64": 126, "aarch64": 91}
_CAPABILITY_VERSION_3: Final = 0x2008_0522
_libc = ctypes.CDLL(None, use_errno=True)
_libc.syscall.restype = ctypes.c_long


def _syscall(number: int, *arguments: int | bytes | None) -> int:
    words = [
        ctypes.c_long(word) if isinstance(word, int) else ctypes.c_char_p(word)
        for word in arguments
    ]
    return int(_libc.syscall(ctypes.c_long(number), *words))


def _prctl(option: int, value: int) -> bool:
    words = [ctypes.c_ulong(word) for word in (value, 0, 0, 0)]
    return bool(_libc.prctl(ctypes.c_int(option), *words) == 0)


def close_from(first: int) -> bool:
    """Close every descriptor from `first` on; False when the kernel cannot do it at once."""
    return _syscall(_CLOSE_RANGE, first, 0xFFFF_FFFF, 0) == 0


def mapped() -> int:
    """Return the bytes of address space that this process has now."""
    with open("/proc/self/statm", "rb") as file:  # noqa: PTH123 - pathlib costs the zygote 5 ms
        return int(file.read().split()[0]) * os.sysconf("SC_PAGESIZE")


def settle() -> list[str]:
    """Do, once in the zygote, what its children inherit. Return what was put on."""
    if os.uname().machine in seccomp.ARCHES:
        seccomp.program(os.uname().machine)  # made here, kept for the children
    return ["no_new_privs"] * _prctl(_NO_NEW_PRIVS, 1)


def wear(parent: int) -> list[str]:
    """Do the rest in a child. Return what was put on."""
    worn = ["capabilities"] * _no_capabilities()
    # These two after every change of credentials, which would undo them. The signal follows the
    # thread that forked: the zygote has but one, so it means the death of the zygote.
    _prctl(_DUMPABLE, 0)
    _prctl(_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:
        os._exit(1)  # the zygote died before the line above
    # One Landlock domain for each child: in a shared one, siblings could signal each other.
    worn += [f"landlock{version}" for version in [_landlock()] if version]
    return worn + ["seccomp"] * _filter()


def _no_capabilities() -> bool:
    number = _CAPSET.get(os.uname().machine)
    header = struct.pack("II", _CAPABILITY_VERSION_3, 0)
    return number is not None and _syscall(number, header, bytes(24)) == 0


def landlock_rights(version: int) -> bytes:
    """Return all rights that Landlock `version` handles, as ``struct landlock_ruleset_attr``."""
    bits_of_version = {1: 13, 2: 14, 3: 15, 4: 15}
    files = (1 << bits_of_version.get(version, 16)) - 1
    tcp = 3 if version >= 4 else 0  # noqa: PLR2004 - the version that brought bind and connect
    scopes = 3 if version >= 6 else 0  # noqa: PLR2004 - ... abstract sockets and signals
    return struct.pack("QQQ", files, tcp, scopes)


def _landlock() -> int:
    """Deny every right that this kernel's Landlock knows. Return its version, or 0."""
    version = _syscall(_LANDLOCK_CREATE, None, 0, _LANDLOCK_ASK_VERSION)
    if version < 1:
        return 0
    rights = landlock_rights(version)
    ruleset = _syscall(_LANDLOCK_CREATE, rights, len(rights), 0)
    if ruleset < 0:
        return 0
    done = _syscall(_LANDLOCK_RESTRICT, ruleset, 0) == 0
    os.close(ruleset)
    return version if done else 0


def _filter() -> bool:
    machine = os.uname().machine
    if machine not in seccomp.ARCHES or sys.maxsize < 1 << 32:
        return False
    code = seccomp.program(machine)
    buffer = ctypes.create_string_buffer(code, len(code))
    record = struct.pack("HxxxxxxQ", len(code) // 8, ctypes.addressof(buffer))
    return bool(
        _libc.prctl(
            ctypes.c_int(_SECCOMP),
            ctypes.c_ulong(_SECCOMP_MODE_FILTER),
            ctypes.create_string_buffer(record, len(record)),
            ctypes.c_ulong(0),
            ctypes.c_ulong(0),
        )
        == 0
    )
