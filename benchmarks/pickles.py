"""The pickle kernel against picklescan: processor time and peak memory, on three inputs.

Usage: python benchmarks/pickles.py [--runs N]

Every figure is taken in a process of its own, the two readers in turn; the least of the runs
counts. The inputs are written here, opcode by opcode; none is ever loaded.
"""

from __future__ import annotations

import argparse
import os
import pickle
import resource
import struct
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

TENSORS = 10_000
ENTRIES = 1_250_000  # three opcodes each, one of them MEMOIZE
ARRAY = 200_000_000  # bytes
GOAL_TIME, GOAL_MEMORY = 4.0, 4.0  # times less than picklescan's


def many_opcodes(path: Path) -> None:
    """Write a dict of 1,250,000 names and numbers: 3.75 million opcodes."""
    entries = {f"feature_name_{number}": number * 1.1 for number in range(ENTRIES)}
    path.write_bytes(pickle.dumps(entries, protocol=4))


def checkpoint(path: Path) -> None:
    """Write the `data.pkl` that torch.save makes of 10,000 tensors."""
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
    path.write_bytes(bytes(out) + b"u.")


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


INPUTS = {
    "3.75 million opcodes": many_opcodes,
    "10,000 tensors": checkpoint,
    "an array of 200 MB": large_array,
}


def read_with_aibom(path: str) -> None:
    """Read a file into facts, as a scan does."""
    from aibom.scanners.dissect import dissect  # noqa: PLC0415 - only its own process imports it
    from aibom.scanners.limits import Budget, Limits  # noqa: PLC0415
    from aibom.scanners.source import FileSource  # noqa: PLC0415

    fd = os.open(path, os.O_RDONLY)
    started = time.process_time()
    dissect(FileSource(fd, os.fstat(fd).st_size), (path,), Budget(Limits()))
    report(started)


def read_with_picklescan(path: str) -> None:
    """Read a file with picklescan."""
    from picklescan.scanner import scan_file_path  # type: ignore[import-untyped]  # noqa: PLC0415

    started = time.process_time()
    scan_file_path(path)
    report(started)


READERS = {"aibom": read_with_aibom, "picklescan": read_with_picklescan}


def report(started: float) -> None:
    """Print the seconds since `started` and the peak of memory in bytes."""
    took = time.process_time() - started
    print(took, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024)


def measured(reader: str, path: Path) -> tuple[float, int]:
    """Return seconds and peak bytes of one run in a process of its own."""
    command = [sys.executable, __file__, "--reader", reader, str(path)]
    done = subprocess.run(command, capture_output=True, check=True, text=True)
    seconds, peak = done.stdout.split()[-2:]
    return float(seconds), int(peak)


def rows(folder: Path, runs: int) -> list[str]:
    """Measure every input and return the lines of a table."""
    out = [
        "| input | aibom | picklescan | times faster | memory | picklescan's | times less |",
        "|---|---|---|---|---|---|---|",
    ]
    for name, write in INPUTS.items():
        path = folder / "input.pkl"
        if os.fork() == 0:  # a child inherits the peak of memory of who started it
            write(path)
            os._exit(0)
        os.wait()
        pairs = [(measured("aibom", path), measured("picklescan", path)) for _ in range(runs)]
        ours, theirs = min(a[0] for a, _ in pairs), min(b[0] for _, b in pairs)
        mine, peak = min(a[1] for a, _ in pairs), min(b[1] for _, b in pairs)
        cells = (
            name, f"{ours:.4f} s", f"{theirs:.3f} s", f"{theirs / ours:.1f} (goal {GOAL_TIME:g})",
            f"{mine / 1e6:.0f} MB", f"{peak / 1e6:.0f} MB",
            f"{peak / mine:.1f} (goal {GOAL_MEMORY:g})",
        )  # fmt: skip
        out.append(f"| {' | '.join(cells)} |")
    return out


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--reader", choices=READERS)
    parser.add_argument("path", nargs="?")
    options = parser.parse_args()
    if options.reader:
        READERS[options.reader](options.path)
        return
    with tempfile.TemporaryDirectory() as folder:
        print(*rows(Path(folder), options.runs), sep="\n")


if __name__ == "__main__":
    main()
