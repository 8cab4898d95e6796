"""JSON that every reader understands alike, or an error.

The readers of the world differ on duplicate keys, ``NaN``, long numbers, lone surrogates and bytes
after the end (RFC 8259, sections 4, 6 and 8), and an attacker lives in the difference. Depth and
number of values are counted on the bytes, before the recursive parser sees them.
"""

import contextlib
import gc
import json
import math
import re
from collections.abc import Callable, Generator, Iterable
from typing import NoReturn, TypeAlias

from .errors import SignatureError

JSON: TypeAlias = "dict[str, JSON] | list[JSON] | str | int | float | bool | None"

_Objects: TypeAlias = Callable[[dict[str, JSON]], JSON]
_Pairs: TypeAlias = Callable[[list[tuple[str, JSON]]], JSON]

MAX_BYTES = 64 << 20
MAX_VALUES = 4_000_000  # one value per 16 bytes of the longest text; bounds memory, about 1 GiB
MAX_DEPTH = 100  # CycloneDX needs about 20 levels
MAX_INTEGER = 20  # characters: 64 bits and a sign
MAX_FLOAT = 40  # characters; the longest that Python writes has 24

_ALL_BYTES = bytes(range(256))
_NOT_BRACKETS = bytes(set(_ALL_BYTES) - set(b"[]{}"))
_SPACE = b" \t\n\r"
_BETWEEN = re.compile(rb"[\[\]{},:0-9A-Za-z+.\-%b]*" % _SPACE)  # two texts
_TWO_TOKENS = re.compile(rb"[^\[\]{},:%b][%b]+[^\[\]{},:%b]" % (_SPACE, _SPACE, _SPACE))
_ONE_KIND = bytes.maketrans(b"{}", b"[]")


def loads(raw: bytes, *, limit: int = MAX_BYTES) -> JSON:
    """Return the one JSON value that `raw` spells out in UTF-8, of at most `limit` bytes.

    Raises:
        SignatureError: `json-too-big`, `json-malformed`, `json-duplicate-key`, `json-nan`,
            `json-too-deep` or `json-number`.
    """
    members = check_shape(raw, limit=limit)
    try:
        text = raw.decode()
        with _without_collecting():
            value, found = _counted(text)
            if found != members:  # some were lost: a key stood twice
                value = _decoded(text, pairs=_object)
    except ValueError as error:  # UnicodeDecodeError and JSONDecodeError are its children
        raise SignatureError("json-malformed", f"no JSON: {error}") from error
    if b"\\u" in raw:  # only an escape can spell half of a surrogate pair
        dumps(value)
    return value


def _counted(text: str) -> tuple[JSON, int]:
    """Return the value of `text`, and the number of members that all of its objects have.

    Objects are made by the parser itself, which lets the last of two members of one name win: much
    quicker than to look at each pair here.
    """
    found = 0

    def count(members: dict[str, JSON]) -> dict[str, JSON]:
        nonlocal found
        found += len(members)
        return members

    value = _decoded(text, objects=count)
    return value, found


def _decoded(text: str, *, objects: _Objects | None = None, pairs: _Pairs | None = None) -> JSON:
    value: JSON = json.loads(
        text,
        object_hook=objects,
        object_pairs_hook=pairs,
        parse_constant=_constant,
        parse_int=_integer,
        parse_float=_float,
    )
    return value


def dumps(value: object, *, sort_keys: bool = False) -> bytes:
    """Return `value` as compact UTF-8 JSON.

    Raises:
        SignatureError: `json-nan` for a number that is not finite, `json-malformed` for text that
            UTF-8 cannot hold.
    """
    try:
        text = json.dumps(
            value,
            allow_nan=False,
            ensure_ascii=False,
            separators=(",", ":"),
            sort_keys=sort_keys,
        )
    except ValueError as error:
        raise SignatureError("json-nan", f"no JSON: {error}") from error
    try:
        return text.encode()
    except UnicodeEncodeError as error:
        raise SignatureError("json-malformed", f"half a surrogate pair: {error.reason}") from error


def compacted(raw: bytes) -> bytes | None:
    """Return `raw` without the space around its tokens; None if something else stands there.

    Nothing is parsed. If the result is JSON, `raw` is too, and spells the same value: texts are as
    they were, and no two tokens became one.
    """
    if b"\0" in raw or b"\1" in raw:  # stand for escapes below
        return None
    parts = raw.replace(b"\\\\", b"\0").replace(b'\\"', b"\1").split(b'"')
    try:
        parts[::2] = map(_Compacted().__getitem__, parts[::2])
    except ValueError:
        return None
    return b'"'.join(parts).replace(b"\1", b'\\"').replace(b"\0", b"\\\\")


class _Compacted(dict[bytes, bytes]):
    """What stands between two texts -> the same without space; there are few kinds of it."""

    def __missing__(self, between: bytes) -> bytes:
        if not _BETWEEN.fullmatch(between) or _TWO_TOKENS.search(between):
            raise ValueError("no tokens of JSON")
        self[between] = between.translate(None, delete=_SPACE)
        return self[between]


@contextlib.contextmanager
def _without_collecting() -> Generator[None]:
    """Hold back the collector of circular garbage: JSON has no circles, and many small objects.

    It would look at all of them again and again, a third of the time that reading takes.
    """
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()


def check_shape(
    raw: bytes, *, limit: int = MAX_BYTES, values: int = MAX_VALUES, depth: int = MAX_DEPTH
) -> int:
    """Return how many members the objects of `raw` have, in time and memory linear in `raw`.

    Values and levels are counted outside of strings, and so are the colons, of which each member
    has one. In valid JSON a backslash stands in strings only. Where one stands elsewhere the parser
    stops, and until there both see the same text, so what follows may be miscounted without harm.

    Raises:
        SignatureError: `json-too-big` or `json-too-deep`.
    """
    if len(raw) > limit:
        raise SignatureError("json-too-big", f"JSON of {len(raw)} bytes, the limit is {limit}")
    unescaped = raw.replace(b"\\\\", b"").replace(b'\\"', b"") if b"\\" in raw else raw
    if unescaped.count(b'"') > 4 * values:  # a key and a text for each value
        raise SignatureError("json-too-big", f"JSON of more than {values} values")
    outside = b"".join(unescaped.split(b'"')[::2])
    brackets = outside.translate(_ONE_KIND, delete=_NOT_BRACKETS)
    if outside.count(b",") + len(brackets) > values:
        raise SignatureError("json-too-big", f"JSON of more than {values} values")
    if _is_deeper(brackets, depth):
        raise SignatureError("json-too-deep", f"JSON nests deeper than {depth} levels")
    return outside.count(b":")


def _is_deeper(brackets: bytes, depth: int) -> bool:
    """Whether brackets, all of one kind, nest deeper; each round takes the innermost pairs away."""
    for _ in range(depth):
        if b"[]" not in brackets:
            break
        brackets = brackets.replace(b"[]", b"")
        depth -= 1
    return b"[]" in brackets or brackets.count(b"[") > depth


def _object(pairs: Iterable[tuple[str, JSON]]) -> dict[str, JSON]:
    members: dict[str, JSON] = {}
    for key, value in pairs:
        if key in members:
            raise SignatureError("json-duplicate-key", f"key {_short(key)} stands twice")
        members[key] = value
    return members


def _constant(text: str) -> NoReturn:
    raise SignatureError("json-nan", f"{text} is not a JSON number")


def _integer(text: str) -> int:
    if len(text) > MAX_INTEGER:
        raise SignatureError(
            "json-number", f"integer of {len(text)} characters, the limit is {MAX_INTEGER}"
        )
    return int(text)


def _float(text: str) -> float:
    if len(text) > MAX_FLOAT:
        raise SignatureError(
            "json-number", f"number of {len(text)} characters, the limit is {MAX_FLOAT}"
        )
    number = float(text)
    if not math.isfinite(number):
        raise SignatureError("json-nan", f"{text} is beyond every float")
    return number


def _short(text: str) -> str:
    return repr(text if len(text) <= MAX_FLOAT else text[:MAX_FLOAT] + "…")
