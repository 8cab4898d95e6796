"""The hand-kept primitives of seeds.toml, indexed."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

SEEDS = Path(__file__).with_name("seeds.toml")

# Effects by themselves dangerous; "callback" and its kin are judged by what is called.
DANGERS = frozenset(
    {
        "exec", "proc", "native", "fwrite", "net", "unpickle", "import", "patch", "kill", "env",
        "resolve", "module",
    }
)  # fmt: skip
CALLBACKS = frozenset({"callback", "compile", "setattr"})
# Hands the data to a callable whose text is not known: an unanalysed package, an unknown object.
OPAQUE = "opaque"
# Worth telling even when the arguments are a library's own.
FIXED = frozenset({"exec", "proc", "native", "fwrite", "net", "kill", "unpickle"})
ANY, ALWAYS = "any", "always"

Which = str | frozenset[int]


@dataclass(frozen=True, slots=True)
class Seeds:
    """What is known without reading source."""

    primitives: dict[str, tuple[tuple[str, Which], ...]]  # name to (effect, which arguments)
    named: dict[str, str]  # the effect when a pickle itself names it
    harmless: frozenset[str]
    methods: dict[str, str]
    items: dict[str, str]
    unrelated: frozenset[str]
    cut: dict[str, frozenset[str]]
    doubted: frozenset[str]
    common: frozenset[str]
    of_data: frozenset[str]
    telling: frozenset[str]


@cache
def seeds() -> Seeds:
    """Return the table, read once."""
    raw = tomllib.loads(SEEDS.read_text(encoding="utf-8"))
    primitives: dict[str, list[tuple[str, Which]]] = {}
    for group in raw["primitive"]:
        which = group["which"]
        positions = which if isinstance(which, str) else frozenset(which)
        for name in group["names"]:
            primitives.setdefault(name, []).append((group["effect"], positions))
    return Seeds(
        {name: tuple(effects) for name, effects in primitives.items()},
        _effects(raw["named"]),
        _names(raw["harmless"]),
        _effects(raw["method"]),
        _effects(raw["items"]),
        _names(raw["unrelated"]),
        {name: frozenset(group["hides"]) for group in raw["cut"] for name in group["names"]},
        _names(raw["doubted"]),
        _names(raw["common"]),
        _names(raw["of_data"]),
        _names(raw["telling"]),
    )


def _effects(groups: list[dict[str, Any]]) -> dict[str, str]:
    return {name: group["effect"] for group in groups for name in group["names"]}


def _names(groups: list[dict[str, Any]]) -> frozenset[str]:
    return frozenset(name for group in groups for name in group["names"])
