"""A pickle whose loading uses the network."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...capability import Ability
from ...facts import Call
from ...rule import Rule, Severity
from ...values import Global, Group
from . import evidence

if TYPE_CHECKING:
    from collections.abc import Iterator


def check(call: Call) -> Iterator[str]:
    """It tells somebody who loads the file, or fetches what comes next.

    What to do: do not load it on a machine with network; ask why a model needs one.
    """
    yield from evidence.reaches(call, Ability.NETWORK)


RULE = Rule(
    id="pickle-uses-network",
    title="Loading connects to another machine",
    severity=Severity.HIGH,
    on=Call,
    check=check,
    refs=("CWE-502",),
    flags=(
        Call(
            callee=Global("urllib.request", "urlopen"),
            arguments=Group("tuple", ("http://192.0.2.1/",)),
        ),
    ),
    passes=(
        Call(callee=Global("collections", "OrderedDict"), arguments=Group("tuple")),
        Call(callee=Global("torch._utils", "_rebuild_tensor_v2"), arguments=Group("tuple")),
    ),
)
