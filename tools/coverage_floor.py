"""Hold coverage floors by package: `python tools/coverage_floor.py REPORT PACKAGE=PERCENT ...`.

REPORT is what `coverage json` writes, with branches. Coverage follows links, so a file of
`aibom.scanners` is listed under `scanners/`. A package that was not measured is an error.
"""

from __future__ import annotations

import json
import sys
from dataclasses import dataclass
from pathlib import Path, PureWindowsPath
from typing import TypedDict, cast

LINKED = ("scanners", "signatures")


class Summary(TypedDict):
    """The counts of one file in the report."""

    num_statements: int
    covered_lines: int
    num_branches: int
    covered_branches: int


@dataclass(frozen=True, slots=True)
class Coverage:
    """How much of a package the tests ran."""

    package: str
    covered: int  # lines and branches
    total: int  # lines and branches
    gaps: tuple[str, ...]  # "file: covered/total", of the files with a miss

    @property
    def percent(self) -> float:
        """Lines and branches together; 100 when there is nothing to cover."""
        return 100 * self.covered / self.total if self.total else 100.0


def measured(report: Path, package: str) -> Coverage:
    """Return the coverage of `package` (dotted) and all below it.

    Raises:
        LookupError: The report holds no file of the package, or no branches.
    """
    files = _files(report)
    prefix = package.replace(".", "/") + "/"
    own = {path: files[path] for path in sorted(files) if path.startswith(prefix)}
    if not own:
        raise LookupError(f"{report}: no file of {package} was measured")
    covered = {path: each["covered_lines"] + each["covered_branches"] for path, each in own.items()}
    total = {path: each["num_statements"] + each["num_branches"] for path, each in own.items()}
    gaps = tuple(
        f"{path}: {covered[path]}/{total[path]}" for path in own if covered[path] < total[path]
    )
    return Coverage(package, sum(covered.values()), sum(total.values()), gaps)


def main(arguments: list[str]) -> int:
    """Print each package's coverage beside its floor; 1 if one lies below."""
    report = Path(arguments[0])
    below = 0
    for argument in arguments[1:]:
        package, _, floor = argument.partition("=")
        coverage = measured(report, package)
        kept = coverage.percent >= float(floor)
        below += not kept
        print(f"coverage of {package}: {coverage.percent:.2f} %, the floor is {floor} %")
        if not kept:
            print(*(f"  {gap}" for gap in coverage.gaps), sep="\n")
    return 1 if below else 0


def _files(report: Path) -> dict[str, Summary]:
    """Return the counts by path below the import root, with forward slashes."""
    document = json.loads(report.read_text(encoding="utf-8"))
    if not document["meta"]["branch_coverage"]:
        raise LookupError(f"{report}: measured without branches")
    return {
        _import_path(path): cast("Summary", each["summary"])
        for path, each in document["files"].items()
    }


def _import_path(path: str) -> str:
    parts = PureWindowsPath(path).parts  # knows both slashes
    return "/".join(("aibom", *parts) if parts[0] in LINKED else parts)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
