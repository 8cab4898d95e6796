"""JSON that every reader understands alike, or an error.

The readers of the world differ on duplicate keys, ``NaN``, long numbers, lone surrogates and bytes
after the end (RFC 8259, sections 4, 6 and 8), and an attacker lives in the difference. Depth and
number of values are counted on the bytes, before the recursive parser sees them.
"""

import contextlib
import gc
import json
import math
from collections.abc import Generator, Iterable
from itertools import accumulate
from typing import NoReturn, TypeAlias

from .errors import SignatureError

JSON: TypeAlias = "dict[str, JSON] | list[JSON] | str | int | float | bool | None"

MAX_BYTES = 64 << 20
MAX_VALUES = 4_000_000  # one value per 16 bytes of the longest text; bounds memory, about 1 GiB
MAX_DEPTH = 100  # CycloneDX needs about 20 levels
MAX_INTEGER = 20  # characters: 64 bits and a sign
MAX_FLOAT = 40  # characters; the longest that Python writes has 24

_ALL_BYTES = bytes(range(256))
_NOT_BRACKETS = bytes(set(_ALL_BYTES) - set(b"[]{}"))
_STEPS = {ord("["): 1, ord("{"): 1, ord("]"): -1, ord("}"): -1}


def loads(raw: bytes, *, limit: int = MAX_BYTES) -> JSON:
    """Return the one JSON value that `raw` spells out in UTF-8, of at most `limit` bytes.

    Raises:
        SignatureError: `json-too-big`, `json-malformed`, `json-duplicate-key`, `json-nan`,
            `json-too-deep` or `json-number`.
    """
    check_shape(raw, limit=limit)
    try:
        with _without_collecting():
            value: JSON = json.loads(
                raw.decode(),
                object_pairs_hook=_object,
                parse_constant=_constant,
                parse_int=_integer,
                parse_float=_float,
            )
    except ValueError as error:  # UnicodeDecodeError and JSONDecodeError are its children
        raise SignatureError("json-malformed", f"no JSON: {error}") from error
    if b"\\u" in raw:  # only an escape can spell half of a surrogate pair
        dumps(value)
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
) -> None:
    """Count values and levels outside of strings, in time and memory linear in `raw`.

    In valid JSON a backslash stands in strings only. Where one stands elsewhere the parser stops,
    and until there both see the same text, so what follows may be miscounted without harm.

    Raises:
        SignatureError: `json-too-big` or `json-too-deep`.
    """
    if len(raw) > limit:
        raise SignatureError("json-too-big", f"JSON of {len(raw)} bytes, the limit is {limit}")
    unescaped = raw.replace(b"\\\\", b"").replace(b'\\"', b"")
    if unescaped.count(b'"') > 4 * values:  # a key and a text for each value
        raise SignatureError("json-too-big", f"JSON of more than {values} values")
    outside = b"".join(unescaped.split(b'"')[::2])
    brackets = outside.translate(None, delete=_NOT_BRACKETS)
    if outside.count(b",") + len(brackets) > values:
        raise SignatureError("json-too-big", f"JSON of more than {values} values")
    if _depth(brackets) > depth:
        raise SignatureError("json-too-deep", f"JSON nests deeper than {depth} levels")


def _depth(brackets: bytes) -> int:
    return max(accumulate(map(_STEPS.__getitem__, brackets)), default=0)


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
