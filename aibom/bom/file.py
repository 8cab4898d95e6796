"""Read the file of a bill of materials that somebody names, without waiting and without end."""

from __future__ import annotations

import os
from pathlib import Path

from .. import folder
from ..errors import TargetError
from ..layout import BOM_NAME

MOST = 64 << 20  # bytes; the strict reader of JSON takes no more


def read(path: str | os.PathLike[str]) -> bytes:
    """Return the bytes of the regular file at `path`; a link is followed.

    Raises:
        TargetError: It is not there, no regular file, or too big.
    """
    place = Path(path)
    shown = folder.readable(str(place))
    if place.is_dir():
        raise TargetError(
            f"{shown}: a folder, expected the file of a BOM. After `aibom verify {shown}`, "
            f"give {folder.readable(str(place / BOM_NAME))}."
        )
    try:
        entry = folder.open_file(place, place.name)
    except OSError as error:
        raise TargetError(
            f"{shown}: the BOM cannot be read: {folder.reason(error)}. `aibom bom` writes one."
        ) from error
    if entry.found is not folder.Found.FILE:
        raise TargetError(f"{shown}: {entry.detail}, expected the file of a BOM.")
    with os.fdopen(entry.fd, "rb") as file:
        data = file.read(MOST + 1)
    if len(data) > MOST:
        raise TargetError(f"{shown}: more than {MOST >> 20} MiB, which no BOM needs.")
    return data
