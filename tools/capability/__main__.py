"""``python -m tools.capability build | lock | check``: see docs/capability.md."""

from __future__ import annotations

import argparse
import os
import shutil
import sys
from pathlib import Path

from .build import WORK, build
from .wheels import lock

VERSIONS = tuple(f"3.{minor}" for minor in (8, 9, 10, 11, 12, 13))


def main(arguments: list[str]) -> int:
    """Run one command."""
    parser = argparse.ArgumentParser(prog="python -m tools.capability", description=__doc__)
    parser.add_argument("command", choices=("build", "lock", "check"))
    parser.add_argument("--python", action="append", help="an interpreter (default: those found)")
    parser.add_argument("--work", type=Path, default=WORK, help="where wheels and caches are kept")
    parser.add_argument("--jobs", type=int, default=1, help="processes (default 1)")
    parser.add_argument(
        "--section",
        action="append",
        default=[],
        help="build this section of the lock alone, or 'stdlib' (default: all)",
    )
    options = parser.parse_args(arguments)
    pythons: list[str] = options.python or [*interpreters().values()]
    if options.command == "lock":
        missing = lock(options.work / "wheels")
        print(*(f"not to be had as a wheel: {each}" for each in missing), sep="\n")
        return 0
    if options.command == "check":
        from .check import check  # noqa: PLC0415 - the data need not exist yet to build them

        problems = check(pythons)
        print(*problems or ["capability table: kept"], sep="\n")
        return 1 if problems else 0
    build(pythons, options.work, options.jobs, only=options.section)
    return 0


def interpreters() -> dict[str, str]:
    """Return an interpreter of each version, from a version manager's folder or the path."""
    root = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv"), "versions")
    found: dict[str, str] = {}
    for version in VERSIONS:
        managed = sorted(root.glob(f"{version}.*/bin/python3"))
        path = str(managed[0]) if managed else shutil.which(f"python{version}")
        if path:
            found[version] = path
    return found


def parser_for(command: str, pythons: list[str]) -> str:
    """Return the interpreter to build with: older ones cannot parse what newer ones brought."""
    is_old = command in {"build", "check"} and sys.version_info[:2] < _newest()
    return pythons[-1] if is_old and pythons else sys.executable


def _newest() -> tuple[int, int]:
    major, minor = VERSIONS[-1].split(".")
    return int(major), int(minor)


if __name__ == "__main__":
    if os.environ.get("PYTHONHASHSEED") != "0":  # sets of text in a fixed order: the same bytes
        os.environ["PYTHONHASHSEED"] = "0"
        python = parser_for("".join(sys.argv[1:2]), [*interpreters().values()])
        os.execv(python, [python, "-m", "tools.capability", *sys.argv[1:]])  # noqa: S606 - ourselves
    raise SystemExit(main(sys.argv[1:]))
