"""Derive ``scanners/marshalled/opcodes.py``, the instructions of each Python, from the Pythons.

    python tools/bytecode.py 'python2.7 -' 'python3.12 -' … > scanners/marshalled/opcodes.py

With ``--compiled FILE`` first, prints that source as each compiles it, a line each: its version and
the packed bytes of the compiled file, in base64. The tests read such lines.

Each argument is a command that runs the Python program on its standard input. A Python that is not
at hand can come from Pyodide, which is CPython compiled for WebAssembly: `node run.mjs`, where
``run.mjs`` hands its standard input to `loadPyodide().runPython`. Only the `opcode` and `imp` or
`importlib` modules of each are asked, so the result depends on the version alone.
"""

from __future__ import annotations

import base64
import json
import shlex
import subprocess
import sys
from pathlib import Path
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

COMPILE = """
import base64, marshal, sys, zlib
try:
    from importlib.util import MAGIC_NUMBER as magic
except ImportError:
    from imp import get_magic
    magic = get_magic()
header = 8 if sys.version_info < (3,) else 12 if sys.version_info < (3, 7) else 16
code = compile(base64.b64decode(SOURCE), "src.py", "exec", 0, True)
data = magic + b"\\0" * (header - 4) + marshal.dumps(code)
version = "%d.%d" % sys.version_info[:2]
print(version + " " + base64.b64encode(zlib.compress(data, 9)).decode())
"""

HEADER = '''\
"""The instructions of each Python. Made by tools/bytecode.py; do not edit.

A Python starts with its version, the last magic number of its compiled files, the first
instruction with an argument, and the release whose `opcode` module was asked. Its instructions are
NAME=code, or NAME=code+n where n inline cache entries of two bytes follow. A module and no data
file, because the locked process opens none.
"""

TABLES = """\\'''
FOOTER = '"""'
WIDTH = 100  # characters of a line


def describe(command: str) -> dict[str, Any]:
    """Return what the Python that `command` runs says of itself."""
    found: dict[str, Any] = json.loads(_run(command, DESCRIBE))
    return found


def _run(command: str, program: str) -> bytes:
    words = shlex.split(command)
    done = subprocess.run(  # noqa: S603 - the caller's own command
        words, input=program.encode(), stdout=subprocess.PIPE, check=True
    )
    return done.stdout


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
    """Print the tables of the Pythons that the commands run, or what they compile."""
    if commands[:1] == ["--compiled"]:
        source = base64.b64encode(Path(commands[1]).read_bytes()).decode()
        for command in commands[2:]:
            print(_run(command, f"SOURCE = '{source}'\n{COMPILE}").decode(), end="")
        return 0
    tables = [table(describe(command)) for command in commands]
    print(HEADER, *tables, FOOTER, sep="\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
