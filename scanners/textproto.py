"""Protobuf's text form, written again as the bytes of a message, by a schema.

Language (https://protobuf.dev/reference/protobuf/textformat-spec/)::

    message    fields, each  name : value   or   name { message }   or   name < message >
    value      a text (adjacent ones are one), a number, a name, or [ values ]
    name       an identifier, or [domain/type] for a message of that type in an Any
    between    white space, # comments, and a comma or semicolon behind a field

Fields that the schema lacks are stepped over: who asks names all that matters.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, TypeAlias

from .limits import Exceeded
from .source import Malformed

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

TEXT, NUMBER = "text", "number"
Schema: TypeAlias = "Mapping[str, Mapping[str, tuple[int, str]]]"
"""Message -> field -> its number, and `TEXT`, `NUMBER` or the name of a message."""

MAX_DEPTH = 100  # messages inside messages; the limit of Google's own readers
TICK = 4096  # tokens between two looks at the clock
ANY = "google.protobuf.Any"  # its fields may be written as the type in brackets, and a message
TOKEN = re.compile(
    r"""(?>[ \t\r\n\v\f]+|\#[^\n]*)*+
    (?: (?P<text> "(?:[^"\\\n]|\\[^\n])*" | '(?:[^'\\\n]|\\[^\n])*')
      | (?P<type> \[ [ \t\r\n]* [A-Za-z_][\w./-]* [ \t\r\n]* \] (?= [ \t\r\n]* :? [ \t\r\n]* [{<]))
      | (?P<word> -? [ \t]* [\w.+-]+)
      | (?P<sign> [][{}<>:,;])
      | (?P<end> \Z))""",
    re.VERBOSE,
)
ESCAPE = re.compile(
    r"\\(?:([0-7]{1,3})|[xX]([0-9a-fA-F]{1,2})|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|(.))"
)
LETTERS = {"n": "\n", "r": "\r", "t": "\t", "a": "\a", "b": "\b", "f": "\f", "v": "\v"}
LAST = 0x10FFFF  # character of Unicode
CLOSES = {"{": "}", "<": ">"}


def transcode(
    text: str,
    message: str,
    schema: Schema,
    words: Mapping[str, int],
    check_time: Callable[[], None] = lambda: None,
) -> bytes:
    """Return `text`, a message of this name, in its binary form; `words` are names for numbers.

    Raises:
        Malformed: It is not written in the language.
        Exceeded: It nests deeper than readers take.
    """
    return _Reader(text, schema, words, check_time).message(message, "")


class _Reader:
    def __init__(
        self,
        text: str,
        schema: Schema,
        words: Mapping[str, int],
        check_time: Callable[[], None],
    ) -> None:
        self._text, self._schema, self._words = text, schema, words
        self._check_time = check_time
        self._at = self._tokens = self._depth = 0
        self._kind, self._token = "", ""
        self._next()

    def _next(self) -> None:
        self._tokens += 1
        if not self._tokens % TICK:
            self._check_time()
        found = TOKEN.match(self._text, self._at)
        if found is None or found.lastgroup is None:
            raise self._malformed("no token of the language")
        self._kind, self._token = found.lastgroup, found[found.lastgroup]
        self._at = found.end()

    def _is(self, *signs: str) -> bool:
        return self._kind == "sign" and self._token in signs

    def _malformed(self, why: str) -> Malformed:
        return Malformed("protobuf text", offset=self._at, why=why)

    def message(self, name: str, close: str) -> bytes:
        """Return the message up to `close`, and step over that."""
        self._depth += 1
        if self._depth > MAX_DEPTH:
            raise Exceeded("depth", MAX_DEPTH, "messages inside messages")
        known = self._schema.get(name, {})
        out = bytearray()
        while not (self._token == close and self._kind in ("sign", "end")):
            out += self._field(name, known)
            while self._is(",", ";"):
                self._next()
        if close:
            self._next()
        self._depth -= 1
        return bytes(out)

    def _field(self, message: str, known: Mapping[str, tuple[int, str]]) -> bytes:
        if self._kind == "type":
            inner = self._token.strip("[] \t\r\n").rpartition("/")[2]
            number, type_ = (2, inner) if message == ANY else (0, "")
        elif self._kind == "word":
            number, type_ = known.get(self._token, (0, ""))
        else:
            raise self._malformed(f"{self._token[:20]!r} stands where a field should begin")
        self._next()
        has_colon = self._is(":")
        if has_colon:
            self._next()
        if self._is("["):
            return self._listed(number, type_)
        if not has_colon and not self._is(*CLOSES):
            raise self._malformed("a field has neither a value nor a message")
        return self._value(number, type_)

    def _listed(self, number: int, type_: str) -> bytes:
        out = bytearray()
        self._next()
        while not self._is("]"):
            out += self._value(number, type_)
            if self._is(","):
                self._next()
        self._next()
        return bytes(out)

    def _value(self, number: int, type_: str) -> bytes:
        """Return one field with its key; nothing for one that the schema lacks."""
        if self._is(*CLOSES):
            close = CLOSES[self._token]
            self._next()
            inner = self.message(type_, close)
            return _run(number, inner) if type_ in self._schema else b""
        if self._kind == "text":
            raw = bytearray()
            while self._kind == "text":
                raw += _unescaped(self._token[1:-1])
                self._next()
            return _run(number, bytes(raw)) if type_ == TEXT else b""
        if self._kind != "word":
            raise self._malformed(f"{self._token[:20]!r} stands where a value should be")
        value = self._number(self._token)
        self._next()
        is_number = type_ == NUMBER and value is not None
        return _varint(number << 3) + _varint(value or 0) if is_number else b""

    def _number(self, word: str) -> int | None:
        if word in self._words:
            return self._words[word]
        if word in ("true", "t", "True"):
            return 1
        try:
            return int(word.replace(" ", "")[:40], 0) & 0xFFFF_FFFF_FFFF_FFFF
        except ValueError:
            return None


def _unescaped(text: str) -> bytes:
    """Return the bytes of a text between its quotes."""
    out = bytearray()
    at = 0
    for found in ESCAPE.finditer(text):
        out += text[at : found.start()].encode("utf-8", "surrogateescape")
        octal, short, four, eight, letter = found.groups()
        if octal:
            out.append(int(octal, 8) & 0xFF)
        elif short:
            out.append(int(short, 16))
        elif four or eight:
            out += _character(int(four or eight, 16))
        else:
            out += LETTERS.get(letter, letter).encode("utf-8", "surrogateescape")
        at = found.end()
    return bytes(out + text[at:].encode("utf-8", "surrogateescape"))


def _character(code: int) -> bytes:
    return chr(min(code, LAST)).encode("utf-8", "surrogatepass")


def _run(number: int, raw: bytes) -> bytes:
    return _varint(number << 3 | 2) + _varint(len(raw)) + raw


def _varint(value: int) -> bytes:
    out = bytearray()
    while value >> 7:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes([*out, value])
