"""What the model was made from, as a tree: base models, data sets, weights with their own."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...bom.cited import place_of
from ...bom.model import Field, Kind
from ...scanners.record import record

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from ...bom.model import Bom, Claim, Component

MODEL, BASE, DATA, WEIGHTS = "model", "base model", "data set", "set of weights"
DETAILS = (Field.DATASET_CONFIG, Field.DATASET_SPLIT, Field.DATASET_REVISION)


@record
class Node:
    """A model, a part of it, or something that it was made from."""

    kind: str
    name: str
    relation: str = ""  # to what stands above it: "finetune", "training"
    status: str = ""  # how that is known
    grounds: tuple[str, ...] = ()  # places that say so
    below: tuple[Node, ...] = ()

    def walk(self, depth: int = 0) -> Iterator[tuple[int, Node]]:
        """Yield this node and all below it, each with its depth, in the order they are drawn."""
        yield depth, self
        for node in self.below:
            yield from node.walk(depth + 1)

    def edges(self) -> Iterator[tuple[Node, Node]]:
        """Yield all nodes below this one, each behind the one that it stands below."""
        for node in self.below:
            yield self, node
            yield from node.edges()


def tree(bom: Bom) -> Node:
    """Return the subject of `bom` with all that it, or its weights, are said to be made from.

    What is said of the weights by the same words as of the whole stands there once.
    """
    data = {each.ref: each for each in bom.components if each.kind is Kind.DATA}
    weights = (each for each in bom.components if each.kind is Kind.MODEL)
    whole = tuple(_sources(bom.subject, data))
    parts = [
        Node(WEIGHTS, each.name, below=tuple(n for n in _sources(each, data) if n not in whole))
        for each in weights
    ]
    told = (*whole, *(part for part in parts if part.below))
    return Node(MODEL, bom.subject.name, below=told)


def _sources(component: Component, data: dict[str, Component]) -> Iterator[Node]:
    """Yield what one component is said to be made from."""
    relation = ", ".join(sorted(_values(component.claims, Field.BASE_RELATION)))
    for base in component.ancestors:
        yield _node(BASE, base.name, relation, [_naming(base.claims, Field.BASE_MODEL)])
    for link in component.datasets:
        dataset = data[link.ref]
        role = ", ".join(sorted(_values(dataset.claims, Field.DATASET_ROLE)))
        more = " ".join(value for field in DETAILS for value in _values(dataset.claims, field))
        name = f"{dataset.name} {more}" if more else dataset.name
        yield _node(DATA, name, role, [(link.claim,)])


def _naming(claims: Iterable[Claim], field: Field) -> tuple[Claim, ...]:
    return tuple(claim for claim in claims if claim.field is field)


def _values(claims: Iterable[Claim], field: Field) -> dict[str, None]:
    return dict.fromkeys(claim.value for claim in claims if claim.field is field and claim.value)


def _node(kind: str, name: str, relation: str, claims: Iterable[tuple[Claim, ...]]) -> Node:
    found = [claim for group in claims for claim in group]
    status = ", ".join(dict.fromkeys(claim.status.value for claim in found))
    grounds = tuple(place_of(each) for claim in found for each in claim.evidence)
    return Node(kind, name, relation, status, grounds)
