"""First bytes that leave no doubt, looked at outside the process that parses.

A parser that a file has taken over can call that file harmless, but it cannot change these bytes.
"""

from __future__ import annotations

LENGTH = 64  # bytes that `promised` looks at

SIGNATURES: tuple[tuple[bytes, str], ...] = (  # (prefix, id of the format that must be reported)
    (b"PK\x03\x04", "zip"),
    (b"\x1f\x8b\x08", "gzip"),
    (b"BZh", "bzip2"),
    (b"\xfd7zXZ\x00", "xz"),
    (b"7z\xbc\xaf\x27\x1c", "7z"),
    (b"\x28\xb5\x2f\xfd", "zstd"),
    (b"\x04\x22\x4d\x18", "lz4"),
    (b"GGUF", "gguf"),
    (b"\x93NUMPY", "npy"),
    (b"version https://git-lfs.github.com/spec/", "git-lfs-pointer"),
    *((bytes([0x80, version, 0x95]), "pickle") for version in (4, 5)),
)

BEGINNINGS: tuple[bytes, ...] = (  # of a file that no raw numbers would start with, but by chance
    *(prefix for prefix, _ in SIGNATURES),
    *(bytes([0x80, version]) for version in range(2, 6)),
    b"PK\x05\x06", b"Rar!", b"MSCF", b"\x02\x21\x4c\x18",
    b"\x89HDF", b"CBM1", b"ptrt", b"ftrt", b"PAR1", b"\x7fELF", b"MZ", b"\xca\xfe\xba\xbe",
    b"\xfe\xed\xfa", b"\xce\xfa\xed\xfe", b"\xcf\xfa\xed\xfe", b"ZF0x",
)  # fmt: skip


def promised(head: bytes) -> str | None:
    """Return the id of the format that `head` (the first bytes of a file) can only belong to."""
    return next((id_ for prefix, id_ in SIGNATURES if head.startswith(prefix)), None)
