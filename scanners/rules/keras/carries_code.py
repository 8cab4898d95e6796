"""A configuration of Keras that carries functions as byte code."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...facts import Configured
from ...rule import Rule, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator


def check(found: Configured) -> Iterator[str]:
    """A `Lambda` layer holds Python byte code: the file is a program, whatever else it is.

    Newer Keras refuses to load it unless it is told that the file is safe; older ones, and several
    that read HDF5, run it without asking. Honest models have such layers, too; what the code names
    is judged by `compiled-acts`.

    What to do: load it only if you trust its author as you would trust a program's; ask for a model
    whose layers are classes of a package.
    """
    if found.kind == "code":
        places = f", and {found.count - 1} more" if found.count > 1 else ""
        yield f"{found.key}{places} is Python byte code that the model runs"


RULE = Rule(
    id="keras-carries-code",
    title="The Keras configuration carries functions as byte code",
    severity=Severity.HIGH,
    on=Configured,
    check=check,
    refs=("CWE-502", "CWE-94"),
    flags=(
        Configured(loader="keras", kind="code", key="config.layers[2].config.function"),
        Configured(loader="keras", kind="code", key="config.layers[2].config.function", count=2),
    ),
    passes=(
        Configured(loader="keras", kind="class", key="", module="keras.layers", name="Lambda"),
    ),
)
