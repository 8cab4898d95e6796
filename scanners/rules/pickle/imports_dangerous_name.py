"""A pickle that names something dangerous, called or not."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...artifact import Artifact
from ...capability import DANGEROUS, Ability, verdict
from ...facts import Call, Import
from ...rule import Evidence, Rule, Severity
from ...values import Global, Group
from . import evidence
from .names import STATE, is_told_anyway

if TYPE_CHECKING:
    from collections.abc import Iterator

ABILITIES = frozenset({Ability.PROCESS, Ability.CODE, Ability.NATIVE})
SYSTEM = Import(module="posix", name="system")


def check(artifact: Artifact) -> Iterator[Evidence]:
    """A model has no use for it; what only is imported now can be called by whoever uses the model.

    A name that the file also calls, or comes to in an odd way, stands in the finding about that.

    What to do: find out why the name is there before you load the file.
    """
    yield from evidence.not_called(artifact, _danger, reported=DANGEROUS)


def _danger(imported: Import) -> str:
    if imported.dotted in STATE:
        return "which the interpreter works from"
    found = verdict(imported.module, imported.name)
    is_meant = found.ability in ABILITIES and not is_told_anyway(imported)
    return f"which {found.why}" if is_meant else ""


RULE = Rule(
    id="pickle-imports-dangerous-name",
    title="Loading imports what can run code",
    severity=Severity.HIGH,
    on=Artifact,
    check=check,
    refs=("CWE-502",),
    flags=(
        Artifact(("model.pkl",), 20, facts=(SYSTEM,)),
        Artifact(("model.pkl",), 20, facts=(Import(module="sys", name="modules"),)),
    ),
    passes=(
        Artifact(
            ("model.pkl",),
            40,
            facts=(
                SYSTEM,
                Call(callee=Global("posix", "system"), arguments=Group("tuple", ("id",))),
            ),
        ),
        Artifact(("model.pkl",), 20, facts=(Import(module="collections", name="OrderedDict"),)),
        Artifact(("model.pkl",), 20, facts=(Import(module="numpy", name="load"),)),
    ),
)
