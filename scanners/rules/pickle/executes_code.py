"""A pickle whose loading runs code."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...artifact import Artifact
from ...capability import Ability
from ...facts import Call, StateSet
from ...rule import Evidence, Rule, Severity
from ...values import Global, Group, Made
from . import distributions, evidence

if TYPE_CHECKING:
    from collections.abc import Iterator


def check(artifact: Artifact) -> Iterator[Evidence]:
    """The file brings its own program, and loading runs it.

    SciPy's distributions pass while the program in their state is word for word SciPy's own.

    What to do: do not load it; a model needs no code of its own to be rebuilt.
    """
    calls = [fact for fact in artifact.facts if isinstance(fact, Call)]
    found = [(call, why) for call in calls for why in evidence.reaches(call, Ability.CODE)]
    makes = distributions.makes_distribution
    is_own = any(makes(call) for call, _ in found) and distributions.are_scipys_own(artifact)
    for call, why in found:
        if not (is_own and makes(call)):
            yield Evidence(why, artifact.path, call.at)


NORMAL = Call(
    callee=Global("scipy.stats._continuous_distns", "norm_gen"),
    arguments=Group("tuple"),
    op="NEWOBJ",
)


def _with_state(template: str) -> Artifact:
    state = Group("dict", ("_parse_arg_template", template))
    return Artifact(
        ("m.pkl",), 40, facts=(NORMAL, StateSet(target=Made(NORMAL.callee), state=state))
    )


def _with(call: Call) -> Artifact:
    return Artifact(("model.pkl",), 40, facts=(call,))


RULE = Rule(
    id="pickle-executes-code",
    title="Loading runs code from the file",
    severity=Severity.CRITICAL,
    on=Artifact,
    check=check,
    refs=("CWE-502", "CWE-94", "AML.T0011.000"),
    flags=(
        _with(Call(callee=Global("builtins", "exec"), arguments=Group("tuple", ("import os",)))),
        _with_state("import os"),
    ),
    passes=(
        _with(Call(callee=Global("collections", "OrderedDict"), arguments=Group("tuple"))),
        _with(Call(callee=Global("torch._utils", "_rebuild_tensor_v2"), arguments=Group("tuple"))),
        _with(NORMAL),
    ),
)
