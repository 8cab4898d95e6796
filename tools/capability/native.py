"""What a native module can reach: the functions of the C library and of CPython that it imports.

Coarse on purpose: an import table says what a whole shared object may call, not which of its
functions does. Reads ELF (symbol table .dynsym) and Mach-O (LC_SYMTAB) headers only, no code.
"""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

REACH = {
    "proc": "system execve execv execvp execvpe execl execlp posix_spawn posix_spawnp popen fork "
    "vfork",
    "native": "dlopen",
    "exec": "PyRun_StringFlags PyRun_SimpleStringFlags PyRun_FileExFlags PyRun_SimpleFileExFlags "
    "PyEval_EvalCode PyEval_EvalCodeEx Py_CompileStringExFlags",
    "unpickle": "PyMarshal_ReadObjectFromString",
    "net": "connect sendto getaddrinfo gethostbyname bind",
    "fwrite": "fopen fopen64 open64 unlink remove rename",
    "env": "setenv putenv",
}
_EFFECT = {symbol: effect for effect, symbols in REACH.items() for symbol in symbols.split()}

_ELF, _MACHO_64, _MACHO_FAT = b"\x7fELF\x02\x01", b"\xcf\xfa\xed\xfe", b"\xca\xfe\xba\xbe"
_SHT_DYNSYM = 11
_LC_SYMTAB = 2
_MACHO_EXTERNAL, _MACHO_TYPE = 0x01, 0x0E


def reach(content: bytes) -> list[str] | None:
    """Return the effects that a shared object may have; None if its format is not read."""
    try:
        symbols = _imports(content)
    except (struct.error, IndexError, ValueError):
        return None
    return None if symbols is None else sorted({_EFFECT[s] for s in symbols if s in _EFFECT})


def _imports(content: bytes) -> set[str] | None:
    if content.startswith(_ELF):
        return set(_elf(content))
    if content.startswith(_MACHO_FAT):
        offset = struct.unpack_from(">I", content, 16)[0]  # of the first architecture
        return _imports(content[offset:])
    if content.startswith(_MACHO_64):
        return set(_macho(content))
    return None


def _elf(content: bytes) -> Iterator[str]:
    (table,) = struct.unpack_from("<Q", content, 0x28)
    size, count = struct.unpack_from("<HH", content, 0x3A)
    sections = [struct.unpack_from("<IIQQQQIIQQ", content, table + i * size) for i in range(count)]
    for section in sections:
        if section[1] != _SHT_DYNSYM:
            continue
        start, length, strings = section[4], section[5], sections[section[6]]
        for at in range(start, start + length, 24):
            name, _, _, defined_in = struct.unpack_from("<IBBH", content, at)
            if defined_in == 0 and name:
                yield _text(content, strings[4] + name)


def _macho(content: bytes) -> Iterator[str]:
    (commands,) = struct.unpack_from("<I", content, 16)
    at = 32
    for _ in range(commands):
        kind, length = struct.unpack_from("<II", content, at)
        if kind == _LC_SYMTAB:
            symbols, count, strings, _ = struct.unpack_from("<IIII", content, at + 8)
            for number in range(count):
                name, flags = struct.unpack_from("<IB", content, symbols + 16 * number)
                if flags & _MACHO_EXTERNAL and not flags & _MACHO_TYPE:
                    yield _text(content, strings + name).removeprefix("_")
        at += length


def _text(content: bytes, start: int) -> str:
    return content[start : content.index(b"\0", start)].decode("ascii", "replace")
