"""What a model of sentence-transformers gives for one input: how many numbers, made how.

Each module but the first has a folder, numbered in the order that it runs in: ``1_Pooling``,
``2_Dense``. One that changes how many numbers there are says so in its ``config.json``.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from ..scanners.facts import Metadata
from .claims import claim
from .keys import LENGTH
from .model import Claim, Field, Status

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from ..scanners.artifact import Artifact

MODULES = "modules.json"  # the file without which sentence-transformers takes no folder of these
CONFIG = re.compile(r"(\d{1,3})_[A-Za-z]\w{0,50}/config\.json", re.ASCII)
SIZES = frozenset({"word_embedding_dimension", "embedding_dimension", "out_features"})
MODE = re.compile(r"pooling_mode_(\w+)")
MODES = "pooling_mode"  # as versions from 5 on write it


def of_folder(artifacts: Iterable[Artifact]) -> Iterator[Claim]:
    """Yield the size and the output of the last module that says how many numbers it gives."""
    found = list(artifacts)
    if not any(artifact.path[0] == MODULES for artifact in found):
        return
    numbered = [
        (int(named[1]), artifact)
        for artifact in found
        if (named := CONFIG.fullmatch(artifact.path[0]))
    ]
    pooled: list[Claim] = []
    last: list[Claim] = []
    for _, artifact in sorted(numbered, key=lambda pair: (pair[0], pair[1].path)):
        pooled += _pooled(artifact)
        last = [*_sizes(artifact)] or last
    yield from pooled
    how = "".join(f", pooled by {each.value}" for each in pooled)
    for each in last:
        yield each
        text = f"sentence embedding: {each.value} numbers{how}"
        yield Claim(Field.OUTPUT, text, Status.INFERRED, each.evidence)


def _sizes(artifact: Artifact) -> Iterator[Claim]:
    for fact in artifact.facts:
        if isinstance(fact, Metadata) and fact.key in SIZES and LENGTH.fullmatch(fact.value):
            yield claim(Field.EMBEDDING, fact, fact.value, artifact)


def _pooled(artifact: Artifact) -> Iterator[Claim]:
    """Yield how the numbers of all words become those of a sentence."""
    for fact in sorted(artifact.facts, key=repr):
        if isinstance(fact, Metadata):
            mode = MODE.fullmatch(fact.key)
            if fact.key == MODES and fact.value:
                yield claim(Field.POOLING, fact, fact.value, artifact)
            elif mode and fact.value.lower() == "true":
                yield claim(Field.POOLING, fact, mode[1].removesuffix("_tokens"), artifact)
