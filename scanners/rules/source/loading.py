"""Which Python files of a target its loaders import: named by a configuration or by convention."""

from __future__ import annotations

import posixpath
import re
from typing import TYPE_CHECKING

from ...facts import Call, ItemsSet, Named, Reference, Refers, SourceCode
from ...values import Global, Made

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ...artifact import Path, Target

# Imported without being asked for: Inference Endpoints, torch.hub, SageMaker, Triton, Transformers.
BY_NAME = re.compile(
    r"(?:.*/)?(?:handler|hubconf|code/inference|\d+/model|custom_generate/generate)\.py"
)
ARCHIVES = re.compile(r".*\.(?:mar|pt|pth|bin|ckpt|pt2)", re.IGNORECASE)  # that bring own modules
MANGLED = re.compile(r"<torch_package_\d+>\.")  # before the modules of a PyTorch package
STEPS = 1000  # files that one import leads to

Sources = dict["Path", SourceCode]


def sources(target: Target) -> Sources:
    """Return every Python source of `target` by its path."""
    return {each.path: fact for each, fact in target.facts() if isinstance(fact, SourceCode)}


def loaded(target: Target, found: Sources) -> set[Path]:
    """Return the paths of those sources that loading the model imports, one way or another."""
    pending = [path for path in (*_named(target, found), *_conventional(found)) if path in found]
    reached = set[tuple[str, ...]]()
    while pending and len(reached) < STEPS:
        path = pending.pop()
        if path not in reached:
            reached.add(path)
            pending += [each for each in _imported(path, found[path]) if each in found]
    return reached


def called(target: Target, found: Sources) -> dict[Path, str]:
    """Return the sources of PyTorch packages of which their own pickles call a function, and which.

    Rebuilding an object runs methods that count as making it, so only other calls are meant, and
    items: these are added by methods of the object's class.
    """
    reached: dict[Path, str] = {}
    for artifact, fact in target.facts():
        name = _called_name(fact)
        if name is None or len(artifact.path) < len(("package", "pickle")):
            continue
        module = MANGLED.sub("", name.module).replace(".", "/")
        for path in found:
            if path[:-1] == artifact.path[:-1] and _is_module(path[-1], module):
                reached.setdefault(path, name.name)
    return reached


def _called_name(fact: object) -> Global | None:
    match fact:
        case Call(callee=Global() as callee, op="REDUCE" | "OBJ" | "INST"):
            return callee
        case ItemsSet(target=Made(callee=Global() as callee)):
            return callee
        case _:
            return None


def _is_module(name: str, module: str) -> bool:
    """Whether a member of an archive, below its one folder, is the source of a module."""
    inner = name.partition("/")[2]
    return inner in {f"{module}.py", f"{module}/__init__.py"}


def _named(target: Target, found: Sources) -> Iterator[Path]:
    for artifact, fact in target.facts():
        if isinstance(fact, Reference) and fact.kind is Refers.REMOTE_CODE:
            module = fact.target.rpartition("--")[2].rpartition(".")[0]
            yield _beside(artifact.path, f"{module.replace('.', '/')}.py")
        elif isinstance(fact, Named):
            for each in fact.files:
                path = _beside(artifact.path, each)
                yield from _within(path, found) if each.endswith("/*") else [path]


def _within(folder: Path, found: Sources) -> Iterator[Path]:
    """Yield the sources below a folder whose path ends in ``/*``."""
    start = folder[-1].removesuffix("*")
    yield from (path for path in found if path[:-1] == folder[:-1] and path[-1].startswith(start))


def _conventional(found: Sources) -> Iterator[Path]:
    for path in found:
        packed = any(ARCHIVES.fullmatch(outer) for outer in path[:-1])
        if packed or BY_NAME.fullmatch(path[-1]):
            yield path


def _imported(path: Path, source: SourceCode) -> Iterator[Path]:
    """Yield the files that an import of `source` can mean, beside it or below."""
    for name in source.imports:
        dots = len(name) - len(name.lstrip("."))
        up = "../" * max(0, dots - 1)
        steps = name.lstrip(".").split(".")
        for end in range(len(steps), 0, -1):
            inner = up + "/".join(steps[:end])
            yield _beside(path, f"{inner}.py")
            yield _beside(path, f"{inner}/__init__.py")


def _beside(path: Path, name: str) -> Path:
    return (*path[:-1], posixpath.normpath(posixpath.join(posixpath.dirname(path[-1]), name)))
