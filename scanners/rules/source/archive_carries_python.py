"""Rule: an archive that its loader takes Python modules from."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...artifact import Artifact
from ...facts import SourceCode
from ...rule import Rule, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

LOADERS = {"torch-package": "torch.package", "torchserve": "TorchServe"}
SHOWN = 12  # names in the sentence


def check(artifact: Artifact) -> Iterator[str]:
    """Whoever loads the archive runs this code: it is a program, whatever else it is.

    Both formats are made for that, so honest ones hold code, too. What it calls on being imported
    is judged by rules of its own.

    What to do: read the files that are named, or load the model only if you trust its author as you
    would trust a program's.
    """
    loaders = [loader for id_, loader in LOADERS.items() if id_ in artifact.formats]
    names = [part.path[-1] for part in artifact.parts if _is_source(part)]
    if loaders and names:
        more = f" and {len(names) - SHOWN} more" if len(names) > SHOWN else ""
        what = f"{len(names)} Python files" if len(names) > 1 else "a Python file"
        yield f"{loaders[0]} imports {what} of it: {', '.join(map(repr, names[:SHOWN]))}{more}"


def _is_source(part: Artifact) -> bool:
    return any(isinstance(fact, SourceCode) for fact in part.facts)


def _archive(format_: str, *names: str) -> Artifact:
    parts = tuple(Artifact(("m", name), 9, facts=(SourceCode(),)) for name in names)
    return Artifact(("m",), 99, formats=("zip", format_), parts=parts)


RULE = Rule(
    id="archive-carries-python",
    title="The archive brings Python code that its loader runs",
    severity=Severity.MEDIUM,
    on=Artifact,
    check=check,
    refs=("CWE-829",),
    flags=(
        _archive("torch-package", "p/my/mod.py"),
        _archive("torchserve", *(f"{number}.py" for number in range(SHOWN + 1))),
    ),
    passes=(
        _archive("torchserve"),
        _archive("torch-zip", "archive/code/__torch__.py"),
    ),
)
