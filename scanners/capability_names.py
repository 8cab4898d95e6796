"""The names that the capability table has, for whoever mistyped one."""

from __future__ import annotations

import re
from difflib import get_close_matches
from typing import TYPE_CHECKING

from .capability_table import CODES, read_index, read_package

if TYPE_CHECKING:
    from collections.abc import Iterator

_NAME = re.compile(f"[^{re.escape(CODES)}]+")
CLOSE = 0.75  # how alike two names are that one would mistake; difflib's own 0.6 is generous


def nearest(module: str, name: str) -> str | None:
    """Return the known name that `module.name` was probably meant to be, with its module."""
    packages = read_index()
    top, _, rest = module.partition(".")
    if top not in packages:
        near = get_close_matches(top, list(packages), n=1, cutoff=CLOSE)
        if not near:
            return None
        module = ".".join(filter(None, (near[0], rest)))
    known = set(_names(module))
    if not known and "." in module:  # the end of it may be a class, and the name a member
        parent, _, last = module.rpartition(".")
        return nearest(parent, f"{last}.{name}")
    found = [name] if name in known else get_close_matches(name, sorted(known), 1, CLOSE)
    return f"{module}.{found[0]}" if found else None


def _names(module: str) -> Iterator[str]:
    """Yield every name in a module, members of classes with the class before them."""
    for each in read_index().get(module.split(".", maxsplit=1)[0], []):
        for line in read_package(each).block(module) or ():
            tag, _, rows = line.partition(" ")
            if tag != "V":
                continue
            owner = ""
            for found in _NAME.findall(rows):
                if found.startswith("."):
                    yield owner + found
                else:
                    owner = found.rpartition(".")[0] or found
                    yield found
