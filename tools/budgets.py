"""Hold the size budgets of the code: `python tools/budgets.py [ROOT]`.

No file and no function (from its first decorator to its last line) may have more lines than its
budget, and the middle one of all may not have more than the median's. Shipped code keeps all four;
tests and tools keep that of the longest file. Complexity is ruff's part (C901). Prints what is
over, the longest first, and exits 1.
"""

from __future__ import annotations

import ast
import sys
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

SHIPPED = ("aibom", "scanners", "signatures")
AROUND = ("tests", "fixtures", "tools", "benchmarks")


@dataclass(frozen=True, slots=True)
class Budget:
    """The most lines that one may have, and that the middle one of all may have."""

    what: str
    most: int  # lines
    middle: int  # lines


FILE = Budget("file", most=400, middle=120)
FUNCTION = Budget("function", most=60, middle=10)


@dataclass(frozen=True, slots=True)
class Size:
    """A place and how many lines it has."""

    where: str  # "path" or "path:line name"
    lines: int


def overruns(root: Path) -> Iterator[str]:
    """Yield one sentence for each budget that the tree at `root` breaks."""
    shipped = list(_sources(root, SHIPPED))
    around = list(_sources(root, AROUND))
    yield from _over(FILE, [_file(root, path) for path in shipped])
    yield from _over(FUNCTION, [size for path in shipped for size in _functions(root, path)])
    yield from _over_most(FILE, [_file(root, path) for path in around])


def main(arguments: list[str]) -> int:
    """Print the overruns of the tree that is named (default: here); 1 if there are any."""
    root = Path(arguments[0] if arguments else ".")
    sentences = list(overruns(root))
    print(*sentences, sep="\n", end="\n" if sentences else "")
    if not sentences:
        print("size budgets: kept")
    return 1 if sentences else 0


def _sources(root: Path, folders: Iterable[str]) -> Iterator[Path]:
    """Yield the Python files below the folders, each once: links are not followed."""
    for folder in folders:
        for path in sorted((root / folder).rglob("*.py")):
            above = path.relative_to(root).parents
            if not any((root / each).is_symlink() for each in above):
                yield path


def _file(root: Path, path: Path) -> Size:
    return Size(path.relative_to(root).as_posix(), len(_text(path).splitlines()))


def _functions(root: Path, path: Path) -> Iterator[Size]:
    for node in ast.walk(ast.parse(_text(path), filename=str(path))):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            first = min((each.lineno for each in node.decorator_list), default=node.lineno)
            where = f"{path.relative_to(root).as_posix()}:{node.lineno} {node.name}"
            yield Size(where, (node.end_lineno or first) - first + 1)


def _text(path: Path) -> str:
    return path.read_text(encoding="utf-8")


def _over(budget: Budget, sizes: list[Size]) -> Iterator[str]:
    yield from _over_most(budget, sizes)
    middle = median([size.lines for size in sizes] or [0])
    if middle > budget.middle:
        yield f"the median {budget.what} has {middle:g} lines, the budget is {budget.middle}"


def _over_most(budget: Budget, sizes: list[Size]) -> Iterator[str]:
    for size in sorted(sizes, key=lambda size: -size.lines):
        if size.lines > budget.most:
            yield f"{size.where}: {budget.what} of {size.lines} lines, the budget is {budget.most}"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
