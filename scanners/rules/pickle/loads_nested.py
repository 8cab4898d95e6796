"""A pickle that loads another file or pickle."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...capability import Ability
from ...facts import Call
from ...look_ups import LOADED
from ...rule import Rule, Severity
from ...source import Span
from ...telling import READ_APART
from ...values import Blob, Global, Group, Made
from . import evidence, opens_side_file

if TYPE_CHECKING:
    from collections.abc import Iterator

READ_INSIDE = frozenset(  # loaders whose constant bytes the pickle kernel hands on as a part
    {
        "torch.storage._load_from_bytes", "pickle.loads", "pickle._loads", "_pickle.loads",
        "dill.loads", "dill._dill.loads", "cloudpickle.loads", "cloudpickle.cloudpickle.loads",
        "joblib.numpy_pickle._unpickle", "numba.core.serialize._numba_unpickle",
    }
)  # fmt: skip

ARRAY_MODULES = frozenset({"numpy.core.multiarray", "numpy._core.multiarray", "numpy"})


def check(call: Call) -> Iterator[str]:
    """What it loads runs with the same rights, and was not part of what was scanned.

    Bytes that stand in the file itself are read as a part of their own and judged there.

    What to do: see what it would load, and scan that too; re-export the model without it.
    """
    if (
        capability_is_judged_inside(call)
        or is_array_of_dill(call)
        or any(opens_side_file.check(call))
    ):
        return
    yield from evidence.reaches(call, Ability.UNPICKLE)
    if hides_arguments(call):
        yield f"{evidence.shown(call)}, which unpickles one of its arguments"


def capability_is_judged_inside(call: Call) -> bool:
    """Whether the call loads constant bytes of the file, and nothing else."""
    match call:
        case Call(callee=Global() as target, arguments=Group(items=(first, *_))):
            return target.dotted in READ_INSIDE and (isinstance(first, Blob) or first == READ_APART)
        case _:
            return False


def hides_arguments(call: Call) -> bool:
    """Whether a rebuilder that unpickles one of its arguments gets them in a way that hides it."""
    is_one = isinstance(call.callee, Global) and call.callee.dotted in LOADED
    return is_one and not (isinstance(call.arguments, Group) and call.arguments.kind == "tuple")


def is_array_of_dill(call: Call) -> bool:
    """Whether dill makes an array by numpy's own function, a call of which is a fact, too."""
    match call:
        case Call(
            callee=Global("dill._dill" | "dill.dill", "_create_array"),
            arguments=Group(items=(Global(module, "_reconstruct"), Group("tuple"), *_)),
        ):
            return module in ARRAY_MODULES
        case _:
            return False


RULE = Rule(
    id="pickle-loads-nested",
    title="Loading loads another file or pickle",
    severity=Severity.HIGH,
    on=Call,
    check=check,
    refs=("CWE-502", "AML.T0011.000"),
    flags=(
        Call(callee=Global("torch", "load"), arguments=Group("tuple", ("other.pt",))),
        Call(callee=Global("pandas", "read_pickle"), arguments=Group("tuple", ("/srv/x",))),
        Call(
            callee=Global("dill._dill", "_create_array"),
            arguments=Group("tuple", (Global("x", "_reconstruct"), Group("tuple"))),
        ),
        Call(callee=Global("spacy.vocab", "unpickle_vocab"), arguments=Made(Global("x", "read"))),
    ),
    passes=(
        Call(
            callee=Global("torch.storage", "_load_from_bytes"),
            arguments=Group("tuple", (Blob(Span(0, 9)),)),
        ),
        Call(callee=Global("pickle", "loads"), arguments=Group("tuple", (READ_APART,))),
        Call(
            callee=Global("dill._dill", "_create_array"),
            arguments=Group(
                "tuple", (Global("numpy.core.multiarray", "_reconstruct"), Group("tuple"))
            ),
        ),
        Call(callee=Global("collections", "OrderedDict"), arguments=Group("tuple")),
    ),
)
