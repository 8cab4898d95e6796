"""What torch calls when it meets a persistent id.

Loaders before 2.0 make a storage by calling its class with a count of elements, whatever that class
is; packages call any function with arguments. Sources: `persistent_load` in
``torch/serialization.py`` of 1.0 to 1.13, and in ``torch/package/package_importer.py``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..values import Global
from .objects import INERT

if TYPE_CHECKING:
    from .objects import Object

STORAGE = "Storage"  # ends the name of every storage class


def called_by_loader(id_: tuple[Object, ...]) -> tuple[Object, Object] | None:
    """Return the callee and arguments of a call that nothing else in the pickle shows."""
    match id_:
        case ("storage", kind, _, _, count, *_) if not _is_storage(kind):
            found: tuple[Object, Object] = kind, (count,)
        case ("reduce_package", function, tuple() as arguments) | (
            "reduce_package", _, function, tuple() as arguments,
        ):  # fmt: skip
            found = function, arguments
        case _:
            return None
    return None if type(found[0]) in INERT else found


def _is_storage(kind: Object) -> bool:
    is_torchs = isinstance(kind, Global) and kind.module.split(".")[0].startswith("torch")
    return is_torchs and isinstance(kind, Global) and kind.name.endswith(STORAGE)
