"""Whether this installation can do its work, tried rather than believed. Opens no connection."""

from __future__ import annotations

import os
import platform
import re
import sys
import tempfile
from enum import StrEnum
from importlib import import_module, metadata
from pathlib import Path
from typing import TYPE_CHECKING

from .errors import AibomError, Exit
from .scanners.record import record
from .version import VERSION

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .report import Isolation

TRIAL = b'{"model_type": "trial"}'  # what is scanned to see whether anything can be
SHUT = ("files", "network", "processes")

# A requirement as package metadata spell it; one with any other condition is not looked at.
REQUIREMENT = re.compile(r"([\w.-]+)(?:\[([\w, -]+)\])?[^;]*(?:; extra == ['\"]([\w-]+)['\"])?")
MODULES = {  # what the packages that are always needed are imported as
    "blake3": "blake3",
    "click": "click",
    "cryptography": "cryptography.x509",
    "cyclonedx-python-lib": "cyclonedx.schema",
    "jinja2": "jinja2",
    "pyyaml": "yaml",
}


class State(StrEnum):
    """How one thing is."""

    OK = "ok"
    NOTE = "note"  # works, with less
    MISSING = "missing"  # an extra that nobody has to have
    BROKEN = "broken"


@record
class Check:
    """One thing that was looked at."""

    name: str
    state: State
    detail: str
    do: str = ""  # what helps
    exit_code: Exit = Exit.OK


def examine(targets: tuple[str, ...] = ()) -> list[Check]:
    """Return every check, in the order of what rests on what.

    `targets` are what would be scanned: settings that lie in one are not obeyed.
    """
    return [
        Check("aibom", State.OK, VERSION),
        _rules(),
        Check("python", State.OK, f"{platform.python_version()} at {sys.executable}"),
        Check("system", State.OK, f"{platform.system()} {platform.release()} {platform.machine()}"),
        _packages(),
        _isolation(),
        *_extras(),
        _settings(targets),
        Check("terminal", State.OK, _terminal()),
    ]


def exit_code(checks: list[Check]) -> Exit:
    """Return 0, or that of what has to be mended first."""
    return min((check.exit_code for check in checks if check.exit_code), default=Exit.OK)


def _rules() -> Check:
    from .scanners.capability_table import TableError, lookup  # noqa: PLC0415 - reads tables
    from .scanners.judge import rules_digest  # noqa: PLC0415

    try:
        digest = rules_digest()
        lookup("os", "system")
    except (TableError, OSError) as error:
        return _broken("rules", str(error), "install aibom again")
    return Check("rules", State.OK, f"sha256:{digest}")


def _broken(name: str, detail: str, do: str, code: Exit = Exit.USAGE) -> Check:
    return Check(name, State.BROKEN, detail, do, code)


# --- Packages -------------------------------------------------------------------------------------


def _packages() -> Check:
    """Import what is always needed."""
    told: list[str] = []
    for name, module in MODULES.items():
        try:
            import_module(module)
        except ImportError as error:
            return _broken("packages", f"{name}: {error}", f"pip install --force-reinstall {name}")
        told.append(f"{name} {_version(name) or 'of unknown version'}")
    return Check("packages", State.OK, ", ".join(told))


def _extras() -> Iterator[Check]:
    for extra in _names_of_extras():
        packages = sorted(_wanted("aibom", extra))
        versions = {name: _version(name) for name in packages}
        present = ", ".join(f"{name} {found}" for name, found in versions.items() if found)
        absent = ", ".join(name for name, found in versions.items() if not found)
        if not absent:
            yield Check(f"extra {extra}", State.OK, present)
        else:
            detail = f"{present}; without {absent}" if present else f"without {absent}"
            yield Check(f"extra {extra}", State.MISSING, detail, f"pip install 'aibom[{extra}]'")


def _names_of_extras() -> list[str]:
    try:
        return sorted(metadata.metadata("aibom").get_all("Provides-Extra") or [])
    except metadata.PackageNotFoundError:  # run from a checkout that is not installed
        return []


def _wanted(package: str, extra: str) -> Iterator[str]:
    """Yield the packages that an extra brings, and those that their own extras bring."""
    for line in metadata.requires(package) or []:
        found = REQUIREMENT.fullmatch(line)
        if found is None or found[3] != extra:
            continue
        yield found[1]
        if found[2] and _version(found[1]):
            for inner in found[2].split(","):
                yield from _wanted(found[1], inner.strip())


def _version(package: str) -> str:
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return ""


# --- The trial ------------------------------------------------------------------------------------


def _isolation() -> Check:
    """Scan a small file as `aibom scan` does, and tell how its parser was locked in."""
    from .scan import scan_target  # noqa: PLC0415 - starts a process

    with tempfile.TemporaryDirectory(prefix="aibom-doctor-") as folder:
        place = Path(folder, "config.json")
        place.write_bytes(TRIAL)
        report = scan_target(place)
    (artifact,) = report.artifacts
    if not report.is_complete or artifact.formats != ("json",):
        why = "; ".join(fact.detail for _, fact in report.unread) or "it was read as something else"
        do = "scan with --no-isolation, in a container of your own"
        return _broken("isolation", f"a small file could not be read: {why}", do, Exit.INCOMPLETE)
    return locked(report.isolation)


def locked(isolation: Isolation) -> Check:
    """Return what was found of the lock on parsers."""
    worn = f"by {', '.join(isolation.worn)}" if isolation.worn else "by nothing"
    if isolation.is_full:
        return Check("isolation", State.OK, f"{', '.join(SHUT)} are shut to parsers, {worn}")
    left = ", ".join(each for each in SHUT if each not in isolation.shut)
    do = "scan on Linux 5.13 or newer with seccomp; --require-lock refuses to go on here"
    return Check("isolation", State.NOTE, f"not shut to parsers: {left}; locked {worn}", do)


# --- Around it ------------------------------------------------------------------------------------


def _settings(targets: tuple[str, ...]) -> Check:
    from .settings import discovered, read_settings, stricter  # noqa: PLC0415 - reads TOML

    try:
        own, ignored = discovered(targets)
        if ignored is not None:
            detail = f"{ignored} lies in what is scanned, so it is not obeyed"
            return Check("settings", State.NOTE, detail, f"--config {ignored}, if it is yours")
        if own is None:
            return Check("settings", State.OK, "no aibom.toml, and no [tool.aibom], in this folder")
        values = read_settings(own)
    except AibomError as error:
        return _broken("settings", str(error), "mend it, or name another with --config")
    obeyed = stricter(values)
    told = f"{own}: {_listed(obeyed) or 'nothing is set'}"
    if left := {name: value for name, value in values.items() if name not in obeyed}:
        detail = f"{told}; not obeyed, since it was only found: {_listed(left)}"
        return Check("settings", State.NOTE, detail, f"--config {own}, if it is yours")
    return Check("settings", State.OK, told)


def _listed(settings: dict[str, object]) -> str:
    return ", ".join(f"{name.replace('_', '-')} = {value}" for name, value in settings.items())


def _terminal() -> str:
    kinds = [
        f"{name} {'a terminal' if stream.isatty() else 'no terminal'}"
        for name, stream in (("output", sys.stdout), ("errors", sys.stderr))
    ]
    named = [name for name in ("NO_COLOR", "FORCE_COLOR", "CI") if os.environ.get(name)]
    return ", ".join([*kinds, f"in {sys.stdout.encoding}", *(f"{name} is set" for name in named)])
