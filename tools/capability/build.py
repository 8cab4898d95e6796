"""Build the whole table: every locked wheel and standard library, twice analysed, once written."""

from __future__ import annotations

import gc
import json
import shutil
import sys
import time
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from hashlib import sha256
from itertools import repeat
from pathlib import Path
from typing import TYPE_CHECKING

from .collect import collect, stdlib_natives
from .frame import analyse
from .judge import Judge
from .owned import owned
from .program import Program
from .sources import Lowered, Stdlib, lower_stdlib, lower_wheel, read_stdlib
from .table import FORMAT, SUFFIX, Table, encode, encode_witnesses
from .wheels import LOCK, fetch, read_lock, read_sections, read_wanted

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from .wheels import Locked, Section

ROOT = Path(__file__).parents[2]
OUT = ROOT / "scanners" / "data" / "capability" / "derived"
WORK = ROOT / "build" / "capability"
STDLIB = "stdlib"
AGES = {"current": "3.12", "older": "3.9"}  # the standard library that each age is analysed on
_DEEP_SYNTAX = 20_000


class BuildError(Exception):
    """The data cannot be made as they should be."""


@dataclass(slots=True)
class Timer:
    """Prints what was done and how long it took."""

    started: float
    is_quiet: bool = False

    def say(self, what: str) -> None:
        """Print one line."""
        if self.is_quiet:
            return
        print(f"{time.monotonic() - self.started:7.1f} s  {what}", flush=True)


def build(
    pythons: Iterable[str],
    work: Path = WORK,
    jobs: int = 1,
    out: Path = OUT,
    only: Iterable[str] = (),
) -> None:
    """Analyse what is locked, all or `only` these sections, and write the data."""
    timer = Timer(time.monotonic())
    standard = stdlibs(pythons)
    base = bases(standard)
    if len(base) < len(AGES):
        raise BuildError(f"wheels are analysed with Python {' and '.join(AGES.values())}")
    parts = [(each, age, base[age]) for each in _chosen([*only]) for age in AGES]
    with ProcessPoolExecutor(jobs) as pool:
        analysed = pool.map(_analyse_section, parts, repeat(work), repeat(timer))
        tables = {} if only and STDLIB not in only else {STDLIB: stdlib_table(standard, timer)}
        for made in analysed:
            for name, table in made.items():
                tables.setdefault(name, Table()).merge(table)
    if not only:
        shutil.rmtree(out, ignore_errors=True)
    write(tables, out)
    timer.say(f"written: {sum(f.stat().st_size for f in out.iterdir())} bytes")


def _chosen(only: list[str]) -> list[Section]:
    """Return the sections of these names, or all."""
    sections = read_sections()
    unknown = {*only} - {STDLIB, *(each.name for each in sections)}
    if unknown:
        raise BuildError(f"no section of the lock: {', '.join(sorted(unknown))}")
    return [each for each in sections if not only or each.name in only]


def stdlibs(pythons: Iterable[str]) -> list[Stdlib]:
    """Return the standard libraries of these interpreters, oldest first."""
    found = {each.version: each for each in map(read_stdlib, pythons)}
    return [found[version] for version in sorted(found, key=_numbers)]


def bases(standard: Iterable[Stdlib]) -> dict[str, Stdlib]:
    """Return the standard library on which each age is analysed, if it is among these."""
    found = {each.version.rpartition(".")[0]: each for each in standard}
    return {age: found[version] for age, version in AGES.items() if version in found}


def stdlib_table(standard: Iterable[Stdlib], timer: Timer) -> Table:
    """Return the joint table of several standard libraries."""
    joint = Table()
    for stdlib in standard:
        joint.merge(one_stdlib(stdlib))
        timer.say(f"standard library {stdlib.version}")
    return joint


def one_stdlib(stdlib: Stdlib) -> Table:
    """Return the table of one standard library."""
    program, lowered = _start(stdlib)
    judge = Judge(program)
    source = {"version": stdlib.version, "digest": stdlib.digest()}
    table = collect(program, judge, lowered, source)
    stdlib_natives(program, judge, table)
    return table


def write(tables: dict[str, Table], out: Path) -> None:
    """Write one file for each distribution, and the index: what is not made anew stays in it."""
    out.mkdir(parents=True, exist_ok=True)
    wanted = [*read_wanted()]
    witnessed = {STDLIB, *(each.name for each in wanted if each.shows_why)}
    hidden = {each.name for each in wanted if not each.is_shipped}
    tables = {name: table for name, table in tables.items() if name not in hidden}
    for name, table in sorted(tables.items()):
        (out / f"{name}{SUFFIX}").write_bytes(encode(name, table))
        if name in witnessed:
            (out / f"{name}.why").write_bytes(encode_witnesses(table))
    tops = {**_indexed(out), **{name: sorted(table.tops()) for name, table in tables.items()}}
    packages: dict[str, list[str]] = {}
    for name in sorted(tops):
        for top in tops[name]:
            packages.setdefault(top, []).append(name)
    index = {"format": FORMAT, "tool": tool_digest(), "packages": packages}
    text = json.dumps(index, sort_keys=True, indent=0, ensure_ascii=False)
    (out / "index.json").write_text(text + "\n", encoding="utf-8")


def _indexed(out: Path) -> dict[str, list[str]]:
    """Return the top-level packages of each distribution of an index, if there is one."""
    path = out / "index.json"
    raw: dict[str, list[str]] = {}
    if path.exists():
        raw = json.loads(path.read_text(encoding="utf-8"))["packages"]
    tops: dict[str, list[str]] = {}
    for top in sorted(raw):
        for name in raw[top]:
            tops.setdefault(name, []).append(top)
    return tops


def tool_digest() -> str:
    """Return a SHA-256 over the programs and seeds that the data are made by."""
    digest = sha256()
    for path in sorted(Path(__file__).parent.iterdir()):
        if path.name in {"__main__.py", "check.py"}:  # they make nothing
            continue
        if path.suffix in {".py", ".toml"} or path == LOCK:
            digest.update(f"{path.name}\0".encode() + path.read_bytes().replace(b"\r\n", b"\n"))
    return digest.hexdigest()


def _start(stdlib: Stdlib) -> tuple[Program, Lowered]:
    sys.setrecursionlimit(_DEEP_SYNTAX)
    lowered = lower_stdlib(stdlib)
    if lowered.unparsed:
        names = ", ".join(lowered.unparsed)
        raise BuildError(f"{names} of {stdlib.version}: this Python cannot parse it, take a newer")
    program = Program(stdlib.names)
    program.standard = {module.name.split(".")[0] for module in lowered.modules}
    program.solve(program.load(lowered.modules), analyse)
    return program, lowered


def _analyse_section(
    part: tuple[Section, str, Stdlib], work: Path, timer: Timer
) -> dict[str, Table]:
    """Analyse the wheels of one section and age, in the order of the lock."""
    section, age, base = part
    locked = [each for each in section.wheels if each.age == age]
    under = [each for each in read_lock() if each.age == age and each.name in section.bases]
    return dict(wheel_tables(base, locked, work, timer, under))


def wheel_tables(
    base: Stdlib,
    locked: Iterable[Locked],
    work: Path,
    timer: Timer,
    under: Iterable[Locked] = (),
) -> Iterator[tuple[str, Table]]:
    """Yield the table of each wheel, which is made of it, of those before it and `under` it."""
    gc.disable()  # millions of small tuples, no cycles worth finding
    program, _ = _start(base)
    for each in under:
        _load(program, each, work)
        timer.say(f"{each.age}: on {each.name} {each.version}")
    for each in locked:
        made = _load(program, each, work)
        source = {"version": each.version, "digest": each.digest}
        table = collect(program, Judge(program), made, source)
        table.own = owned(made.modules)
        yield each.name, table
        timer.say(f"{each.age}: {each.name} {each.version}, {len(made.modules)} modules")
    gc.enable()


def _load(program: Program, locked: Locked, work: Path) -> Lowered:
    made = lower_wheel(fetch(locked, work / "wheels"), work / "ir")
    program.solve(program.load(made.modules, made.extensions), analyse)
    return made


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in version.split("."))
