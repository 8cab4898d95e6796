"""Rule: TorchScript code that writes files or calls other machines."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...artifact import Artifact
from ...facts import Operator, SourceCode
from ...python_callables import OPERATORS
from ...rule import Evidence, Rule, Severity
from . import acts

if TYPE_CHECKING:
    from collections.abc import Iterator

ARCHIVES = frozenset({"torch-zip", "torch-package"})


def check(artifact: Artifact) -> Iterator[Evidence]:
    """The code of a TorchScript model computes; a few operators write files or call others.

    `__setstate__` runs when the model is loaded, `forward` when it is used.

    What to do: do not load it; a model has no need of these operators. Export it again from its
    source.
    """
    if ARCHIVES.isdisjoint(artifact.formats):
        return
    for part in artifact.parts:
        found = acts.listed(_acting(part))
        if found:
            yield Evidence(f"its code calls {found}", part.path)


def _acting(part: Artifact) -> Iterator[str]:
    for fact in part.facts:
        match fact:
            case SourceCode() if "code/" in part.path[-1]:
                for text in (*fact.at_import, *fact.at_init, *fact.elsewhere):
                    line, _, call = text.partition(": ")
                    if call.partition("(")[0] in OPERATORS:
                        yield f"{call} (line {line})"
            case Operator(domain=domain, name=name) if "torch-bytecode" in part.formats:
                yield f"{domain}::{name}"
            case _:
                pass


def _model(name: str, fact: SourceCode | Operator) -> Artifact:
    formats = ("torch-bytecode",) if isinstance(fact, Operator) else ("python",)
    part = Artifact(("m.pt", name), 9, formats=formats, facts=(fact,))
    return Artifact(("m.pt",), 9, formats=("zip", "torch-zip"), parts=(part,))


RULE = Rule(
    id="torchscript-acts",
    title="TorchScript code writes files or calls other machines",
    severity=Severity.HIGH,
    on=Artifact,
    check=check,
    refs=("CWE-506", "CWE-73"),
    flags=(
        _model("m/code/__torch__.py", SourceCode(at_init=("4: torch.save(…, '/x')",))),
        _model("m/code/__torch__.py", SourceCode(elsewhere=("4: torch.from_file('/x', …)",))),
        _model("m/bytecode.pkl", Operator(domain="aten", name="save")),
    ),
    passes=(
        _model("m/code/__torch__.py", SourceCode(elsewhere=("4: torch.add(…)",))),
        _model("m/train.py", SourceCode(elsewhere=("4: torch.save(…, '/x')",))),
    ),
)
