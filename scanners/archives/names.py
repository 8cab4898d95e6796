"""Where a member's name or a link's target would lead, on any operating system."""

from __future__ import annotations

from ..patterns import pattern

ODD = pattern(r"^[/\\]|^[A-Za-z]:|\\|\x00|(?:^|/)\.\.(?:/|$)")
ABSOLUTE = pattern(r"^[/\\]|^[A-Za-z]:[/\\]")  # `w:0.npy` is a tensor's name
SEPARATORS = pattern(r"[/\\]+")


def is_odd(name: str) -> bool:
    """Whether a rule may care about `name`: absolute, a drive, `..`, a backslash or a NUL."""
    return ODD.search(name) is not None


def escapes(name: str) -> bool:
    """Whether unpacking `name` would write outside the chosen folder, here or on Windows."""
    return ABSOLUTE.match(name) is not None or _climbs(SEPARATORS.split(name))


def link_escapes(name: str, target: str, *, from_root: bool) -> bool:
    """Whether a link called `name` would lead outside; `from_root` for hard links.

    A symbolic link counts from its own folder, a hard link from the archive's root.
    """
    if ABSOLUTE.match(target):
        return True
    folder = [] if from_root else SEPARATORS.split(name)[:-1]
    return _climbs([*folder, *SEPARATORS.split(target)])


def _climbs(steps: list[str]) -> bool:
    depth = 0
    for step in steps:
        depth += {"..": -1, ".": 0, "": 0}.get(step, 1)
        if depth < 0:
            return True
    return False
