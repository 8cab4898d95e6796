"""Fetch wheels as files, and read from each only Python text and what its native modules import.

Nothing is installed, built or imported: ``pip download --no-deps --only-binary :all:`` runs no
code of a package, and a wheel is read as the zip archive it is.
"""

from __future__ import annotations

import re
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from hashlib import sha256
from itertools import repeat
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

HERE = Path(__file__).parent
TRUNK = "trunk"  # the section of what stands before the first head: it builds on itself alone
LOCK = HERE / "packages.lock"
WANTED = HERE / "packages.txt"
CURRENT_PYTHON = ("3.12", "3.11")
OLDER_PYTHON = ("3.9", "3.8", "3.11", "3.10")
LINUX = (
    *(f"manylinux_2_{minor}_x86_64" for minor in (28, 27, 26, 24, 17)),
    "manylinux2014_x86_64",
    "linux_x86_64",
)
MAC = tuple(f"macosx_{major}_0_{cpu}" for major in (14, 13, 12, 11) for cpu in ("arm64", "x86_64"))
LOCK_HEAD = "# Written by `python -m tools.capability lock`: name, age, version, wheel, SHA-256."
NOT_FETCHED = "the index has no such wheel, or is out of reach"
DOWNLOADS_AT_ONCE = 4  # network-bound


class FetchError(Exception):
    """A wheel could not be had, or is not the one that the lock names."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """One line of packages.txt."""

    name: str
    older: str | None  # a version
    platforms: tuple[str, ...]
    shows_why: bool  # witness paths are shipped
    is_shipped: bool = True  # or analysed for what builds on it alone


@dataclass(frozen=True, slots=True, order=True)
class Locked:
    """One line of packages.lock: a wheel and what its bytes must be."""

    position: int  # in packages.txt: dependencies come first
    name: str
    age: str  # "current" or "older"
    version: str
    filename: str
    digest: str  # SHA-256, hexadecimal


@dataclass(frozen=True, slots=True)
class Section:
    """Packages that are analysed together, on a standard library and on named earlier packages."""

    name: str
    bases: tuple[str, ...] = ()  # packages of earlier sections
    wheels: tuple[Locked, ...] = ()

    @property
    def head(self) -> str:
        """The line that begins it."""
        return " ".join((f"[{self.name}]", *self.bases))


def read_wanted(path: Path = WANTED) -> Iterator[Wanted]:
    """Yield what packages.txt asks for, in its order."""
    for line in path.read_text(encoding="utf-8").splitlines():
        fields = line.split()
        if not fields or fields[0].startswith(("#", "[")):
            continue
        name, older, *flags = fields
        platforms = MAC if "mac" in flags else LINUX
        yield Wanted(
            name, None if older == "-" else older, platforms, "why" in flags, "base" not in flags
        )


def read_sections(path: Path = LOCK) -> list[Section]:
    """Return the sections of the lock, each with its wheels in the order of their analysis."""
    found = [Section(TRUNK)]
    positions: dict[str, int] = {}
    for line in path.read_text(encoding="utf-8").splitlines():
        if line.startswith("#"):
            continue
        if line.startswith("["):
            found.append(_section(line))
            continue
        name, age, version, filename, digest = line.split()
        position = positions.setdefault(name, len(positions))
        wheel = Locked(position, name, age, version, filename, digest)
        found[-1] = replace(found[-1], wheels=(*found[-1].wheels, wheel))
    return found


def read_lock(path: Path = LOCK) -> list[Locked]:
    """Return all locked wheels in their order."""
    return [wheel for section in read_sections(path) for wheel in section.wheels]


def lock(folder: Path, path: Path = LOCK, wanted_path: Path = WANTED) -> list[str]:
    """Resolve what packages.txt asks for and the lock has not; return what could not be had.

    A version that is locked stays: to have newer ones, take their lines out of the lock.
    """
    kept = {(each.name, each.age): each for each in read_lock(path)} if path.exists() else {}
    jobs = [
        (wanted, age)
        for wanted in read_wanted(wanted_path)
        for age in ("current", "older")
        if age == "current" or wanted.older
    ]
    with ThreadPoolExecutor(DOWNLOADS_AT_ONCE) as pool:
        wanted_ones, ages = zip(*jobs, strict=True)
        lines = list(pool.map(_locked, wanted_ones, ages, repeat(kept), repeat(folder)))
    found = dict(zip(((each.name, age) for each, age in jobs), lines, strict=True))
    text = "\n".join([LOCK_HEAD, *_in_sections(found, wanted_path)]) + "\n"
    path.write_text(text, encoding="utf-8")
    return [f"{name} ({age})" for (name, age), line in found.items() if line is None]


def _in_sections(found: dict[tuple[str, str], str | None], wanted: Path) -> Iterator[str]:
    """Yield the lines of the lock, under the heads and in the order of packages.txt."""
    for line in wanted.read_text(encoding="utf-8").splitlines():
        if line.startswith("["):
            yield _section(line).head
        name = line.partition(" ")[0]
        yield from filter(None, (found.get((name, age)) for age in ("current", "older")))


def _section(head: str) -> Section:
    name, *bases = head.split()
    return Section(name.strip("[]"), tuple(bases))


def _locked(
    wanted: Wanted, age: str, kept: dict[tuple[str, str], Locked], folder: Path
) -> str | None:
    """Return the line of a wheel: the one that is kept, or else what the index has."""
    known = kept.get((wanted.name, age))
    if known is None or (age == "older" and known.version != wanted.older):
        return _resolve(wanted, age, folder)
    return f"{known.name} {age} {known.version} {known.filename} {known.digest}"


def fetch(locked: Locked, folder: Path) -> Path:
    """Return the locked wheel in `folder`, downloading it if need be.

    Raises:
        FetchError: The index does not have it, or its bytes are not those that were locked.
    """
    path = folder / locked.filename
    if not path.exists():
        python, platforms = _tags(locked.filename)
        _download(f"{locked.name}=={locked.version}", python, platforms, folder)
    if not path.exists():
        raise FetchError(f"{locked.filename}: {NOT_FETCHED}")
    found = _digest(path)
    if found != locked.digest:
        raise FetchError(f"{locked.filename}: SHA-256 is {found}, the lock says {locked.digest}")
    return path


def _resolve(wanted: Wanted, age: str, folder: Path) -> str | None:
    requirement = wanted.name if age == "current" else f"{wanted.name}=={wanted.older}"
    choices = [wanted.platforms, LINUX + MAC]
    for platforms in choices:
        for python in CURRENT_PYTHON if age == "current" else OLDER_PYTHON:
            wheel = _download(requirement, python, platforms, folder)
            if wheel is not None:
                version = wheel.name.split("-")[1]
                return f"{wanted.name} {age} {version} {wheel.name} {_digest(wheel)}"
    return None


def _download(requirement: str, python: str, platforms: Iterable[str], folder: Path) -> Path | None:
    folder.mkdir(parents=True, exist_ok=True)
    command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--no-cache-dir"]
    command += ["--only-binary", ":all:", "--python-version", python, "--implementation", "cp"]
    for platform in platforms:
        command += ["--platform", platform]
    with tempfile.TemporaryDirectory(dir=folder) as landing:
        subprocess.run([*command, "--dest", landing, requirement], check=False, capture_output=True)  # noqa: S603 - our own command
        for wheel in Path(landing).glob("*.whl"):
            return wheel.rename(folder / wheel.name)
    return None


def _tags(filename: str) -> tuple[str, tuple[str, ...]]:
    """Return the Python version and the platforms to ask pip for, so that it takes this wheel."""
    python, _, platform = filename.removesuffix(".whl").split("-")[-3:]
    version = re.search(r"[cp]p3(\d+)", python)
    asked = f"3.{version[1]}" if version else CURRENT_PYTHON[0]
    return asked, tuple(platform.split(".")) if platform != "any" else LINUX


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        digest = sha256()
        while block := file.read(1 << 20):
            digest.update(block)
    return digest.hexdigest()
