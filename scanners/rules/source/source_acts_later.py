"""Rule: Python beside the model can act on the machine, if somebody runs it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...artifact import Artifact, Target
from ...facts import SourceCode
from ...rule import Evidence, Rule, Severity
from . import acts, loading

if TYPE_CHECKING:
    from collections.abc import Iterator


def check(target: Target) -> Iterator[Evidence]:
    """Loading the model does not call this, but using it, or running a script beside it, may.

    Training scripts and demonstrations do such things honestly.

    What to do: read the lines that are named before you run the file or call its functions.
    """
    found = loading.sources(target)
    loaded = loading.loaded(target, found)
    for path, source in sorted(found.items()):
        mentioned = [*acts.calls(source.elsewhere, acts.LATER)]
        if path not in loaded:
            mentioned += acts.calls((*source.at_import, *source.at_init), acts.AT_IMPORT)
        if seen := acts.listed(mentioned):
            yield Evidence(f"it calls {seen}", path)


def _script(code: SourceCode) -> Target:
    return Target((Artifact(("train.py",), 2, facts=(code,)),))


RULE = Rule(
    id="source-acts-later",
    title="Python beside the model can start programs, run code or reach the network",
    severity=Severity.LOW,
    on=Target,
    check=check,
    refs=("CWE-829",),
    flags=(
        _script(SourceCode(at_import=("3: os.system('id')",))),
        _script(SourceCode(elsewhere=("3: requests.get(…)",))),
    ),
    passes=(
        _script(SourceCode(at_import=("3: torch.load('x')",))),
        _script(SourceCode(elsewhere=("3: open(…)",))),
    ),
)
