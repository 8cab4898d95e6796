"""Fuzz one target in this process: `python -m tools.fuzz.worker TARGET [options of libFuzzer]`.

Needs atheris on the import path. An input that breaks an invariant is written to a file, and ends
the process with another code than 0.
"""

from __future__ import annotations

import importlib
import resource
import sys
import zlib
from typing import Any

ADDRESS_SPACE = 4 << 30  # bytes
THOROUGH = 256  # one input in so many is held to the invariants of memory and sameness, too
OWN_CHANGES = 2  # one in so many is changed by `tests.fuzz.mutation`, the others by libFuzzer


def main(target: str, options: list[str]) -> None:
    """Fuzz until libFuzzer's options say that it is enough."""
    resource.setrlimit(resource.RLIMIT_AS, (ADDRESS_SPACE, ADDRESS_SPACE))
    atheris: Any = importlib.import_module("atheris")
    with atheris.instrument_imports(include=["aibom"]):
        targets = importlib.import_module("tests.fuzz.targets")
    mutation = importlib.import_module("tests.fuzz.mutation")
    others = [
        *importlib.import_module("tests.fuzz.seeds").seeds(target),
        *importlib.import_module("tests.fuzz.corpora").load(target),
    ]
    one = targets.BY_NAME[target]

    def test(data: bytes) -> None:
        targets.check(one, data, is_thorough=zlib.crc32(data) % THOROUGH == 0)

    def change(data: bytes, most: int, seed: int) -> bytes:
        if one.is_text or seed % OWN_CHANGES:
            changed: bytes = atheris.Mutate(data, most)
            return changed
        made: bytes = mutation.mutated(data, most, seed // OWN_CHANGES, others)
        return made

    atheris.Setup([sys.argv[0], *options], test, custom_mutator=change)
    atheris.Fuzz()


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2:])
