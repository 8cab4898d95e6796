"""Rule: compiled Python where a model is expected."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...artifact import Artifact
from ...facts import CompiledCode
from ...rule import Rule, Severity

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

SHOWN = 12  # imports, and names, in the sentence


def check(artifact: Artifact) -> Iterator[str]:
    """Compiled code runs like any program, and nobody can review it as source.

    What to do: ask for the source, or for a model that needs none. What is listed here is named
    openly; the code can build further names when it runs.
    """
    codes = [fact for fact in artifact.facts if isinstance(fact, CompiledCode)]
    if not codes:
        return
    pythons = _listed(version for code in codes for version in code.pythons)
    imports = _listed(name for code in codes for name in code.imports)
    names = _listed(name for code in codes for name in code.names)
    many = len(codes) > 1
    what = f"{len(codes)} compiled code objects" if many else "a compiled code object"
    made = f" for Python {pythons}" if pythons else " that no known Python runs"
    seen = [f"{'import' if many else 'imports'} {imports}"] if imports else []
    seen += [f"{'name' if many else 'names'} {names}"] if names else []
    yield f"{what}{made}" + (f", which {' and '.join(seen)}" if seen else "")


def _listed(names: Iterable[str]) -> str:
    every = list(dict.fromkeys(names))
    more = f" and {len(every) - SHOWN} more" if len(every) > SHOWN else ""
    return ", ".join(every[:SHOWN]) + more


CODE = CompiledCode(
    name="f",
    file="a.py",
    carrier="pickle",
    pythons=("3.12",),
    imports=("math",),
    names=("math.pi",),
)

RULE = Rule(
    id="compiled-in-model",
    title="There is compiled Python among the model files",
    severity=Severity.MEDIUM,
    on=Artifact,
    check=check,
    refs=("CWE-506",),
    flags=(
        Artifact(("f.pkl",), 1, facts=(CODE,)),
        Artifact(("f.pkl",), 1, facts=(CODE, CompiledCode(name="g", file="", carrier="pyc"))),
        Artifact(("f.pkl",), 1, facts=(CompiledCode(name="g", file="", carrier="pyc"),)),
    ),
    passes=(Artifact(("f.pkl",), 1),),
)
