"""What a JSON document of a known role says, key by key, and how many keys it says nothing of.

A list of texts is told item by item (``architectures[0]``), one of numbers as a whole.
"""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING, Any, TypeGuard

from ..documents import dotted, inner, scalar
from ..facts import Metadata, shorten
from ..shapes import is_list, is_object
from .json_roles import ROLES

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from ..documents import Key, Places
    from .json_roles import Role

MAX_KEY = 200  # characters
MAX_TOLD = 2000  # facts of one document; configurations have a hundred
MAX_ITEMS = 100  # of one list, or of one object inside
MAX_NUMBERS = 20  # of one list
MAX_DEPTH = 4  # levels below a key
MAX_NAMED = 500  # characters of names of keys without a fact

# Keys that other facts, or parts, are made of.
ELSEWHERE = frozenset(
    {
        "base_model_name_or_path",
        "auto_map",
        "auto_mapping",
        "custom_pipelines",
        "chat_template",
        "weight_map",
        "license",
        "licence",
        "license_name",
    }
)
PARTS = frozenset({"encoder", "decoder", "generator", "text_encoder", "audio_encoder"})


def told(document: dict[str, Any], names: Iterable[str], places: Places) -> Iterator[Metadata]:
    """Yield what `document`, which has the roles of these names, says."""
    roles = [ROLES[name] for name in names]
    account = _Account(roles, is_pipeline="_diffusers_version" in document)
    found = _object(document, (), account)
    for key, text in islice(found, MAX_TOLD):
        yield _fact(key, text, places)
    if next(found, None):
        account.cut.append(f"everything after {MAX_TOLD} values")
    if "log_history" in document:
        yield from (_fact(key, text, places) for key, text in _last(document["log_history"]))
    if "vocabulary" in names:
        yield from _vocabulary(document, places)
    yield from account.facts()


def _fact(key: Key, text: str, places: Places) -> Metadata:
    return Metadata(at=places.at(key), key=shorten(dotted(key), MAX_KEY), value=shorten(text))


class _Account:
    """Which keys are told, and what was left out."""

    def __init__(self, roles: list[Role], *, is_pipeline: bool) -> None:
        self.nests = any(role.nests for role in roles)
        self.all = any(role.told is None for role in roles)
        self._keys = frozenset[str]().union(*(role.told or () for role in roles))
        self.apart = ELSEWHERE.union(*(role.apart for role in roles))
        self._is_pipeline = is_pipeline
        self.unmapped: list[str] = []
        self.cut: list[str] = []

    def tells(self, name: str, value: object) -> bool:
        return self.all or name in self._keys or (self._is_pipeline and is_class(value))

    def facts(self) -> Iterator[Metadata]:
        if self.cut:
            yield Metadata(key="config.cut", value=shorten("; ".join(self.cut), MAX_NAMED))
        if self.unmapped:
            count = f"{len(self.unmapped)} key{'s' if len(self.unmapped) > 1 else ''}"
            names = ", ".join(sorted(self.unmapped))
            yield Metadata(key="config.unmapped", value=shorten(f"{count}: {names}", MAX_NAMED))


def is_class(value: object) -> TypeGuard[list[str]]:
    """Whether a value names a part of a pipeline of diffusers: a library, and a class of it."""
    match value:
        case [str(), str()]:
            return True
        case _:
            return False


def _object(document: dict[str, Any], above: Key, account: _Account) -> Iterator[tuple[Key, str]]:
    for name, value in document.items():
        key = (*above, name)
        if name in account.apart:
            continue
        if account.tells(name, value):
            yield from _value(value, key, account)
        elif is_object(value) and account.nests and _is_config(name) and len(above) < MAX_DEPTH:
            yield from _object(value, key, account)
        else:
            account.unmapped.append(shorten(dotted(key), MAX_KEY))


def _is_config(name: str) -> bool:
    return name in PARTS or name.endswith("_config")


def _value(value: object, key: Key, account: _Account, depth: int = 0) -> Iterator[tuple[Key, str]]:
    if (text := scalar(value)) is not None:
        yield key, text
    elif is_list(value) and value and all(_is_number(item) for item in value):
        more = f", and {len(value) - MAX_NUMBERS} more" if len(value) > MAX_NUMBERS else ""
        yield key, ", ".join(str(scalar(item)) for item in value[:MAX_NUMBERS]) + more
    elif is_list(value) or is_object(value):
        if len(value) > MAX_ITEMS or (depth == MAX_DEPTH and value):
            kept = MAX_ITEMS if depth < MAX_DEPTH else 0
            account.cut.append(f"{len(value) - kept} items of {shorten(dotted(key), MAX_KEY)}")
        if depth < MAX_DEPTH:
            for step, each in islice(_items(value), MAX_ITEMS):
                yield from _value(each, (*key, step), account, depth + 1)


def _items(value: dict[str, Any] | list[Any]) -> Iterable[tuple[str | int, Any]]:
    return value.items() if is_object(value) else enumerate(value)


def _is_number(value: object) -> bool:
    return isinstance(value, int | float)


def _last(history: object) -> Iterator[tuple[Key, str]]:
    """Yield the last word of a trainer about the training, and about the evaluation."""
    entries = history if is_list(history) else []
    for sign in ("train_loss", "eval_loss"):
        for number in range(len(entries) - 1, -1, -1):
            entry = entries[number]
            if is_object(entry) and sign in entry:
                yield from _scalars(entry, ("log_history", number))
                break


def _scalars(entry: dict[str, Any], above: Key) -> Iterator[tuple[Key, str]]:
    for name, value in islice(entry.items(), MAX_ITEMS):
        if (text := scalar(value)) is not None:
            yield (*above, name), text


def _vocabulary(document: dict[str, Any], places: Places) -> Iterator[Metadata]:
    """Yield what a tokenizer is made of, and how many tokens it knows."""
    for part in ("model", "normalizer", "pre_tokenizer", "post_processor", "decoder"):
        kind = inner(document, (part, "type"))
        if isinstance(kind, str):
            yield _fact((part, "type"), kind, places)
    for key in (("model", "vocab"), ("added_tokens",)):
        tokens = inner(document, key)
        if is_list(tokens) or is_object(tokens):
            yield _fact((*key, "count"), str(len(tokens)), places)
