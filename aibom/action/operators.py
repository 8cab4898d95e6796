"""The files that say how to judge and whom to trust, as the base of a pull request has them.

Who opens a pull request can change every file of the repository. By which policy, waivers and keys
it is judged is not for them to say.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from ..errors import AibomError
from ..policy_file import BUNDLED
from ..scanners.record import replace
from . import outputs
from .inputs import shown

if TYPE_CHECKING:
    from .inputs import Inputs

FILES = ("config", "policy", "waivers", "baseline", "verify_key", "trust_config")
NO_FILES = frozenset({"", "auto", "none", *BUNDLED})  # what stands for no file


def in_workspace(inputs: Inputs) -> dict[str, Path]:
    """Return the operator's files that came with what was checked out, by their inputs."""
    here = Path.cwd().resolve()
    places = {
        name: Path(os.path.abspath(value))  # noqa: PTH100 - resolve() would follow links
        for name in FILES
        if (value := getattr(inputs, name)) not in NO_FILES
    }
    return {
        name: place.relative_to(here)
        for name, place in places.items()
        if place.is_relative_to(here)
    }


def as_of_base(inputs: Inputs, base: Path | None) -> Inputs:
    """Return the inputs of a pull request, with the operator's files replaced by its base's.

    A file that the base lacks is new, like the workflow that names it: that one counts, and it is
    said.

    Raises:
        AibomError: The base is not at hand, though it decides.
    """
    found: dict[str, str] = {}
    for name, place in in_workspace(inputs).items():
        if base is None:
            raise AibomError(
                f"input {shown(name)} is a file that this pull request could have changed, and "
                "its base is not at hand: check out with `fetch-depth: 2`, or say "
                "`rules-from: head`."
            )
        theirs = base / place
        if not theirs.exists():
            outputs.notice(f"{shown(name)}: the base has no {place}, so the pull request's counts")
            continue
        if _content(theirs) != _content(place):
            outputs.notice(f"{shown(name)}: {place} counts as the base has it, without the changes")
        found[name] = str(theirs)
    return replace(inputs, **found)


def _content(place: Path) -> bytes | None:
    try:
        return place.read_bytes() if place.is_file() else None
    except OSError:
        return None
