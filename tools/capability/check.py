"""Hold the shipped table: no gadget lost, no honest name alarmed, the same data when rebuilt.

The standard library is analysed again, for each version whose interpreter is here with the very
text that was analysed: what is found must change nothing in the shipped table. With all versions
here the file must be the same byte for byte. So it is with the first packages of the lock, whose
tables are made of nothing but them and a standard library. The other packages take a full `build`.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from aibom.scanners import capability, capability_table

from .build import OUT, ROOT, STDLIB, WORK, Timer, bases, one_stdlib, stdlibs, wheel_tables
from .table import SUFFIX, Row, Table, encode, worst
from .wheels import read_lock

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from .sources import Stdlib

LISTS = ROOT / "tests" / "data"
GADGETS = LISTS / "public_gadgets.tsv"
HONEST = LISTS / "honest_names.tsv"
PROBES = 2  # wheels of each age that are analysed again: the first ones, which build on no other
UNKEPT = 5  # rows that are named when a rebuild differs


def check(pythons: Iterable[str]) -> list[str]:
    """Return one sentence for each thing that does not hold."""
    standard = stdlibs(pythons)
    readable = [each for each in standard if _can_be_parsed(each)]
    rebuilt = [*_reproduced(readable), *reproduced_wheels(readable)]
    return [*lost_dangers(), *new_dangers(), *rebuilt]


def lost_dangers() -> Iterator[str]:
    """Yield the public gadgets that the table calls clean."""
    for module, name, where in _rows("public_gadgets.tsv"):
        if capability.verdict(module, name, "call").ability is capability.Ability.HARMLESS:
            yield f"{module}.{name} ({where}): a public gadget, and judged harmless"


def new_dangers() -> Iterator[str]:
    """Yield the names of honest files that the table calls dangerous as they are used."""
    for module, name, use in _rows("honest_names.tsv"):
        verdict = capability_table.lookup(module, name).verdict(capability_table.Use(use))
        if verdict.level == "danger":
            effects = ", ".join(sorted(verdict.effects))
            yield f"{module}.{name}: dangerous ({effects}) by {use}, which honest files do"


def _rows(name: str) -> Iterator[tuple[str, str, str]]:
    for line in (LISTS / name).read_text(encoding="utf-8").splitlines():
        if not line.startswith("#"):
            module, member, rest = line.split("\t")
            yield module, member, rest


def reproduced_wheels(standard: list[Stdlib], work: Path = WORK) -> Iterator[str]:
    """Yield what differs in the first wheels of the lock, for the ages whose base is here."""
    known = _sources(STDLIB)
    for age, base in bases(standard).items():
        if (base.version, base.digest()) not in known:
            continue
        probes = [each for each in read_lock() if each.age == age][:PROBES]
        for name, table in wheel_tables(base, probes, work, Timer(0.0, is_quiet=True)):
            missing = {(each["version"], each["digest"]) for each in table.sources} - _sources(name)
            yield from (f"{name} {version} is locked, and not shipped" for version, _ in missing)
            yield from _contained(f"{name} of the {age} wheels", table)


def _sources(name: str) -> set[tuple[str, str]]:
    shipped = capability_table.read_package(name)
    return {(each["version"], each["digest"]) for each in shipped.sources}


def _reproduced(standard: list[Stdlib]) -> Iterator[str]:
    shipped, known = capability_table.read_package(STDLIB), _sources(STDLIB)
    same = [each for each in standard if (each.version, each.digest()) in known]
    if not same:
        versions = ", ".join(shipped.versions)
        yield f"no interpreter here has an analysed standard library ({versions}): see --python"
        return
    tables = [one_stdlib(each) for each in same]
    if len(same) == len(known):
        joint = Table()
        for table in tables:
            joint.merge(table)
        if encode(STDLIB, joint) != (OUT / f"{STDLIB}{SUFFIX}").read_bytes():
            yield "the standard library's table is not what a rebuild makes: run `build`, commit it"
        return
    for each, table in zip(same, tables, strict=True):
        yield from _contained(each.version, table)


def _can_be_parsed(stdlib: Stdlib) -> bool:
    """Say whether the Python that runs this is as new as the library that it is to parse."""
    major, minor, *_ = stdlib.version.split(".")
    return (int(major), int(minor)) <= sys.version_info[:2]


def _contained(version: str, table: Table) -> Iterator[str]:
    """Yield names whose verdict in one version is not part of the joint one that is shipped."""
    found = 0
    for module, rows in sorted(table.shipped().names.items()):
        for name, made in sorted(rows.items()):
            entry = capability_table.lookup(module, name)
            uses = tuple((str(u), str(v.level), tuple(sorted(v.effects))) for u, v in entry.uses)
            native = None if entry.native is None else tuple(sorted(entry.native))
            joint = Row(entry.kind, uses, native)
            if worst(joint, made) != joint and found < UNKEPT:
                found += 1
                yield f"{module}.{name}: {version} makes {made.text()}, shipped is {joint.text()}"
