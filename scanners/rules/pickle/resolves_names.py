"""A pickle that looks objects up by name while it loads."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...capability import Ability, verdict
from ...facts import Call
from ...plain_members import is_plain, is_plain_member
from ...rule import Rule, Severity
from ...values import Blob, Global, Group, Made
from . import distributions, evidence, getters

if TYPE_CHECKING:
    from collections.abc import Iterator


def check(call: Call) -> Iterator[str]:
    """A name that is put together at load time can be any, so no list of names can hold it.

    `getattr(Class, "MEMBER")`, which is how enums and methods are pickled, is not meant, nor is
    `getattr(Class, "__new__")`, by which protocols 2 and 3 rebuild objects. A getter of plain
    attributes that is only kept, such as a key to sort by, is told as an import.

    What to do: do not load it unless the evidence shows a name that you know.
    """
    if getters.may_be_called(call):
        yield f"{evidence.shown(call)}, which may call the getter that it is given"
    is_kept = is_member(call) or getters.is_plain_getter(call)
    if not is_kept and not distributions.asks_distribution(call):
        yield from evidence.reaches(call, Ability.RESOLVE)


def is_member(call: Call) -> bool:
    """Whether the call is `getattr(Class, "MEMBER")` with a harmless class and a plain name.

    Nor is a method of a value or a plain data type, such as `getattr("abc", "upper")`.
    The same holds of `getattr(dill._dill, "_setattr", setattr)`, which the pickle kernel resolves.
    """
    match call:
        case Call(
            callee=Global("builtins", "getattr"),
            arguments=Group(items=(Global("dill", "_dill"), str() as name, Global() as other)),
        ):
            return other == Global("builtins", name[1:]) and name in {"_setattr", "_delattr"}
        case Call(
            callee=Global("builtins", "getattr"),
            arguments=Group(items=((Global() | Made(callee=Global())) as owner, str() as name)),
        ):
            if isinstance(owner, Global) and is_plain_member(owner, name):
                return True
            is_plain_name = name.isidentifier() and not name.startswith("__")
            return (is_plain_name or name == "__new__") and _is_class(owner)
        case Call(
            callee=Global("builtins", "getattr"),
            arguments=Group(items=(str() | int() | float() | Group() | Blob(), str() as name)),
        ):
            return is_plain(name)
        case _:
            return False


def _is_class(owner: Global | Made) -> bool:
    target = owner if isinstance(owner, Global) else owner.callee
    if not isinstance(target, Global) or verdict(target.module, target.name).is_dangerous:
        return False
    if verdict(target.module, target.name).ability is Ability.HARMLESS:
        return True
    last = target.name.rpartition(".")[2].lstrip("_")
    return last[:1].isupper() or isinstance(owner, Made)


RULE = Rule(
    id="pickle-resolves-names",
    title="Loading looks up objects by names made at run time",
    severity=Severity.CRITICAL,
    on=Call,
    check=check,
    refs=("CWE-502", "CWE-913"),
    flags=(
        Call(
            callee=Global("builtins", "getattr"),
            arguments=Group("tuple", (Global("os", "path"), "os")),
        ),
        Call(callee=Global("builtins", "getattr"), arguments=Group("tuple", ("{}", "format"))),
        Call(callee=Global("importlib", "import_module"), arguments=Group("tuple", ("os",))),
        Call(callee=Global("operator", "attrgetter"), arguments=Group("tuple", ("os.system",))),
        Call(
            callee=Global("somewhere", "pick"),
            arguments=Group("tuple", (Made(Global("operator", "attrgetter"), ("score",)),)),
            names=("operator.attrgetter",),
        ),
    ),
    passes=(
        Call(
            callee=Global("builtins", "getattr"),
            arguments=Group("tuple", (Global("mymodel", "Colour"), "RED")),
        ),
        Call(callee=Global("builtins", "getattr"), arguments=Group("tuple", ("abc", "upper"))),
        Call(callee=Global("operator", "attrgetter"), arguments=Group("tuple", ("score",))),
        Call(callee=Global("collections", "OrderedDict"), arguments=Group("tuple")),
    ),
)
