"""What macOS offers: the Seatbelt profile for pure computation.

NOT RUN on macOS so far; written from the header ``sandbox.h`` and from its use in Chromium. The
call is deprecated, and may be refused: then only rlimits are worn, and the trials of `trials`
report what is really shut. There is no parent-death signal (a child sees the end of its socket
instead) and no useful limit on address space, so `Bounds.memory` does not hold here.
"""

from __future__ import annotations

import ctypes
import ctypes.util

_NAMED = 1  # SANDBOX_NAMED: the profile is given by its name
PROFILE = b"pure-computation"  # kSBXProfilePureComputation


def settle() -> list[str]:
    """Do nothing: children inherit nothing useful here."""
    return []


def wear(parent: int) -> list[str]:  # noqa: ARG001 - the signature of `linux.wear`
    """Enter the profile. Return what was put on."""
    return ["seatbelt"] * _sandbox_init()


def mapped() -> int:
    """Return 0: address space is not limited here."""
    return 0


def close_from(first: int) -> bool:  # noqa: ARG001 - the signature of `linux.close_from`
    """Return False: there is no such call."""
    return False


def _sandbox_init() -> bool:
    name = ctypes.util.find_library("sandbox")
    if name is None:
        return False
    try:
        function = ctypes.CDLL(name).sandbox_init
    except (OSError, AttributeError):
        return False
    function.argtypes = [ctypes.c_char_p, ctypes.c_uint64, ctypes.POINTER(ctypes.c_char_p)]
    function.restype = ctypes.c_int
    message = ctypes.c_char_p()
    return bool(function(PROFILE, _NAMED, ctypes.byref(message)) == 0)
