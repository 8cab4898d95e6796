"""JSON documents, and what those of a model folder say: configurations, indexes, tokenizers.

RFC 8259. The role of a document shows in its keys; its name helps only where keys cannot tell
(`json_roles`). A document of no known role is recognised and yields nothing.
"""

from __future__ import annotations

import codecs
import json
import re
from collections import Counter
from typing import TYPE_CHECKING, Any

from .. import kits
from ..documents import Places, dotted
from ..facts import (
    NOWHERE,
    Conflict,
    Fact,
    Licence,
    TemplateUse,
    shorten,
)
from ..format import Format, Match, Parsed, Part, Subject
from ..json_places import spans
from ..limits import KIB
from ..patterns import pattern
from ..record import record, replace
from ..shapes import is_list, is_object
from ..source import BytesSource, Malformed
from . import json_comments, json_index, json_lines
from .json_code import code, is_module, modules, origin, texts
from .json_roles import ROLES, Role
from .json_told import told

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from ..limits import Budget

BYTE_ORDER_MARK = b"\xef\xbb\xbf"
SPACES = b" \t\r\n"
BINARY = pattern(rb"[^\t\r\n -\xff]")  # JSON escapes every other control character

TOKENS = pattern(r"(?!added_)\w*_tokens?")  # keys of what a chat template gets as variables
INTERNAL = pattern(r"__\w+__", re.ASCII)
LICENCE_KEYS = ("license", "licence", "license_name")
CODE = ("_target_", "__loader__", "class_path", "params", "imports")  # of what may name Python
MAX_PLACED = 256 * KIB  # characters of a text in which places are looked for
WIDE: dict[
    str, Callable[[bytes, str, bool], tuple[str, int]]
] = {  # that `json.loads` tells from its bytes
    "utf-16": codecs.utf_16_decode,
    "utf-16-le": codecs.utf_16_le_decode,
    "utf-16-be": codecs.utf_16_be_decode,
    "utf-32": codecs.utf_32_decode,
    "utf-32-le": codecs.utf_32_le_decode,
    "utf-32-be": codecs.utf_32_be_decode,
}
LOOKED_AT = 64  # bytes that tell a text of wide characters


def recognise(subject: Subject) -> Match:
    """Tell a JSON object or list by how it starts; reading it shows whether it is one."""
    if BINARY.search(subject.head):
        return Match.POSSIBLE if _is_wide(subject.head[:LOOKED_AT]) else Match.NO
    text = subject.head.removeprefix(BYTE_ORDER_MARK).lstrip(SPACES)
    is_blank = not text and subject.source.size > len(subject.head)  # so far
    is_begun = is_blank or json_comments.is_begun(text, subject.name)
    is_json = text[:1] in {b"{", b"["} or is_begun
    return Match.POSSIBLE if is_json else Match.NO


def parse(subject: Subject, budget: Budget) -> Parsed:
    """Yield repeated keys, and what a document of a known role says.

    Raises:
        Malformed: It is not one UTF-8 JSON text, or nests too deeply.
        Exceeded: It is longer than a document may be.
    """
    size = subject.source.size
    if size > budget.limits.text and not subject.name.lower().endswith(FORMAT.suffixes):
        raise Malformed("JSON", offset=0, why="longer than any document of a model folder")
    budget.document(size)
    found = _read(subject.source.read_at(0, size), subject.name.rpartition("/")[2].lower())
    for key, count in sorted(found.repeated.items()):
        detail = f"the key {shorten(key, 100)!r} stands {count + 1} times in one object"
        yield Conflict(kind="duplicate", detail=detail)
    if found.makes_objects:
        yield from kits.need("keras").facts(found.document, found.places().at, budget)
    if found.names_code:
        read = kits.need("documents").named
        yield from read([found.document], found.places(), is_yaml=False)
    if is_object(found.document):
        yield from _object(subject, found.document, found)
    elif is_list(found.document) and any(map(is_module, found.document)):
        yield from modules(found.document, found.places())


@record
class _Read:
    """A document, its text, and how often each key was repeated; the last value stands."""

    document: Any
    text: str
    start: int  # bytes before the text
    repeated: Counter[str]

    is_wide: bool = False  # its characters take two or four bytes each
    names_code: bool = False  # there is a key that would name Python
    makes_objects: bool = False  # of Keras: one has a class and a configuration

    def places(self) -> Places:
        """Return where values stand; of a long document, such as a vocabulary, it is not known."""
        is_known = len(self.text) <= MAX_PLACED and not self.is_wide
        known = spans(self.text) if is_known else {}
        return Places(self.text, known, base=self.start, default=NOWHERE)


def _read(raw: bytes, name: str) -> _Read:
    """Return the document in `raw`; comments and lines only around objects of no role."""
    if _is_wide(raw[:LOOKED_AT]):
        return replace(_decode(_widely(raw), 0), is_wide=True)
    body = raw.removeprefix(BYTE_ORDER_MARK)
    try:
        text = body.decode("utf-8")
    except UnicodeDecodeError as error:
        raise Malformed("JSON", offset=error.start, why="not UTF-8") from error
    start = len(raw) - len(body)
    try:
        return _decode(text, start)
    except Malformed:
        found = _with_comments(text, name, start) or _of_lines(text, name, start)
        if found is None:
            raise
        return found


def _is_wide(head: bytes) -> bool:
    """Whether Python's own reader of JSON takes bytes for UTF-16 or UTF-32, and for JSON."""
    decode = WIDE.get(json.detect_encoding(head))
    if decode is None:
        return False
    try:
        text = decode(head, "strict", False)[0]  # noqa: FBT003 - more may follow
    except UnicodeDecodeError:
        return False
    return text.lstrip("\ufeff \t\r\n")[:1] in {"{", "["}


def _widely(raw: bytes) -> str:
    try:
        text, _ = WIDE[json.detect_encoding(raw)](raw, "strict", True)  # noqa: FBT003 - no keyword
    except UnicodeDecodeError as error:
        raise Malformed("JSON", offset=error.start, why=f"not {error.encoding}") from error
    return text.removeprefix("\ufeff")


def _with_comments(text: str, name: str, start: int) -> _Read | None:
    """Return the document between the comments, if it is an object of no role."""
    bare = json_comments.without_comments(text, name)
    if bare is None:
        return None
    try:
        found = _decode(bare, start)
    except Malformed:
        return None
    is_quiet = is_object(found.document) and not _speaks(found.document, name)
    return found if is_quiet else None


def _of_lines(text: str, name: str, start: int) -> _Read | None:
    """Return no document, if each line is an object of no role: that is for no loader of models."""
    rows = json_lines.rows(text, name)
    repeated: Counter[str] = Counter()
    for row in rows:
        try:
            found = _decode(row, start)
        except Malformed:
            return None
        if _speaks(found.document, name):
            return None
        repeated += found.repeated
    return _Read(None, text, start, repeated) if rows else None


def _speaks(document: dict[str, Any], name: str) -> bool:
    """Whether there is anything that a loader of models would take from the document."""
    has_role = any(_has(role, document, name) for role in ROLES.values())
    return has_role or any(True for _ in _tokens(document))


def _decode(text: str, start: int) -> _Read:
    repeated: Counter[str] = Counter()
    naming: list[str] = []
    making: list[bool] = []

    def join(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        table = dict(pairs)
        naming.extend(key for key in CODE if key in table and not naming)
        if not making and "class_name" in table and "config" in table:
            making.append(True)
        if len(table) != len(pairs):
            counts = Counter(key for key, _ in pairs)
            repeated.update({key: count - 1 for key, count in counts.items() if count > 1})
        return table

    try:
        document = json.loads(text, object_pairs_hook=join)
    except json.JSONDecodeError as error:
        raise Malformed("JSON", offset=len(text[: error.pos].encode()), why=error.msg) from error
    except ValueError as error:  # an integer of thousands of digits
        raise Malformed("JSON", offset=0, why=shorten(str(error), 100)) from error
    except RecursionError as error:
        raise Malformed("JSON", offset=0, why="nests too deeply") from error
    return _Read(
        document, text, start, repeated, names_code=bool(naming), makes_objects=bool(making)
    )


def _object(subject: Subject, document: dict[str, Any], found: _Read) -> Parsed:
    name = subject.name.rpartition("/")[2].lower()
    roles = [each for each, role in ROLES.items() if _has(role, document, name)]
    yield from _tokens(document)
    if not roles:
        return
    places = found.places()
    yield from told(document, roles, places)
    for key in LICENCE_KEYS if roles != ["dataset"] else ():  # that is not the model's
        if isinstance(document.get(key), str):
            yield Licence(at=places.at((key,)), key=key, value=shorten(document[key]))
    yield from origin(document, places)
    yield from code(document, places)
    yield from json_index.shards(document.get("weight_map"))
    yield from _templates(document.get("chat_template"))


def _has(role: Role, document: dict[str, Any], name: str) -> bool:
    return name in role.names or any(key in document for key in role.signs)


def _templates(value: object) -> Iterator[Part]:
    """Yield each chat template: one text, or several by name."""
    if isinstance(value, str):
        yield _template("chat_template", value)
    elif is_object(value):
        for name, text in value.items():
            if isinstance(text, str):
                yield _template(f"chat_template.{name}", text)
    elif is_list(value):
        for item in value:
            if is_object(item) and isinstance(item.get("template"), str):
                yield _template(f"chat_template.{item.get('name')}", item["template"])


def _tokens(document: dict[str, Any]) -> Iterator[Fact]:
    """Yield Python's own names among the special tokens: a template can look them up unseen."""
    for name in filter(TOKENS.fullmatch, document):
        for key, text in texts(document[name], (name,)):
            found, where = text.strip().lower(), shorten(dotted(key), 200)
            if INTERNAL.fullmatch(found):
                yield TemplateUse(template=where, kind="text", name=shorten(found, 200))


def _template(name: str, text: str) -> Part:
    raw = text.encode("utf-8", "backslashreplace")
    return Part(shorten(name, 200), BytesSource(raw), ("jinja",))


FORMAT = Format(
    id="json",
    title="JSON",
    media_type="application/json",
    spec="https://www.rfc-editor.org/rfc/rfc8259",
    suffixes=(".json",),
    recognise=recognise,
    parse=parse,
    refines=("yaml",),  # of which it is a part
)
