"""The opcodes of pickle protocols 0 to 5, as data.

Source: CPython's ``Lib/pickletools.py`` and PEP 307, 3154 and 574.
"""

from __future__ import annotations

import _compat_pickle
import re
from functools import cache

STOP, MARK, POP, POP_MARK, DUP = 0x2E, 0x28, 0x30, 0x31, 0x32
PROTO, FRAME = 0x80, 0x95
HIGHEST_PROTOCOL = 5

FIXED = {  # opcodes with an argument of fixed length, in bytes
    **dict.fromkeys(
        b".(012NRabdeost)]}Q\x81\x85\x86\x87\x88\x89\x8f\x90\x91\x92\x93\x94\x97\x98l", 0
    ),
    **dict.fromkeys(b"Khq\x80\x82", 1),
    **dict.fromkeys(b"M\x83", 2),
    **dict.fromkeys(b"Jjr\x84", 4),
    **dict.fromkeys(b"G\x95", 8),
}
COUNTED = {  # opcodes whose argument starts with its own length: bytes of that length field
    **dict.fromkeys(b"UC\x8a\x8c", 1),
    **dict.fromkeys(b"TBX\x8b", 4),
    **dict.fromkeys(b"\x8d\x8e\x96", 8),
}
SIGNED = frozenset(b"T\x8b")  # ... and may be negative, which no unpickler accepts
LINES = {**dict.fromkeys(b"FILSVgpP", 1), **dict.fromkeys(b"ci", 2)}  # text arguments, in lines

# What may import, call, or touch an object that the pickle did not build from constants.
EFFECTS = frozenset(b"ciRobPQ\x81\x82\x83\x84\x92\x93\x97")

# Opcodes that need nothing on the stack: a pickle without a PROTO opcode starts with one of them.
OPENERS = frozenset(b"(NcI]})KMJGLFSVUTXCB\x88\x89\x8a\x8b\x8c\x8d\x8e\x8f\x95\x96P\x82\x83\x84")

NAME_MAPPING: dict[tuple[str, str], tuple[str, str]] = _compat_pickle.NAME_MAPPING
IMPORT_MAPPING: dict[str, str] = _compat_pickle.IMPORT_MAPPING


def python3_name(module: str, name: str) -> tuple[str, str]:
    """Return what a Python 2 name stands for: ``fix_imports`` of the unpickler."""
    if (module, name) in NAME_MAPPING:
        return NAME_MAPPING[module, name]
    return IMPORT_MAPPING.get(module, module), name


def counted(prefix: bytes, most: int = 255) -> bytes:
    """Return a pattern for a one-byte length up to `most`, then `prefix`, then that many bytes."""
    lengths = (re.escape(bytes([n])) + prefix + b".{%d}" % n for n in range(most + 1))
    return b"(?:" + b"|".join(lengths) + b")"


_FIXED_RUN = rb"[N0-2(\]})\x88\x89\x8f\x90\x91\x94\x98atelsud\x85-\x87]"
_SHORT_RUN = rb"|G.{8}|[Khq].|M..|[Jrj].{4}|[SVILFpg][^\n]{0,200}\n)*+"
FEW = 4096  # bytes; the full pattern takes as long to compile as some thousand opcodes to follow


@cache
def short_run() -> re.Pattern[bytes]:
    """Return a pattern for a run of opcodes that only move constants, but for texts and bytes.

    It goes at the speed of the regular expression engine, and is possessive, so that it keeps no
    way back. Longer arguments, FRAME and STOP end a run.
    """
    return re.compile(rb"(?:" + _FIXED_RUN + _SHORT_RUN, re.DOTALL)


@cache
def long_run() -> re.Pattern[bytes]:
    """Return the same with texts and bytes, which pays after the first `FEW` bytes of a pickle."""
    texts = rb"|[\x8cUC\x8a]" + counted(b"") + rb"|X" + counted(rb"\0\0\0")
    return re.compile(rb"(?:" + _FIXED_RUN + texts + _SHORT_RUN, re.DOTALL)
