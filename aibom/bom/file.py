"""Read the file of a bill of materials that somebody names, without waiting and without end."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from .. import folder, operator_file
from ..errors import TargetError
from ..layout import BOM_NAME

if TYPE_CHECKING:
    import os


def read(path: str | os.PathLike[str]) -> bytes:
    """Return the bytes of the regular file at `path`; a link is followed.

    Raises:
        TargetError: It is not there, no regular file, or too big.
    """
    place = Path(path)
    if place.is_dir():
        shown = folder.readable(str(place))
        raise TargetError(
            f"{shown}: a folder, expected the file of a BOM. After `aibom verify {shown}`, "
            f"give {folder.readable(str(place / BOM_NAME))}."
        )
    return operator_file.read(place, "BOM", "`aibom bom` writes one.")
