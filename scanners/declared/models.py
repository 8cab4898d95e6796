"""The models of a target: in each folder, the weights a loader takes, and what speaks of them.

Shards of one set count as one. Weights that were not read whole, or of which a shard is missing,
are marked: nobody can say what they do not hold.
"""

from __future__ import annotations

import posixpath
import re
from collections import defaultdict
from typing import TYPE_CHECKING

from ..facts import Metadata, Tensor
from ..record import record

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from ..artifact import Artifact, Path, Target

SHARD = re.compile(r"(?P<stem>.+)-(?P<number>\d{5})-of-(?P<count>\d{5})(?P<end>\.\w+)")
# What transformers loads from a folder; other names beside them are for other loaders.
LOADED = re.compile(r"(?:model|pytorch_model)\.(?:safetensors|bin)")
KINDS = ("gguf", "safetensors", "torch-zip", "torch-legacy", "torch-tar", "pickle")
CONFIG, ADAPTER = "config.json", "adapter_config.json"
CARD = "model-card"


@record
class Weights:
    """One file of weights, or one set of shards."""

    name: str  # of the file; of shards, without their numbers
    path: Path  # of the first file
    kind: str  # id of a format
    tensors: tuple[Tensor, ...]
    told: Mapping[str, str]  # metadata of all files; the first value of a key stands
    is_whole: bool  # all shards are here, and were read to the end

    @property
    def elements(self) -> int:
        """How many numbers the tensors hold, packed ones counted once."""
        return sum(map(elements, self.tensors))


@record
class Model:
    """What one folder holds."""

    folder: str  # "" is the topmost
    config: Mapping[str, str]  # what config.json says
    config_path: Path
    card: Mapping[str, str]  # what the model card says
    weights: tuple[Weights, ...]
    is_adapter: bool

    @property
    def loaded(self) -> Weights | None:
        """The whole weights that config.json speaks of, safetensors first; None if unclear."""
        found = [w for w in self.weights if LOADED.fullmatch(w.name) and w.is_whole and w.tensors]
        return min(found, key=lambda w: KINDS.index(w.kind)) if found else None


def elements(tensor: Tensor) -> int:
    """Return how many numbers a tensor holds, by its shape."""
    count = 1
    for axis in tensor.shape:
        count *= axis
    return count


def models(target: Target) -> Iterator[Model]:
    """Yield the model of each folder that has weights, by the folder's name."""
    folders: defaultdict[str, list[Artifact]] = defaultdict(list)
    for artifact in target.artifacts:
        folders[posixpath.dirname(artifact.path[0])].append(artifact)
    for folder in sorted(folders):
        model = _model(folder, folders[folder])
        if model.weights:
            yield model


def _model(folder: str, artifacts: list[Artifact]) -> Model:
    named = {posixpath.basename(artifact.path[0]): artifact for artifact in artifacts}
    config = named.get(CONFIG)
    cards = (artifact for artifact in artifacts if CARD in artifact.formats)
    return Model(
        folder=folder,
        config=_told([config] if config else []),
        config_path=config.path if config else (),
        card=_told(cards),
        weights=tuple(_weights(artifacts)),
        is_adapter=ADAPTER in named,
    )


def _told(artifacts: Iterable[Artifact]) -> dict[str, str]:
    found: dict[str, str] = {}
    for artifact in artifacts:
        for fact in artifact.facts:
            if isinstance(fact, Metadata):
                found.setdefault(fact.key, fact.value)
    return found


def _weights(artifacts: list[Artifact]) -> Iterator[Weights]:
    sets: defaultdict[tuple[str, int], list[Artifact]] = defaultdict(list)
    for artifact in artifacts:
        if _kind(artifact):
            name = posixpath.basename(artifact.path[0])
            shard = SHARD.fullmatch(name)
            key = (shard["stem"] + shard["end"], int(shard["count"])) if shard else (name, 1)
            sets[key].append(artifact)
    for (name, count), files in sets.items():
        yield Weights(
            name=name,
            path=files[0].path,
            kind=_kind(files[0]),
            tensors=tuple(_tensors(files)),
            told=_told(files),
            is_whole=len(files) == count and all(each.is_complete for each in files),
        )


def _kind(artifact: Artifact) -> str:
    return next((kind for kind in KINDS if kind in artifact.formats), "")


def _tensors(files: Iterable[Artifact]) -> Iterator[Tensor]:
    for file in files:
        for each in file.walk():
            yield from (fact for fact in each.facts if isinstance(fact, Tensor))
