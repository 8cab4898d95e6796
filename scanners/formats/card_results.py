"""The `model-index` of a model card: what somebody measured, on which data.

https://github.com/huggingface/hub-docs/blob/main/modelcard.md
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ..documents import dotted, inner, leaves, scalar
from ..facts import Dataset, Metadata, Metric, Role, shorten
from ..placeholders import is_placeholder
from ..shapes import is_list, is_object

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..documents import Key, Places
    from ..facts import Fact

INDEX = "model-index"
SHORT = 500  # characters of a name


def results(values: dict[str, Any], places: Places) -> Iterator[Fact]:
    """Yield every metric of the index, and each dataset once."""
    seen: set[tuple[str, ...]] = set()
    for key, model in _items(values.get(INDEX), (INDEX,)):
        if name := _text(model, "name"):
            yield Metadata(at=places.at((*key, "name")), key=dotted((*key, "name")), value=name)
        for where, result in _items(model.get("results"), (*key, "results")):
            yield from _dataset(where, result, places, seen)
            yield from _metrics(where, result, places)
            yield from _source(where, result, places)


def _items(value: object, key: Key) -> Iterator[tuple[Key, dict[str, Any]]]:
    """Yield each mapping of a list, with its key."""
    for number, item in enumerate(value if is_list(value) else ()):
        if is_object(item):
            yield (*key, number), item


def _dataset(
    key: Key, result: dict[str, Any], places: Places, seen: set[tuple[str, ...]]
) -> Iterator[Dataset]:
    name, config, split = _measured_on(result)
    revision = _text(result, "dataset", "revision")
    if name and (name, config, split, revision) not in seen:
        seen.add((name, config, split, revision))
        where = (*key, "dataset")
        yield Dataset(
            at=places.at(where),
            key=dotted(where),
            name=name,
            role=Role.EVALUATION,
            config=config,
            split=split,
            revision=revision,
        )


def _metrics(key: Key, result: dict[str, Any], places: Places) -> Iterator[Metric]:
    name, config, split = _measured_on(result)
    task = _text(result, "task", "type") or _text(result, "task", "name")
    for where, metric in _items(result.get("metrics"), (*key, "metrics")):
        told = _text(metric, "name")
        for value_key, value in leaves(metric.get("value"), (*where, "value")):
            yield Metric(
                at=places.at(value_key),
                key=dotted(value_key),
                kind=_text(metric, "type") or told,
                value=shorten(value, SHORT),
                name=told,
                task=task,
                dataset=name,
                config=config,
                split=split,
                is_verified=_text(metric, "verified").lower() == "true",
            )


def _measured_on(result: dict[str, Any]) -> tuple[str, str, str]:
    """Return id, or else title, of the dataset of a result, with its configuration and split."""
    kind, title = _text(result, "dataset", "type"), _text(result, "dataset", "name")
    name = title if title and (not kind or is_placeholder(kind)) else kind
    return name, _text(result, "dataset", "config"), _text(result, "dataset", "split")


def _source(key: Key, result: dict[str, Any], places: Places) -> Iterator[Metadata]:
    for name in ("name", "url"):
        where = (*key, "source", name)
        if text := _text(result, "source", name):
            yield Metadata(at=places.at(where), key=dotted(where), value=text)


def _text(value: dict[str, Any], *key: str) -> str:
    return shorten(scalar(inner(value, key)) or "", SHORT)
