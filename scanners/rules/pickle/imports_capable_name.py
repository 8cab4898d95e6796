"""A pickle that names something able to load, write or connect."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...artifact import Artifact
from ...capability import DANGEROUS, Ability, stdlib_modules, verdict
from ...facts import Call, Import
from ...rule import Evidence, Rule, Severity
from ...values import Global, Group
from . import evidence, getters
from .names import STATE, is_told_anyway

if TYPE_CHECKING:
    from collections.abc import Iterator

ABILITIES = frozenset(
    {Ability.UNPICKLE, Ability.NETWORK, Ability.WRITE, Ability.KILL, Ability.PATCH}
)
# Every pickled tensor has the one; calls of the other are judged by what they ask for.
ORDINARY = frozenset({"torch.storage._load_from_bytes", "builtins.getattr"})


LOAD = Import(module="numpy", name="load")


def check(artifact: Artifact) -> Iterator[Evidence]:
    """It is imported and not called: a call would stand in a finding of its own.

    What to do: find out why the name is there.
    """
    is_kept = getters.is_plain_getter
    yield from evidence.not_called(artifact, _capability, reported=DANGEROUS, passes=is_kept)


def _capability(imported: Import) -> str:
    found = verdict(imported.module, imported.name)
    is_own = imported.module.partition(".")[0] in stdlib_modules()  # others look up their own names
    abilities = ABILITIES | {Ability.RESOLVE} if is_own else ABILITIES
    is_meant = imported.dotted not in ORDINARY | STATE and found.ability in abilities
    return f"which {found.why}" if is_meant and not is_told_anyway(imported) else ""


RULE = Rule(
    id="pickle-imports-capable-name",
    title="Loading imports what can load, write or connect",
    severity=Severity.MEDIUM,
    on=Artifact,
    check=check,
    refs=("CWE-502",),
    flags=(Artifact(("model.pkl",), 20, facts=(LOAD,)),),
    passes=(
        Artifact(
            ("model.pkl",),
            40,
            facts=(
                LOAD,
                Call(callee=Global("numpy", "load"), arguments=Group("tuple", ("x.npy",))),
            ),
        ),
        Artifact(
            ("model.pkl",), 20, facts=(Import(module="torch.storage", name="_load_from_bytes"),)
        ),
    ),
)
