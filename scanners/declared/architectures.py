"""Families of models, as configurations, GGUF files and the names of tensors give them."""

from __future__ import annotations

import re
import tomllib
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable

DATA = Path(__file__).parents[1] / "data" / "architectures.toml"
NUMBER = re.compile(r"(?<=\.)\d+(?=\.)")
# The first number in a tensor's name that counts layers.
LAYER = re.compile(
    r"(?:^|\.)(?P<kind>layers?|h|blocks?|blk|resblocks)\.(?P<number>\d{1,4})(?![^.])"
)
ATTENTION = re.compile(r"att(?:n|ention)", re.IGNORECASE)


def same_family(gguf: str, model_type: str) -> bool | None:
    """Whether the two names may mean the same family; None if one of them is not known."""
    families = table()["gguf"]
    known = {each for types in families.values() for each in types}
    if gguf not in families or model_type not in known:
        return None
    return model_type in families[gguf]


def part_of_names(model_type: str) -> str | None:
    """Return what some tensors of this type have in their names, "#" for a number."""
    for group in table()["tensors"]:
        if model_type in group["types"]:
            part: str = group["part"]
            return part
    return None


def plain(name: str) -> str:
    """Return the name of a tensor with "#" in place of the numbers of layers and experts."""
    return NUMBER.sub("#", name)


def has_part(names: Iterable[str], part: str) -> bool:
    """Whether a name has the part, from the beginning of a component."""
    end = part.rpartition("#")[2]  # most names lack it, and need no closer look
    return any(end in name and f".{part}" in f".{plain(name)}" for name in names)


def layers(names: Iterable[str]) -> dict[str, int]:
    """Return how many layers each stack with attention has, by what stands before the numbers.

    Layers are counted by the highest number, since hybrids have attention in some of them only.
    """
    found: dict[str, int] = {}
    attentive: set[str] = set()
    for name in names:
        layer = LAYER.search(name)
        if layer:
            stack = name[: layer.end("kind")]
            found[stack] = max(found.get(stack, 0), int(layer["number"]) + 1)
            if stack not in attentive and ATTENTION.search(name, layer.end()):
                attentive.add(stack)
    return {stack: count for stack, count in found.items() if stack in attentive}


@cache
def table() -> dict[str, Any]:
    """Return the table of families, as it is written."""
    return tomllib.loads(DATA.read_text(encoding="utf-8"))
