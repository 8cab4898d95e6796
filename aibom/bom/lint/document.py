"""The BOM of a stranger, read so that everything odd about its JSON can still be told.

Unlike `aibom.bom.read`, this does not refuse a key that stands twice or a number that readers
round: both are kept to be reported. What is refused is what no reader can be asked to bear.
"""

from __future__ import annotations

import json
from functools import cached_property
from typing import TYPE_CHECKING, Any, NoReturn

from ...errors import BomError
from ...scanners.record import record
from ...scanners.shapes import is_list, is_object

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

VERSIONS = ("1.2", "1.3", "1.4", "1.5", "1.6", "1.7")  # of which CycloneDX has a JSON schema
MAX_KEY = 1000  # characters; the longest key of CycloneDX has 30, and pointers are made of keys
MAX_DIGITS = 100  # characters of a number; 64 bits take 20, and no reader keeps more than 17 digits
EXACT_DIGITS = 17  # of a float: as many tell any two of them apart (IEEE 754)
MAX_VALUES = 2_000_000  # bounds time and memory; a BOM of 20,000 files has half a million
MAX_DEPTH = 60  # levels; the schema's validator takes several frames for each. CycloneDX needs 20

COMPONENTS = ("component", "components", "ancestors", "descendants", "variants")  # keys of them


@record(eq=False, caches=True)
class Node:
    """A value of the document, and where it stands."""

    value: Any
    above: Node | None = None
    step: str | int = ""  # key or index in the value above

    @property
    def pointer(self) -> str:
        """The JSON Pointer (RFC 6901) to the value; "" is the whole document."""
        steps: list[str] = []
        node: Node = self
        while node.above is not None:
            steps.append("/" + str(node.step).replace("~", "~0").replace("/", "~1"))
            node = node.above
        return "".join(reversed(steps))

    @cached_property
    def key(self) -> str:
        """The key that the value, or the list that holds it, stands at."""
        if isinstance(self.step, str) or self.above is None:
            return str(self.step)
        return self.above.key

    @property
    def owner(self) -> Node | None:
        """The object that the value stands in, through lists."""
        node = self.above
        while node is not None and not is_object(node.value):
            node = node.above
        return node

    @property
    def keys(self) -> tuple[str, str]:
        """The keys of the object that the value stands in, and of the value."""
        owner = self.owner
        return ("" if owner is None else owner.key), self.key

    def text(self, key: str) -> str:
        """Return the text at `key` of this object, or ""."""
        value = self.value.get(key) if is_object(self.value) else None
        return value if isinstance(value, str) else ""

    def child(self, key: str) -> Node:
        """Return the value at `key` of this object; this very node if there is none."""
        if is_object(self.value) and key in self.value:
            return Node(self.value[key], self, key)
        return self

    def objects(self, key: str) -> Iterator[Node]:
        """Yield the object at `key` of this object, or those in the list there."""
        if not is_object(self.value):
            return
        value = self.value.get(key)
        place = Node(value, self, key)
        if is_object(value):
            yield place
        elif is_list(value):
            yield from (Node(v, place, i) for i, v in enumerate(value) if is_object(v))


@record(caches=True)
class Document:
    """A CycloneDX document of some version. Its schema may say otherwise: trust no type."""

    root: Node
    version: str

    @cached_property
    def by_key(self) -> dict[str, list[Node]]:
        """All values but lists, by the key that they, or their lists, stand at; in order."""
        found: dict[str, list[Node]] = {}
        for node in walk(self.root):
            if not is_list(node.value):
                found.setdefault(node.key, []).append(node)
        return found

    def objects(self, *keys: str) -> Iterator[Node]:
        """Yield every object at one of these keys, or in a list there, at any depth."""
        for key in keys:
            yield from (node for node in self.by_key.get(key, ()) if is_object(node.value))

    def texts(self, *keys: str) -> Iterator[Node]:
        """Yield every text at one of these keys, or in a list there, at any depth."""
        for key in keys:
            yield from (node for node in self.by_key.get(key, ()) if isinstance(node.value, str))

    @property
    def components(self) -> Iterator[Node]:
        """Every component, wherever one may stand."""
        return self.objects(*COMPONENTS)

    @property
    def subject(self) -> Node | None:
        """What the BOM is about, if it says so."""
        for metadata in self.root.objects("metadata"):
            return next(metadata.objects("component"), None)
        return None


class Repeated(dict[str, Any]):
    """An object some of whose keys stand twice; readers keep the first value, the last, or both."""

    twice: tuple[str, ...] = ()


class Rounded(float):
    """A number that readers round to another."""

    text = ""  # as it stands in the document


def walk(root: Node) -> Iterator[Node]:
    """Yield `root` and every value in it, outer ones first, in the order of the document."""
    waiting = [root]
    while waiting:
        node = waiting.pop()
        yield node
        if is_object(node.value):
            waiting += [Node(v, node, k) for k, v in reversed(node.value.items())]
        elif is_list(node.value):
            waiting += [Node(v, node, i) for i, v in reversed(list(enumerate(node.value)))]


def read(data: bytes) -> Document:
    """Return the CycloneDX document that `data` spells out in JSON. Its schema is not checked.

    Raises:
        BomError: It is no JSON, too much of it, or no CycloneDX document of a known version.
    """
    if data.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"<"):
        raise BomError(
            "this is XML, and only CycloneDX JSON is read. "
            "`cyclonedx convert --output-format json` makes it of XML."
        )
    _check_shape(data)
    try:
        document = json.loads(
            data.decode(),
            object_pairs_hook=_object,
            parse_int=_integer,
            parse_float=_float,
            parse_constant=_constant,
        )
    except ValueError as error:  # UnicodeDecodeError and JSONDecodeError are its children
        raise BomError(f"this is no bill of materials: no JSON: {error}.") from error
    if not is_object(document) or document.get("bomFormat") != "CycloneDX":
        raise BomError("this is JSON, but no CycloneDX document: it lacks bomFormat.")
    version = document.get("specVersion")
    if version not in VERSIONS:
        known = f"{', '.join(VERSIONS[:-1])} or {VERSIONS[-1]}"
        raise BomError(f"CycloneDX version {version!r:.80}, expected {known}.")
    return Document(Node(document), version)


def _check_shape(data: bytes) -> None:
    from ...signatures import strictjson  # noqa: PLC0415 - as `aibom.bom.read`
    from ...signatures.errors import SignatureError  # noqa: PLC0415

    try:
        strictjson.check_shape(data, values=MAX_VALUES, depth=MAX_DEPTH)
    except SignatureError as error:
        raise BomError(f"this is more than a bill of materials needs: {error}.") from error


def _object(pairs: Iterable[tuple[str, Any]]) -> dict[str, Any]:
    members: dict[str, Any] = {}
    twice: list[str] = []
    for key, value in pairs:
        if len(key) > MAX_KEY:
            raise BomError(f"a key of {len(key)} characters, the limit is {MAX_KEY}.")
        if key in members:
            twice.append(key)
        members[key] = value
    if not twice:
        return members
    repeated = Repeated(members)
    repeated.twice = tuple(dict.fromkeys(twice))
    return repeated


def _integer(text: str) -> int:
    _check_length(text)
    return int(text)


def _float(text: str) -> float:
    _check_length(text)
    mantissa = text.lower().partition("e")[0]
    digits = mantissa.replace(".", "").lstrip("-0").rstrip("0")
    number = float(text)
    is_kept = number - number == 0 and (number != 0 or not digits)  # neither infinite nor vanished
    if is_kept and len(digits) <= EXACT_DIGITS:
        return number
    rounded = Rounded(number)
    rounded.text = text
    return rounded


def _check_length(text: str) -> None:
    if len(text) > MAX_DIGITS:
        raise BomError(f"a number of {len(text)} characters, the limit is {MAX_DIGITS}.")


def _constant(text: str) -> NoReturn:
    raise BomError(f"this is no bill of materials: {text} is no JSON number.")
