"""A pickle whose loading runs code."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...artifact import Artifact
from ...capability import Ability, needs_items
from ...facts import Call, ItemsSet, StateSet
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
    sets_items = any(_may_be_any(fact) for fact in artifact.facts if isinstance(fact, ItemsSet))
    for call, why in found:
        is_idle = not sets_items and _needs_items(call)
        if not (is_own and makes(call)) and not is_idle:
            yield Evidence(why, artifact.path, call.at)


def _needs_items(call: Call) -> bool:
    """Whether a rebuild runs nothing unless items are put into the object."""
    made = evidence.callee(call)
    if made is None or not evidence.is_rebuild(call):
        return False
    is_bare = evidence.is_bare(call)
    is_plain = is_bare or not (any(evidence.told(call)) or evidence.hands_others(call))
    return is_plain and needs_items(made.module, made.name, is_bare=is_bare)


def _may_be_any(fact: ItemsSet) -> bool:
    """Whether items are set on what is not certainly a container of Python's own."""
    match fact.target:
        case Made(Global("collections", "OrderedDict" | "defaultdict" | "Counter" | "deque")):
            return False
        case _:
            return True


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
