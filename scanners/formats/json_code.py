"""The code and the models that a JSON document of a model folder names."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeGuard

from ..documents import dotted
from ..facts import Fact, Metadata, Reference, Refers, shorten
from ..shapes import is_list, is_object
from .json_told import is_class

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..documents import Key, Places

OUR_LIBRARIES = frozenset(  # of the `library, class` pairs in a diffusers model_index.json
    {"diffusers", "transformers", "onnxruntime", "optimum", "sentence_transformers", "peft"}
)
MAX_KEY = 200  # characters
MAX_TARGET = 500  # characters
BASE = "base_model_name_or_path"


def origin(document: dict[str, Any], places: Places) -> Iterator[Fact]:
    """Yield the model that an adapter is for."""
    base = document.get(BASE)
    if isinstance(base, str) and base:
        yield Reference(
            at=places.at((BASE,)), kind=Refers.BASE_MODEL, key=BASE, target=shorten(base)
        )


def code(document: dict[str, Any], places: Places) -> Iterator[Fact]:
    """Yield every name of Python code that a loader may import because of this document."""
    for name in ("auto_map", "custom_pipelines"):
        for key, target in texts(document.get(name), (name,)):
            if not name.startswith("custom") or key[-1] == "impl":
                yield _runs(key, target, places)
    mapping = document.get("auto_mapping")
    parent = mapping.get("parent_library") if is_object(mapping) else None
    if isinstance(parent, str) and parent.split(".")[0] not in OUR_LIBRARIES:
        yield _runs(("auto_mapping", "parent_library"), parent, places)
    function = document.get("activation_function")  # a layer of sentence-transformers calls it
    if isinstance(function, str) and "." in function and function.split(".")[0] != "torch":
        yield _runs(("activation_function",), function, places)
    if "_diffusers_version" in document:
        yield from _pipeline(document, places)


def _pipeline(document: dict[str, Any], places: Places) -> Iterator[Fact]:
    """Yield the parts of a diffusers pipeline whose library is a file of the repository."""
    for key, value in document.items():
        is_part = key == "_class_name" or not key.startswith("_")
        if is_part and is_class(value) and value[0].split(".")[0] not in OUR_LIBRARIES:
            yield _runs((key,), f"{value[0]}.{value[1]}", places)


def is_module(item: object) -> TypeGuard[dict[str, Any]]:
    """Whether an item of a list describes a part of a sentence-transformers model."""
    return is_object(item) and {"idx", "name", "path", "type"} <= item.keys()


def modules(document: list[Any], places: Places) -> Iterator[Fact]:
    """Yield the parts of a sentence-transformers modules.json, and code that is not its own."""
    for number, item in enumerate(document):
        if not is_module(item):
            continue
        for name in ("name", "path", "type"):
            if isinstance(item[name], str) and item[name]:
                yield Metadata(
                    at=places.at((number, name)),
                    key=dotted((number, name)),
                    value=shorten(item[name], MAX_TARGET),
                )
        kind = item["type"]
        if isinstance(kind, str) and kind.split(".")[0] not in OUR_LIBRARIES:
            yield _runs((number, "type"), kind, places)


def _runs(key: Key, target: str, places: Places) -> Reference:
    return Reference(
        at=places.at(key),
        kind=Refers.REMOTE_CODE,
        key=shorten(dotted(key), MAX_KEY),
        target=shorten(target, MAX_TARGET),
    )


def texts(value: object, key: Key) -> Iterator[tuple[Key, str]]:
    """Yield (key, text) for every text in a value of small depth."""
    if isinstance(value, str):
        yield key, value
    elif is_object(value):
        for name, inner in value.items():
            yield from texts(inner, (*key, name))
    elif is_list(value):
        for number, inner in enumerate(value):
            yield from texts(inner, (*key, number))
