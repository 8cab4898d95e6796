"""Derive ``scanners/marshalled/opcodes.py``, the instructions of each Python, from the Pythons.

    python tools/bytecode.py 'python2.7 -' 'python3.12 -' … > scanners/marshalled/opcodes.py

Each argument is a command that runs the Python program on its standard input. A Python that is not
at hand can come from Pyodide, which is CPython compiled for WebAssembly: `node run.mjs`, where
``run.mjs`` hands its standard input to `loadPyodide().runPython`. Only the `opcode` and `imp` or
`importlib` modules of each are asked, so the result depends on the version alone.
"""

from __future__ import annotations

import json
import shlex
import subprocess
import sys
from typing import Any

DESCRIBE = """
import json, opcode, sys
try:
    from importlib.util import MAGIC_NUMBER as magic
except ImportError:
    from imp import get_magic
    magic = get_magic()
caches = getattr(opcode, "_inline_cache_entries", {})
if isinstance(caches, list):
    caches = {opcode.opname[code]: count for code, count in enumerate(caches) if count}
names = {name: code for name, code in opcode.opmap.items() if code < 256}
print(json.dumps({
    "version": "%d.%d" % sys.version_info[:2],
    "source": "%d.%d.%d" % sys.version_info[:3],
    "magic": bytearray(magic)[0] + 256 * bytearray(magic)[1],
    "has_argument": opcode.HAVE_ARGUMENT,
    "opcodes": names,
    "caches": caches,
}))
"""

HEADER = '''\
"""The instructions of each Python. Made by tools/bytecode.py; do not edit.

A Python starts with its version, the last magic number of its compiled files, the first
instruction with an argument, and the release whose `opcode` module was asked. Its instructions are
NAME=code, or NAME=code+n where n inline cache entries of two bytes follow. A module and no data file,
because the locked process opens none.
"""

TABLES = """\\'''
FOOTER = '"""'
WIDTH = 100  # characters of a line


def describe(command: str) -> dict[str, Any]:
    """Return what the Python that `command` runs says of itself."""
    done = subprocess.run(  # noqa: S603 - the caller's own command
        shlex.split(command), input=DESCRIBE.encode(), stdout=subprocess.PIPE, check=True
    )
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def table(python: dict[str, Any]) -> str:
    """Return one Python's table."""
    caches = python["caches"]
    by_code = sorted(python["opcodes"].items(), key=lambda each: each[1])
    words = [
        f"{name}={code}+{caches[name]}" if caches.get(name) else f"{name}={code}"
        for name, code in by_code
        if not name.startswith(("INSTRUMENTED_", "<"))
    ]
    head = ("python", "version", "magic", "has_argument", "source")
    first = " ".join(str(python.get(each, each)) for each in head)
    return "\n".join([first, *_filled(words)])


def _filled(words: list[str]) -> list[str]:
    lines = [""]
    for word in words:
        if len(lines[-1]) + 1 + len(word) > WIDTH:
            lines.append("")
        lines[-1] = f"{lines[-1]} {word}".strip()
    return lines


def main(commands: list[str]) -> int:
    """Print the tables of the Pythons that the commands run."""
    tables = [table(describe(command)) for command in commands]
    print(HEADER, *tables, FOOTER, sep="\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
