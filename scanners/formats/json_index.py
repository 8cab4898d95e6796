"""The index of a sharded model: which tensor lies in which file.

``{"metadata": {"total_size": …}, "weight_map": {"<tensor>": "<file>", …}}``, as transformers writes
it. An index names up to a hundred thousand tensors, so each file's names are told as a summary.
"""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from ..facts import Metadata, Reference, Refers, shorten
from ..shapes import is_object
from ..tensor_names import summary

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..facts import Fact

KEY = "weight_map"
NAME = 200  # characters of a file's name in a key


def shards(weight_map: object) -> Iterator[Fact]:
    """Yield each file that an index names, and a summary of the tensors that it should hold."""
    names: defaultdict[str, list[str]] = defaultdict(list)
    for tensor, file in weight_map.items() if is_object(weight_map) else ():
        if isinstance(file, str):
            names[file].append(tensor)
    for file in sorted(names):
        yield Reference(kind=Refers.EXTERNAL_DATA, key=KEY, target=shorten(file))
        yield Metadata(key=f"{KEY}.{shorten(file, NAME)}", value=summary(names[file]))
