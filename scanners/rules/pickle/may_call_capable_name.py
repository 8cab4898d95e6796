"""A pickle that takes hold of something capable and makes a call that can come to it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...artifact import Artifact
from ...capability import DANGEROUS, Ability, of, verdict
from ...facts import Call, Import, StateSet
from ...rule import Evidence, Rule, Severity
from ...telling import MANY
from ...values import Global, Group, Made, Value
from . import evidence

if TYPE_CHECKING:
    from collections.abc import Iterator

PARTIAL = frozenset({"functools.partial", "_functools.partial"})
# These only keep what they are given, unless that is an object with a way of its own to be read.
CONTAINERS = frozenset(
    {
        "builtins.dict", "builtins.frozenset", "builtins.list", "builtins.set", "builtins.tuple",
        "collections.Counter", "collections.OrderedDict", "collections.defaultdict",
        "collections.deque", "_collections.deque",
    }
)  # fmt: skip
MODULES = frozenset({"builtins", "functools", "_functools", "itertools", "operator", "_operator"})
KEEPERS = frozenset({"types.MethodType", "builtins.property", "builtins.classmethod"})
# Functions of Python that ask their argument for something: its items, its text, its length.
ASKING = frozenset(
    {
        "builtins.abs", "builtins.bool", "builtins.bytearray", "builtins.bytes", "builtins.complex",
        "builtins.float", "builtins.hash", "builtins.int", "builtins.len", "builtins.print",
        "builtins.repr", "builtins.reversed", "builtins.round", "builtins.str",
    }
)  # fmt: skip


def check(artifact: Artifact) -> Iterator[Evidence]:
    """Nothing calls it by its name; but another call gets objects that can hold it, and calls them.

    A list that grows after it was handed to `map`, a `partial` that gets its function by its state,
    an object whose own method is asked for: none of these shows what is called in the end.

    What to do: do not load it unless you know why the name is there.
    """
    calls = [fact for fact in artifact.facts if isinstance(fact, Call)]
    yield from _refilled(artifact, calls)
    for call in calls:
        found = evidence.dangerous_names(call.names) if _is_unknown(call) else []
        if found:
            handed = f"{evidence.shown(call)}, which is handed {', '.join(found[:5])}"
            yield Evidence(handed, artifact.path, call.at)
    yield from _made_to_be_called(artifact, calls)
    runner = next((call for call in calls if _may_run(call)), None)
    if runner is None:
        return
    told = _told(calls)
    for fact in artifact.facts:
        if isinstance(fact, Import) and fact.dotted not in told and _is_capable(fact):
            sentence = f"{evidence.shown(runner)}, which can come to {fact.dotted}"
            yield Evidence(sentence, artifact.path, runner.at)


def _made_to_be_called(artifact: Artifact, calls: list[Call]) -> Iterator[Evidence]:
    """Yield each object whose `__call__` is dangerous, if something calls what it is given."""
    caller = next((call for call in calls if _calls_at_once(call)), None)
    if caller is None:
        return
    made = {target for call in calls if (target := evidence.callee(call)) is not None}
    for each in sorted(made, key=lambda each: each.dotted):
        found = verdict(each.module, f"{each.name}.__call__", "call")
        if found.is_dangerous and evidence.is_class_name(each.name):
            what = f"{evidence.shown(caller)}, which can call an object of {each.dotted}, which "
            yield Evidence(what + found.why, artifact.path, caller.at)


def _calls_at_once(call: Call) -> bool:
    """Whether what is called calls what it is given, and does not only keep it."""
    target = evidence.callee(call)
    is_kept = target is None or target.dotted in PARTIAL | CONTAINERS | KEEPERS
    return (
        not is_kept
        and not _is_rebuild(call)
        and evidence.capability(call).ability is Ability.CALLBACK
    )


def _refilled(artifact: Artifact, calls: list[Call]) -> Iterator[Evidence]:
    """Yield each partial that gets another function by its state than it was made with."""
    made: set[str] = set()
    for call in calls:
        target = evidence.callee(call)
        if target is not None and target.dotted in PARTIAL:
            made |= {*call.names}
    for fact in artifact.facts:
        if isinstance(fact, StateSet) and _is_partial(fact.target):
            for name in _functions(fact):
                if name not in made:
                    what = f"BUILD gives a partial another function, {name}, than it was made with"
                    yield Evidence(what, artifact.path, fact.at)


def _is_partial(target: Value) -> bool:
    return (
        isinstance(target, Made)
        and isinstance(target.callee, Global)
        and (target.callee.dotted in PARTIAL)
    )


def _functions(fact: StateSet) -> list[str]:
    match fact.state:
        case Group("tuple", (Global() as function, *_)):
            return [function.dotted]
        case found if found == MANY:
            return [name for name in fact.names if of(name).is_dangerous]
        case _:
            return []


def _is_unknown(call: Call) -> bool:
    """Whether a function is called of which nothing is known."""
    is_named = evidence.callee(call) is not None and not evidence.is_rebuild(call)
    return is_named and evidence.capability(call).ability is Ability.UNKNOWN


def _may_run(call: Call) -> bool:
    """Whether a call may call what an object that it is given holds."""
    target = evidence.callee(call)
    if target is None or _is_rebuild(call):
        return False
    known = evidence.capability(call)
    if target.dotted in CONTAINERS or target.dotted in ASKING:
        return _holds_object(call.arguments)
    if known.ability is Ability.CALLBACK:
        return True
    is_function = not evidence.is_class_name(target.name)
    is_open = known.ability is Ability.UNKNOWN or known.is_derived
    is_judged = known.is_dangerous or known.ability is Ability.CARRIES_CODE
    return is_function and is_open and not is_judged and _holds_object(call.arguments)


def _is_rebuild(call: Call) -> bool:
    """Whether a call only makes an object; `map.__new__` of Python is as good as `map`."""
    is_pythons = isinstance(call.callee, Global) and call.callee.module in MODULES
    return evidence.is_rebuild(call) and not is_pythons


def _holds_object(value: Value) -> bool:
    """Whether an argument is an object that a pickle may have filled, and no plain value."""
    pending = [value]
    while pending:
        match pending.pop():
            case Group(items=items):
                pending += items
            case Made(Global() as made, arguments):
                found = verdict(made.module, made.name, "rebuild")
                is_value = found.ability is Ability.HARMLESS and not found.is_derived
                if not is_value and made.dotted not in CONTAINERS:
                    return True
                pending += arguments
            case Made():
                return True
            case _:
                pass
    return False


def _told(calls: list[Call]) -> set[str]:
    """Return the names that are called, or handed to a caller: other rules judge those."""
    found: set[str] = set()
    for call in calls:
        target = evidence.callee(call)
        found |= {target.dotted} if target is not None else set()
        if evidence.capability(call).ability is Ability.CALLBACK or _is_unknown(call):
            found |= {*call.names}
    return found


def _is_capable(imported: Import) -> bool:
    return verdict(imported.module, imported.name).ability in DANGEROUS


GROWN = Call(
    callee=Global("builtins", "map"),
    arguments=Group("tuple", (Global("operator", "call"), Group("list"))),
    names=("operator.call",),
)
REMOVE = Import(module="shutil", name="rmtree")
PRINTED = Call(
    callee=Global("functools", "partial"),
    arguments=Group("tuple", (Global("builtins", "print"),)),
    names=("builtins.print",),
)


def _pickle(*facts: Call | Import | StateSet) -> Artifact:
    return Artifact(("model.pkl",), 40, facts=facts)


def _state(function: str) -> StateSet:
    state = Group("tuple", (Global("somewhere", function), Group("tuple"), Group("dict"), None))
    return StateSet(target=Made(PRINTED.callee), state=state)


RULE = Rule(
    id="pickle-may-call-capable-name",
    title="Loading can come to call what it only imports",
    severity=Severity.HIGH,
    on=Artifact,
    check=check,
    refs=("CWE-502", "CWE-94"),
    flags=(
        _pickle(GROWN, REMOVE),
        _pickle(
            GROWN, Call(callee=Global("argparse", "FileType"), arguments=Group("tuple", ("w",)))
        ),
        _pickle(PRINTED, _state("run")),
        _pickle(
            Call(
                callee=Global("somewhere", "apply"),
                arguments=Group("tuple", (Global("shutil", "rmtree"),)),
                names=("shutil.rmtree",),
            )
        ),
        _pickle(
            REMOVE,
            Call(
                callee=Global("builtins", "list"),
                arguments=Group("tuple", (Made(Global("somewhere", "Loader")),)),
            ),
        ),
    ),
    passes=(
        _pickle(GROWN),
        _pickle(
            PRINTED, Call(callee=Global("argparse", "FileType"), arguments=Group("tuple", ("w",)))
        ),
        _pickle(REMOVE),
        _pickle(
            REMOVE, Call(callee=Global("collections", "OrderedDict"), arguments=Group("tuple"))
        ),
        _pickle(
            Call(
                callee=PRINTED.callee,
                arguments=Group("tuple", (Global("somewhere", "run"),)),
                names=("somewhere.run",),
            ),
            _state("run"),
        ),
    ),
)
