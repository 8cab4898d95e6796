"""Rule: compiled Python beside a model can start programs, run code or reach the network."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...facts import CompiledCode
from ...rule import Rule, Severity
from . import naming

if TYPE_CHECKING:
    from collections.abc import Iterator


def check(code: CompiledCode) -> Iterator[str]:
    """An import takes the compiled file in the place of the source that people read.

    It needs not be what the source would compile to, and its names say that it can do harm.

    What to do: delete the compiled file; Python makes it again from the source.
    """
    if code.carrier == "pyc":
        yield from naming.acting(code, derived=False)


RULE = Rule(
    id="compiled-file-acts",
    title="A compiled Python file can start programs, run code or reach the network",
    severity=Severity.HIGH,
    on=CompiledCode,
    check=check,
    refs=("CWE-506", "CWE-94"),
    flags=(CompiledCode(name="<module>", file="a.py", carrier="pyc", names=("os.system",)),),
    passes=(
        CompiledCode(name="<module>", file="a.py", carrier="pyc", names=("os.path.join",)),
        CompiledCode(
            name="<module>",
            file="a.py",
            carrier="pyc",
            names=("collections.namedtuple",),
            calls=("collections.namedtuple('A', 'x')",),
        ),
        CompiledCode(name="f", file="a.py", carrier="pickle", names=("os.system",)),
    ),
)
