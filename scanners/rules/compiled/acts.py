"""Rule: functions that a pickle carries can start programs, run code or reach the network."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...facts import CompiledCode
from ...rule import Rule, Severity
from . import naming

if TYPE_CHECKING:
    from collections.abc import Iterator


def check(code: CompiledCode) -> Iterator[str]:
    """The file brings a program of its own, and what that names can do harm when it is run.

    Compiled code is not read like a library's: it can build names at run time that nobody sees
    here. What it names openly is enough to stop.

    What to do: do not load it. Ask its author for a model whose functions come from a package, with
    their source.
    """
    if code.carrier != "pyc":
        yield from naming.acting(code)


RULE = Rule(
    id="compiled-acts",
    title="Functions inside the file can start programs, run code or reach the network",
    severity=Severity.CRITICAL,
    on=CompiledCode,
    check=check,
    refs=("CWE-502", "CWE-94"),
    flags=(
        CompiledCode(name="f", file="a.py", carrier="pickle", names=("os.system",)),
        CompiledCode(name="f", file="", carrier="marshal", names=("eval",), calls=("eval('1')",)),
        CompiledCode(name="", file="", carrier="pickle", imports=("subprocess.Popen",)),
    ),
    passes=(
        CompiledCode(name="f", file="a.py", carrier="pickle", names=("len", "math.sqrt")),
        CompiledCode(name="f", file="a.py", carrier="pyc", names=("os.system",)),
    ),
)  # fmt: skip
