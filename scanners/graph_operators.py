"""What TensorFlow's operators reach beyond the numbers of a graph: the table, looked up by name."""

from __future__ import annotations

import tomllib
from enum import StrEnum
from functools import cache
from pathlib import Path

from .record import record

TABLE = Path(__file__).parent / "data" / "graph" / "tensorflow.toml"


class Reach(StrEnum):
    """What an operator reaches."""

    READS = "reads"  # files
    WRITES = "writes"  # files
    NETWORK = "network"
    PYTHON = "python"  # a function of the program that runs the graph
    CODE = "code"  # a graph, or a native function, that a text stands for
    PROCESS = "process"  # ends it


@record
class Reaching:
    """An operator that reaches beyond the graph."""

    name: str
    reach: Reach
    inputs: tuple[int, ...]  # those that hold names of files, and the like
    attributes: tuple[str, ...]  # likewise
    is_usual: bool  # honest models have it, with names from their loader or their own assets
    why: str  # what it does, as the rest of a sentence


@record
class Operators:
    """The table: what reaches something, and the names of all that does not."""

    reaching: dict[str, Reaching]
    computing: frozenset[str]


@cache
def operators() -> Operators:
    """Return the table of TensorFlow's own operators."""
    written = tomllib.loads(TABLE.read_text(encoding="utf-8"))
    reaching: dict[str, Reaching] = {}
    for group in written["operator"]:
        at: list[str] = group.get("at", [])
        for name in group["names"]:
            reaching[name] = Reaching(
                name=name,
                reach=Reach(group["reach"]),
                inputs=tuple(int(each) for each in at if each.isdigit()),
                attributes=tuple(each for each in at if not each.isdigit()),
                is_usual=group.get("usual", False),
                why=group["why"],
            )
    return Operators(reaching, frozenset(written["computing"]["names"]))


def reaching(name: str) -> Reaching | None:
    """Return what an operator reaches; None for one that computes, or that is not TensorFlow's."""
    return operators().reaching.get(name)


def is_known(name: str) -> bool:
    """Whether TensorFlow itself has, or had, an operator of this name."""
    return name in operators().computing or name in operators().reaching
