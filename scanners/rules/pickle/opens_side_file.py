"""A pickle of joblib before 0.10 that keeps an array in a file of its own."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...facts import Call
from ...rule import Rule, Severity
from ...values import Global, Group
from . import evidence

if TYPE_CHECKING:
    from collections.abc import Iterator

READER = Global("joblib.numpy_pickle_compat", "NDArrayWrapper.read")


def check(call: Call) -> Iterator[str]:
    """The file beside this one is opened by joblib, which unpickles objects in it.

    What to do: scan that file too; keep it and this one together, or save the model anew.
    """
    if call.callee == READER:
        yield f"{evidence.shown(call)}: joblib loads this file, objects and all"


RULE = Rule(
    id="pickle-opens-side-file",
    title="Loading loads an array from a file beside this one",
    severity=Severity.MEDIUM,
    on=Call,
    check=check,
    refs=("CWE-502",),
    flags=(Call(callee=READER, arguments=Group("tuple", ("model.pkl_01.npy",)), op="BUILD"),),
    passes=(Call(callee=Global("numpy", "load"), arguments=Group("tuple", ("/etc/x",))),),
)
