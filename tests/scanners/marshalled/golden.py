"""What each Python compiles ``example.txt`` to: compiled files, by version.

Made by ``tools/bytecode.py --compiled``, which says how; read, never loaded.
"""

from __future__ import annotations

import base64
import zlib
from pathlib import Path

HERE = Path(__file__).parent
COMPILED = {
    version: zlib.decompress(base64.b64decode(packed))
    for version, packed in map(str.split, (HERE / "golden.txt").read_text("ascii").splitlines())
}
HEADER = {
    version: 8 if version == "2.7" else 12 if version == "3.6" else 16 for version in COMPILED
}


def marshalled(version: str) -> bytes:
    """Return the code alone."""
    return COMPILED[version][HEADER[version] :]
