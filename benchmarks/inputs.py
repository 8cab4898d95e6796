"""Large and small model files for the benchmarks, written without any framework."""

from __future__ import annotations

import os
import pickle
import struct
import zlib
from typing import TYPE_CHECKING

from fixtures.safetensors import entry, safetensors

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

MIB = 1 << 20
TENSORS = 300


def noise(count: int) -> Iterator[bytes]:
    """Yield `count` bytes that do not compress, cheaply made."""
    block = os.urandom(MIB)
    for _ in range(count // MIB):
        yield block


def large_safetensors(path: Path, size: int) -> None:
    """Write a file with `size` bytes of tensors."""
    each = size // TENSORS // 4 * 4
    header = {f"model.layers.{n}.w": entry(n * each, (n + 1) * each) for n in range(TENSORS)}
    with path.open("wb") as file:
        file.write(safetensors(header))
        for block in noise(size):
            file.write(block)
        file.truncate(len(safetensors(header)) + each * TENSORS)


def large_gguf(path: Path, size: int) -> None:
    """Write a GGUF with `size` bytes of F32 tensors."""
    from fixtures.gguf import ALIGNMENT, STRING, Tensor, gguf  # noqa: PLC0415 - beside its use

    each = size // TENSORS // ALIGNMENT * ALIGNMENT
    tensors = [Tensor(f"blk.{n}.w", (each // 4,), 0, n * each) for n in range(TENSORS)]
    pairs = [("general.architecture", STRING, "llama"), ("general.license", STRING, "mit")]
    with path.open("wb") as file:
        file.write(gguf(pairs, tensors))
        head = file.tell()
        for block in noise(size):
            file.write(block)
        file.truncate(head + each * TENSORS)


def large_torch_zip(path: Path, size: int) -> None:
    """Write a torch checkpoint: a pickle of names, and stored members for the storages."""
    import zipfile  # noqa: PLC0415 - beside its use

    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("archive/data.pkl", state_dict(TENSORS, size // TENSORS // 4))
        archive.writestr("archive/version", b"3\n")
        for number in range(TENSORS):
            with archive.open(f"archive/data/{number}", "w", force_zip64=True) as member:
                for block in noise(size // TENSORS + MIB - 1):
                    member.write(block)


def state_dict(count: int, length: int) -> bytes:
    """Return the pickle that `torch.save` writes for `count` tensors of `length` floats."""
    program = bytearray(b"\x80\x02}q\x00(")
    for number in range(count):
        name = f"model.layers.{number}.weight".encode()
        key = str(number).encode()
        program += b"X" + struct.pack("<I", len(name)) + name
        program += b"ctorch._utils\n_rebuild_tensor_v2\n((X\x07\x00\x00\x00storage"
        program += b"ctorch\nFloatStorage\nX" + struct.pack("<I", len(key)) + key
        program += b"X\x03\x00\x00\x00cpuJ" + struct.pack("<i", length) + b"tQ"
        program += b"K\x00J" + struct.pack("<i", length) + b"\x85K\x01\x85\x89"
        program += b"ccollections\nOrderedDict\n)RtR"
    return bytes(program + b"u.")


def small_pickles(folder: Path, count: int) -> None:
    """Write `count` honest pickles of a few kilobytes: numbers, text and compressed bytes."""
    folder.mkdir()
    for number in range(count):
        value = {
            f"feature {n}": [n * 1.5, str(n), zlib.crc32(bytes([n % 256]))] for n in range(100)
        }
        (folder / f"{number}.pkl").write_bytes(pickle.dumps(value))


def many_small(folder: Path, count: int) -> None:
    """Write `count` files of 4 kB that differ, a hundred in a folder."""
    for number in range(count):
        path = folder / f"part-{number // 100:03d}" / f"{number:05d}.txt"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"%05d " % number * (4096 // 6))
