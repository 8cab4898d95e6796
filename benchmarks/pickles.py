"""The pickle kernel against picklescan and against hashing: processor time and peak memory.

Usage: python benchmarks/pickles.py [--runs N] [--size GIB]

Every figure is taken in a process of its own, the two sides in turn; the least of the runs counts.
The inputs are written here, opcode by opcode; none is ever loaded. "Reading" leaves out what it
takes to start Python and to import; "command" is all of `aibom scan FILE`, with its locked process
and its rules, against all of `picklescan -p FILE`.
"""

from __future__ import annotations

import argparse
import ctypes
import hashlib
import os
import pickle
import resource
import struct
import subprocess
import sys
import tempfile
import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

from benchmarks.inputs import state_dict  # noqa: E402
from benchmarks.measure import ENVIRONMENT, machine, peak_memory  # noqa: E402

GIB = 1 << 30
TENSORS = 10_000
ENTRIES = 1_250_000  # three opcodes each, one of them MEMOIZE
ARRAY = 200_000_000  # bytes
GOAL, GOAL_HASH = 4.0, 5.0  # times less than picklescan's; per cent of hashing
BIN = Path(sys.executable).parent
STORAGES = 300  # of the large torch zip
ZIP64 = 0xFFFF_FFFF
SUBREAPER = 36  # PR_SET_CHILD_SUBREAPER: what a command leaves behind is reaped, and counted, here


def many_opcodes(path: Path) -> None:
    """Write a dict of 1,250,000 names and numbers: 3.75 million opcodes."""
    entries = {f"feature_name_{number}": number * 1.1 for number in range(ENTRIES)}
    path.write_bytes(pickle.dumps(entries, protocol=4))


def checkpoint() -> bytes:
    """Return the `data.pkl` that torch.save makes of 10,000 tensors of 16 numbers."""
    out, slots = bytearray(b"\x80\x02}q\x00("), {"": 0}

    def argument(codes: bytes, slot: int) -> bytes:
        short = slot < 1 << 8
        return codes[:1] + bytes([slot]) if short else codes[1:] + struct.pack("<I", slot)

    def put(name: str = "") -> bytes:
        slots[""] += 1
        slots[name or "last"] = slots[""]
        return argument(b"qr", slots[""])

    def once(name: str, code: bytes) -> bytes:
        return argument(b"hj", slots[name]) if name in slots else code + put(name)

    def text(value: str) -> bytes:
        return b"X" + struct.pack("<I", len(value)) + value.encode()

    for number in range(TENSORS):
        out += text(f"model.layers.{number // 12}.block{number % 12}.weight") + put()
        out += once("rebuild", b"ctorch._utils\n_rebuild_tensor_v2\n") + b"(("
        out += once("storage", text("storage")) + once("class", b"ctorch\nFloatStorage\n")
        out += text(str(number)) + put() + once("cpu", text("cpu")) + b"K\x10t" + put() + b"Q"
        out += b"K\x00K\x04K\x04\x86" + put() + b"K\x04K\x01\x86" + put() + b"\x89"
        out += once("hooks", b"ccollections\nOrderedDict\n") + b")R" + put()
        out += b"t" + put() + b"R" + put()
    return bytes(out) + b"u."


def large_array(path: Path) -> None:
    """Write a pickled numpy array of 200 MB."""
    head = b"\x80\x04cnumpy._core.multiarray\n_reconstruct\ncnumpy\nndarray\nK\x00\x85C\x01b\x87R"
    dtype = b"cnumpy\ndtype\n\x8c\x02u1\x89\x88\x87R"
    with path.open("wb") as file:
        file.write(head + b"(K\x01J" + struct.pack("<i", ARRAY) + b"\x85" + dtype + b"\x89B")
        file.write(struct.pack("<I", ARRAY))
        for _ in range(ARRAY // 1_000_000):
            file.write(os.urandom(1_000_000))
        file.write(b"tb.")


def torch_zip(path: Path, program: bytes, storages: int, length: int) -> None:
    """Write a checkpoint as torch does; its storages, of `length` zeros each, take no disk.

    A local header without sizes, padding to 64 bytes, the data, and a descriptor with the sizes.
    """
    members = [("data.pkl", program), ("byteorder", b"little"), ("version", b"3\n")]
    zeros = zlib.crc32(bytes(length))
    directory = bytearray()
    with path.open("wb") as file:
        for name, data in [*members, *((f"data/{n}", b"") for n in range(storages))]:
            size, crc = (len(data), zlib.crc32(data)) if data else (length, zeros)
            full, start = f"archive/{name}".encode(), file.tell()
            gap = -(start + 34 + len(full)) % 64
            tail = struct.pack("<HH", len(full), 4 + gap)
            file.write(b"PK\3\4\0\0\x08\x08" + bytes(18) + tail + full)
            file.write(b"FB" + struct.pack("<H", gap) + b"Z" * gap + data)
            file.seek(size - len(data), os.SEEK_CUR)
            file.write(b"PK\7\x08" + struct.pack("<3I", crc, size, size))
            far = struct.pack("<HHQ", 1, 8, start) if start >= ZIP64 else b""
            directory += b"PK\1\2\0\0\0\0\x08\x08" + bytes(6)
            directory += struct.pack("<3I2H", crc, size, size, len(full), len(far)) + bytes(10)
            directory += struct.pack("<I", min(start, ZIP64)) + full + far
        at, count = file.tell(), len(members) + storages
        file.write(directory)
        file.write(b"PK\6\6" + struct.pack("<Q2H2I4Q", 44, 0, 45, 0, 0, count, count,
                                            len(directory), at))  # fmt: skip
        file.write(b"PK\6\7" + struct.pack("<IQI", 0, at + len(directory), 1))
        file.write(b"PK\5\6" + struct.pack("<4H2IH", 0, 0, count, count, len(directory),
                                            min(at, ZIP64), 0))  # fmt: skip


# --- One side, in a process of its own ------------------------------------------------------------


@dataclass(frozen=True)
class Cost:
    """What one run took."""

    seconds: float  # of processor time, of all its processes
    peak: float  # bytes of memory, at most at the same time


def read_with_aibom(path: str) -> None:
    """Read a file into facts, as a scan does."""
    from aibom.scanners.dissect import dissect  # noqa: PLC0415 - only its own process imports it
    from aibom.scanners.limits import Budget, Limits  # noqa: PLC0415
    from aibom.scanners.source import FileSource  # noqa: PLC0415

    fd = os.open(path, os.O_RDONLY)
    before = usage()
    dissect(FileSource(fd, os.fstat(fd).st_size), (path,), Budget(Limits()))
    report(before)


def read_with_picklescan(path: str) -> None:
    """Read a file with picklescan."""
    from picklescan.scanner import scan_file_path  # type: ignore[import-untyped]  # noqa: PLC0415

    before = usage()
    scan_file_path(path)
    report(before)


def hash_only(path: str) -> None:
    """Hash a file."""
    before = usage()
    with Path(path).open("rb") as file:
        hashlib.file_digest(file, "sha256").hexdigest()
    report(before)


def run_command(*command: str) -> None:
    """Run a command, and wait for whatever it started."""
    ctypes.CDLL(None).prctl(SUBREAPER, 1, 0, 0, 0)
    subprocess.run(command, capture_output=True, check=False, env=ENVIRONMENT)
    while True:
        try:
            os.waitpid(-1, 0)
        except ChildProcessError:
            break
    spent = resource.getrusage(resource.RUSAGE_CHILDREN)
    print(spent.ru_utime + spent.ru_stime, 0)


SIDES: dict[str, Callable[..., None]] = {
    "aibom": read_with_aibom,
    "picklescan": read_with_picklescan,
    "hash": hash_only,
    "command": run_command,
}


def usage() -> tuple[float, int]:
    """Return seconds of processor time and the peak of memory in bytes, so far."""
    spent = resource.getrusage(resource.RUSAGE_SELF)
    return spent.ru_utime + spent.ru_stime, spent.ru_maxrss * 1024


def report(before: tuple[float, int]) -> None:
    """Print what was added since `before`."""
    after = usage()
    print(after[0] - before[0], after[1] - before[1])


# --- Both sides -----------------------------------------------------------------------------------


def measured(side: str, *arguments: str) -> Cost:
    """Return what one run costs in a process of its own."""
    command = [sys.executable, __file__, "--side", side, *arguments]
    done = subprocess.run(command, capture_output=True, check=True, text=True, env=ENVIRONMENT)
    seconds, peak = done.stdout.split()[-2:]
    return Cost(float(seconds), float(peak))


def least(costs: list[Cost]) -> Cost:
    """Return the least of several runs."""
    return Cost(min(cost.seconds for cost in costs), min(cost.peak for cost in costs))


def reading(path: Path, runs: int, other: str) -> tuple[Cost, Cost]:
    """Return what it costs to read a file, and to have `other` read it."""
    pairs = [(measured("aibom", str(path)), measured(other, str(path))) for _ in range(runs)]
    return least([ours for ours, _ in pairs]), least([theirs for _, theirs in pairs])


def commands(path: Path, runs: int) -> tuple[Cost, Cost]:
    """Return what `aibom scan` and `picklescan` cost as whole commands."""
    ours = [str(BIN / "aibom"), "scan", str(path)]
    theirs = [str(BIN / "picklescan"), "-p", str(path)]
    pairs = [(measured("command", *ours), measured("command", *theirs)) for _ in range(runs)]
    return (
        Cost(least([a for a, _ in pairs]).seconds, peak_memory(ours)),
        Cost(least([b for _, b in pairs]).seconds, peak_memory(theirs)),
    )


def ratio(ours: float, theirs: float) -> str:
    """Return how many times less ours is, and whether that is the goal."""
    times = theirs / ours
    return f"{times:.1f} ({'met' if times >= GOAL else 'not met'})"


def row(what: str, found: tuple[Cost, Cost]) -> str:
    """Return a line of the table against picklescan."""
    ours, theirs = found
    return (
        f"| {what} | {ours.seconds:.3f} s | {theirs.seconds:.3f} s | "
        f"{ratio(ours.seconds, theirs.seconds)} | {ours.peak / 1e6:.1f} MB | "
        f"{theirs.peak / 1e6:.1f} MB | {ratio(ours.peak, theirs.peak)} |"
    )


def against_picklescan(folder: Path, runs: int) -> list[str]:
    """Return the table against picklescan; the smallest pickle shows what starting takes."""
    inputs = {"an empty dict": folder / "least.pkl", "3.75 million opcodes": folder / "many.pkl",
              "10,000 tensors, `data.pkl`": folder / "data.pkl",
              "10,000 tensors, `model.pt`": folder / "model.pt"}  # fmt: skip
    out = [
        f"Goal: {GOAL:g} times less than picklescan, of time and of memory.",
        "",
        "| what | aibom | picklescan | times less | memory | picklescan's | times less |",
        "|---|---|---|---|---|---|---|",
    ]
    for name, path in inputs.items():
        if path.name != "least.pkl":
            out.append(row(f"reading, {name}", reading(path, runs, "picklescan")))
        out.append(row(f"command, {name}", commands(path, runs)))
    return out


def against_hashing(folder: Path, runs: int) -> list[str]:
    """Return the table against hashing the same bytes."""
    inputs = {"an array of 200 MB": folder / "array.pkl", "a torch zip": folder / "large.pt"}
    out = [
        f"Goal: reading costs at most {GOAL_HASH:g} % of hashing the same bytes.",
        "",
        "| input | bytes | reading | hashing | per cent | memory |",
        "|---|---|---|---|---|---|",
    ]
    for name, path in inputs.items():
        ours, theirs = reading(path, runs, "hash")
        share = 100 * ours.seconds / theirs.seconds
        out.append(
            f"| {name} | {path.stat().st_size:,} | {ours.seconds:.4f} s | {theirs.seconds:.3f} s | "
            f"{share:.1f} ({'met' if share <= GOAL_HASH else 'not met'}) | "
            f"{ours.peak / 1e6:.1f} MB |"
        )
    return out


def write(folder: Path, size: int) -> None:
    """Write every input, in a process that leaves this one's peak of memory alone."""
    if os.fork() == 0:
        (folder / "least.pkl").write_bytes(b"\x80\4}.")
        many_opcodes(folder / "many.pkl")
        (folder / "data.pkl").write_bytes(checkpoint())
        torch_zip(folder / "model.pt", checkpoint(), TENSORS, 64)
        large_array(folder / "array.pkl")
        each = size // STORAGES // 4
        torch_zip(folder / "large.pt", state_dict(STORAGES, each), STORAGES, each * 4)
        os._exit(0)
    os.wait()


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--size", type=float, default=4.0, help="GiB of the large torch zip")
    parser.add_argument("--side", choices=SIDES)
    parser.add_argument("arguments", nargs=argparse.REMAINDER)
    options = parser.parse_args()
    if options.side:
        SIDES[options.side](*options.arguments)
        return
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        write(folder, int(options.size * GIB))
        print(f"Measured {machine()}.", "", sep="\n")
        print(*against_picklescan(folder, options.runs), "", sep="\n")
        print(*against_hashing(folder, options.runs), sep="\n")


if __name__ == "__main__":
    main()
