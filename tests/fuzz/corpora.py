"""The stored inputs of each target, one a line, packed and in base64: inert."""

from __future__ import annotations

import base64
import zlib
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

FOLDER = Path(__file__).parent / "corpus"


def load(target: str) -> list[bytes]:
    """Return the inputs that are stored for a target."""
    path = FOLDER / f"{target}.txt"
    lines = path.read_text("ascii").split() if path.exists() else []
    return [zlib.decompress(base64.b64decode(line, validate=True)) for line in lines]


def packed(data: bytes) -> str:
    """Return an input as it is stored."""
    return base64.b64encode(zlib.compress(data, 9)).decode()


def save(target: str, inputs: Iterable[bytes]) -> None:
    """Store inputs in the place of those that are stored."""
    lines = sorted({packed(each) for each in inputs}, key=lambda line: (len(line), line))
    FOLDER.mkdir(exist_ok=True)
    (FOLDER / f"{target}.txt").write_text("".join(f"{line}\n" for line in lines), "ascii")
