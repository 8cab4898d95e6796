"""A pickle that reaches objects through the attributes of others."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...capability import Ability, stdlib_modules, verdict
from ...facts import Import
from ...rule import Rule, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator


def check(imported: Import) -> Iterator[str]:
    """A dotted name leads from something harmless to something that is not.

    `torch.serialization` imports `os`, so its `os.system` is another name of the real one; and from
    `__globals__` or `__builtins__` everything can be reached.

    What to do: do not load it unless you know the name in the evidence.
    """
    if verdict(imported.module, imported.name).ability is Ability.HARMLESS:
        return
    parts = imported.name.split(".")
    for part in parts:
        if part.startswith("__") and part.endswith("__"):
            yield f"{imported.op} imports {imported.dotted}, by way of {part}"
            return
    own = imported.module.rpartition(".")[2]  # datetime.datetime is a class, not a module
    if any(part in stdlib_modules() and part != own for part in parts[:-1]):
        yield f"{imported.op} imports {imported.dotted}, by way of another module"


RULE = Rule(
    id="pickle-walks-attributes",
    title="A name leads through another module or a special attribute",
    severity=Severity.CRITICAL,
    on=Import,
    check=check,
    refs=("CWE-502", "CWE-913"),
    flags=(
        Import(module="torch.serialization", name="os.system"),
        Import(module="torch._utils", name="_rebuild_tensor_v2.__globals__.get"),
    ),
    passes=(
        Import(module="torch._utils", name="_rebuild_tensor_v2"),
        Import(module="mymodel", name="Outer.Inner"),
        Import(module="datetime", name="datetime.fromisoformat"),
    ),
)
