"""A pickle that reaches objects through the attributes of others."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...artifact import Artifact
from ...capability import Ability
from ...facts import Call, Import
from ...rule import Evidence, Rule, Severity
from ...values import Global, Group
from . import evidence
from .names import detour

if TYPE_CHECKING:
    from collections.abc import Iterator

GRAVEST = frozenset(  # calls of these are critical themselves, by whatever name
    {Ability.PROCESS, Ability.CODE, Ability.NATIVE, Ability.PATCH, Ability.RESOLVE}
)


def check(artifact: Artifact) -> Iterator[Evidence]:
    """A dotted name leads from something harmless to something that is not.

    `torch.serialization` imports `os`, so its `os.system` is another name of the real one; and from
    `__globals__` or `__builtins__` everything can be reached.

    What to do: do not load it unless you know the name in the evidence.
    """
    yield from evidence.not_called(artifact, detour, reported=GRAVEST)


def _pickle(*facts: Import | Call) -> Artifact:
    return Artifact(("model.pkl",), 40, facts=facts)


SYSTEM = Import(module="mymodel", name="os.system")
RULE = Rule(
    id="pickle-walks-attributes",
    title="A name leads through another module or a special attribute",
    severity=Severity.CRITICAL,
    on=Artifact,
    check=check,
    refs=("CWE-502", "CWE-913"),
    flags=(
        _pickle(SYSTEM),
        _pickle(Import(module="torch.serialization", name="os.system")),
        _pickle(Import(module="torch._utils", name="_rebuild_tensor_v2.__globals__.get")),
    ),
    passes=(
        _pickle(
            SYSTEM,
            Call(callee=Global(SYSTEM.module, SYSTEM.name), arguments=Group("tuple", ("id",))),
        ),
        _pickle(Import(module="torch._utils", name="_rebuild_tensor_v2")),
        _pickle(Import(module="mymodel", name="Outer.Inner")),
        _pickle(Import(module="datetime", name="datetime.fromisoformat")),
    ),
)
