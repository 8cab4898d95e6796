"""Hold the shipped table: no gadget lost, no honest name alarmed, the same data when rebuilt.

The standard library alone is analysed again, for each version whose interpreter is here with the
very text that was analysed: what is found must change nothing in the shipped table. With all
versions here the file must be the same byte for byte. The packages take a full `build`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from aibom.scanners import capability, capability_table

from .build import OUT, ROOT, STDLIB, one_stdlib, stdlibs
from .table import SUFFIX, Row, Table, encode, worst

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from .sources import Stdlib

LISTS = ROOT / "tests" / "data"
GADGETS = LISTS / "public_gadgets.tsv"
HONEST = LISTS / "honest_names.tsv"
UNKEPT = 5  # rows that are named when a rebuild differs


def check(pythons: Iterable[str]) -> list[str]:
    """Return one sentence for each thing that does not hold."""
    standard = stdlibs(pythons)
    return [*lost_dangers(), *new_dangers(), *_reproduced(standard)]


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


def _reproduced(standard: list[Stdlib]) -> Iterator[str]:
    shipped = capability_table.covered_packages()[STDLIB]
    known = {(each["version"], each["digest"]) for each in shipped.sources}
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
        if encode(STDLIB, joint, shipped.tool) != (OUT / f"{STDLIB}{SUFFIX}").read_bytes():
            yield "the standard library's table is not what a rebuild makes: run `build`, commit it"
        return
    for each, table in zip(same, tables, strict=True):
        yield from _contained(each.version, table)


def _contained(version: str, table: Table) -> Iterator[str]:
    """Yield names whose verdict in one version is not part of the joint one that is shipped."""
    found = 0
    for module, rows in sorted(table.names.items()):
        for name, made in sorted(rows.items()):
            entry = capability_table.lookup(module, name)
            uses = tuple((str(u), str(v.level), tuple(sorted(v.effects))) for u, v in entry.uses)
            native = None if entry.native is None else tuple(sorted(entry.native))
            joint = Row(entry.kind, uses, native)
            if worst(joint, made) != joint and found < UNKEPT:
                found += 1
                yield f"{module}.{name}: {version} makes {made.text()}, shipped is {joint.text()}"
