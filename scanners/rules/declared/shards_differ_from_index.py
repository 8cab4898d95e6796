"""Rule: the files of a sharded model are not those of its index."""

from __future__ import annotations

import posixpath
from itertools import islice
from typing import TYPE_CHECKING

from ...artifact import Artifact, Target
from ...declared.models import SHARD
from ...facts import Metadata, Reference, Refers, Tensor
from ...rule import Evidence, Rule, Severity
from ...source import Span
from ...tensor_names import count, summary

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ...facts import Fact

KEY = "weight_map"
MAX_SHOWN = 20  # differences of one index
SLACK = 0.1  # of the size: indexes count tied weights once or twice
NAMED = 3  # files in a message


def check(target: Target) -> Iterator[Evidence]:
    """Loaders that go by the index load another model than those that take every file.

    An index names a file for each tensor. A file that is missing, one more of the same set, other
    tensors in a file, or another size than the index gives: shards of two models were mixed, or a
    download broke off. An index of whose files none is here is not judged.

    What to do: download the model again; if it is yours, save it again as a whole.
    """
    files = {artifact.path[0]: artifact for artifact in target.artifacts}
    for artifact in target.artifacts:
        named = [
            fact.target
            for fact in artifact.facts
            if isinstance(fact, Reference) and fact.key == KEY and "/" not in fact.target
        ]
        folder = posixpath.dirname(artifact.path[0])
        here = {name: files.get(posixpath.join(folder, name)) for name in named}
        if any(here.values()):
            yield from islice(_differences(artifact, here, files), MAX_SHOWN)


def _differences(
    index: Artifact, shards: dict[str, Artifact | None], files: dict[str, Artifact]
) -> Iterator[Evidence]:
    missing = [name for name, file in shards.items() if file is None]
    if missing:
        shown = ", ".join(map(repr, missing[:NAMED]))
        yield Evidence(f"{len(missing)} of {len(shards)} files are not here: {shown}", index.path)
    for name in _further(index, shards, files):
        yield Evidence(f"{index.path[0]!r} does not name this file", (name,))
    told = {fact.key: fact.value for fact in index.facts if isinstance(fact, Metadata)}
    for name, file in shards.items():
        said = told.get(f"{KEY}.{name}", "")
        if file is not None and said and _is_read(file):
            found = summary(tensor.name for tensor in _tensors(file))
            if found != said:
                others = "others" if count(found) == count(said) else count(found)
                message = f"{index.path[0]!r} says {count(said)}, the file holds {others}"
                yield Evidence(message, file.path)
    yield from _size(index, shards, told.get("metadata.total_size", ""))


def _further(
    index: Artifact, shards: dict[str, Artifact | None], files: dict[str, Artifact]
) -> Iterator[str]:
    """Yield files that are called like further shards of the same set."""
    sets = {(m["stem"], m["count"], m["end"]) for name in shards if (m := SHARD.fullmatch(name))}
    for path in files:
        folder, name = posixpath.split(path)
        found = SHARD.fullmatch(name)
        if not found or name in shards or folder != posixpath.dirname(index.path[0]):
            continue
        if (found["stem"], found["count"], found["end"]) in sets:
            yield path


def _size(index: Artifact, shards: dict[str, Artifact | None], said: str) -> Iterator[Evidence]:
    there = [file for file in shards.values() if file is not None and _is_read(file)]
    if len(there) < len(shards) or not said.isdecimal() or len(said) > 18:  # noqa: PLR2004 - digits
        return
    held = sum(tensor.at.length for file in there for tensor in _tensors(file))
    if abs(int(said) - held) > SLACK * held:
        message = f"total_size is {said}, the tensors of all files take {held} bytes"
        yield Evidence(message, index.path)


def _is_read(file: Artifact) -> bool:
    """Whether all names of tensors in a file are known, as the index writes them."""
    return "safetensors" in file.formats and file.is_complete


def _tensors(file: Artifact) -> Iterator[Tensor]:
    yield from (fact for fact in file.facts if isinstance(fact, Tensor))


def _index(size: int, **shards: str) -> Artifact:
    facts: list[Fact] = [Metadata(key="metadata.total_size", value=str(size))]
    for number, names in shards.items():
        name = f"model-0000{number[1]}-of-00002.safetensors"
        facts.append(Reference(kind=Refers.EXTERNAL_DATA, key=KEY, target=name))
        facts.append(Metadata(key=f"{KEY}.{name}", value=summary(names)))
    return Artifact(("model.safetensors.index.json",), 8, formats=("json",), facts=tuple(facts))


def _shard(number: int, names: str) -> Artifact:
    facts = tuple(Tensor(at=Span(0, 100), name=name, dtype="F32", shape=(25,)) for name in names)
    name = f"model-0000{number}-of-00002.safetensors"
    return Artifact((name,), 800, formats=("safetensors",), facts=facts)


INDEX = _index(400, _1="ab", _2="cd")

RULE = Rule(
    id="shards-differ-from-index",
    title="The files of the model are not those of its index",
    severity=Severity.LOW,
    on=Target,
    check=check,
    refs=("LLM03:2025",),
    flags=(
        Target((INDEX, _shard(1, "ab"))),
        Target((INDEX, _shard(1, "ab"), _shard(2, "cde"))),
        Target((INDEX, _shard(1, "ab"), _shard(2, "cx"))),
        Target((INDEX, _shard(1, "ab"), _shard(2, "cd"), _shard(3, "e"))),
        Target((_index(4000, _1="ab", _2="cd"), _shard(1, "ab"), _shard(2, "cd"))),
    ),
    passes=(
        Target((INDEX, _shard(1, "ab"), _shard(2, "cd"))),
        Target((INDEX,)),
        Target((INDEX, Artifact(("model.safetensors",), 8))),
        Target((_shard(1, "ab"), _shard(2, "cd"))),
    ),
)
