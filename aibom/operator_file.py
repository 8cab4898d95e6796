"""A file that the operator names: a BOM, settings, policies, waivers, baselines, reports."""

from __future__ import annotations

import os
from pathlib import Path

from . import folder
from .errors import TargetError
from .folder import Found

MAX_FILE = 64 << 20  # bytes


def read(path: str | os.PathLike[str], what: str, advice: str = "Check the path.") -> bytes:
    """Return the bytes of a file, which may not be endless, a pipe or a device; links are followed.

    Raises:
        TargetError: It cannot be read, is no regular file, or is too long; `what` says what it is,
            and `advice` what to do if it is not there.
    """
    place = Path(path)
    shown = folder.readable(str(place))
    try:
        entry = folder.open_file(place, place.name)
    except OSError as error:
        why = folder.reason(error)
        raise TargetError(f"{shown}: the {what} cannot be read: {why}. {advice}") from error
    if entry.found is not Found.FILE:
        raise TargetError(f"{shown}: the {what} is {entry.detail}, expected a regular file.")
    with os.fdopen(entry.fd, "rb") as file:
        data = file.read(MAX_FILE + 1)
    if len(data) > MAX_FILE:
        raise TargetError(f"{shown}: the {what} has more than {MAX_FILE >> 20} MiB.")
    return data
