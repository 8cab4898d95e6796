"""JSON that readers could understand in two ways is refused, and fast."""

import contextlib
import gc
import json
import random
import time

import pytest

from aibom.signatures import SignatureError
from aibom.signatures.strictjson import JSON, MAX_DEPTH, compacted, dumps, loads
from tests.signatures.examples import code_of

REFUSED = {
    "a key twice": (b'{"a":1,"a":1}', "json-duplicate-key"),
    "a key twice, once escaped": (b'{"a":1,"\\u0061":1}', "json-duplicate-key"),
    "a long key twice": (b'{"%b":1,"%b":2}' % (b"k" * 99, b"k" * 99), "json-duplicate-key"),
    "NaN": (b'{"a":NaN}', "json-nan"),
    "Infinity": (b"[-Infinity]", "json-nan"),
    "a number beyond every float": (b"1e999", "json-nan"),
    "nothing": (b"", "json-malformed"),
    "UTF-16": ("{}".encode("utf-16"), "json-malformed"),
    "a byte order mark": (b"\xef\xbb\xbf{}", "json-malformed"),
    "bytes after the end": (b"{}{}", "json-malformed"),
    "a NUL after the end": (b"{}\0", "json-malformed"),
    "a newline in a text": (b'"\n"', "json-malformed"),
    "half a surrogate pair": (b'"\\ud800"', "json-malformed"),
    "half a surrogate pair in UTF-8": (b'"\xed\xa0\x80"', "json-malformed"),
    "half a surrogate pair as a key": (b'{"\\uDFFF":1}', "json-malformed"),
    "a text without end": (b'"' + b"[" * 101, "json-malformed"),
    "a backslash outside of texts": (b'[\\""' + b"[" * 101, "json-malformed"),
    "101 levels": (b"[" * 101 + b"]" * 101, "json-too-deep"),
    "101 levels after texts full of quotes": (b'["\\"","\\\\",' + b"[" * 100, "json-too-deep"),
    "21 digits": (b"[100000000000000000000]", "json-number"),
    "a fraction of 41 characters": (b"0." + b"1" * 39, "json-number"),
}


@pytest.mark.parametrize(("raw", "code"), REFUSED.values(), ids=REFUSED)
def test_refuses(raw: bytes, code: str) -> None:
    assert code_of(lambda: loads(raw)) == code


READ: dict[str, tuple[bytes, JSON]] = {
    "every kind of value": (b'[{"a":null},"b",1,1.5,true,-0]', [{"a": None}, "b", 1, 1.5, True, 0]),
    "space around": (b" \t\r\n{}\n", {}),
    "a surrogate pair": (b'"\\ud83d\\ude00"', "\U0001f600"),
    "an escaped letter": (b'"\\u0041"', "A"),
    "64 bits": (b"18446744073709551615", 2**64 - 1),
    "brackets and commas in texts": (b'"' + b"[,{" * 101 + b'"', "[,{" * 101),
    "100 lists side by side": (b"[" + b"[]," * 100 + b"0]", [*([[]] * 100), 0]),
}


@pytest.mark.parametrize(("raw", "value"), READ.values(), ids=READ)
def test_reads(raw: bytes, value: JSON) -> None:
    assert loads(raw) == value


def test_reads_the_deepest_nesting_allowed() -> None:
    value: JSON = 1
    for _ in range(MAX_DEPTH):
        value = [value]
    assert loads(dumps(value)) == value


def test_writes_compact_text_as_it_is() -> None:
    assert dumps({"b": "ü", "a": [1, None]}) == '{"b":"ü","a":[1,null]}'.encode()


def test_writes_no_number_that_is_not_finite() -> None:
    assert code_of(lambda: dumps([float("nan")])) == "json-nan"


def test_writes_no_half_of_a_surrogate_pair() -> None:
    assert code_of(lambda: dumps("\udc00")) == "json-malformed"


MIB = 1 << 20
HUGE = {
    "65 MiB": (b" " * (65 * MIB), "json-too-big"),
    "100,000 nested lists": (b"[" * 100_000 + b"]" * 100_000, "json-too-deep"),
    "64 MiB of opening brackets": (b"[" * (64 * MIB), "json-too-big"),
    "64 MiB of quotes": (b'"' * (64 * MIB), "json-too-big"),
    "22 million empty lists": (b"[" + b"[]," * (21 * MIB) + b"0]", "json-too-big"),
    "an integer of 10,000 digits": (b"1" * 10_000, "json-number"),
    "an integer of 60 million digits": (b"1" * (60 * MIB), "json-number"),
    "a text without end": (b'"' + b'\\"' * (31 * MIB), "json-malformed"),
}


@pytest.mark.parametrize(("raw", "code"), HUGE.values(), ids=HUGE)
def test_refuses_huge_input_fast(raw: bytes, code: str) -> None:
    start = time.process_time()
    assert code_of(lambda: loads(raw)) == code
    assert time.process_time() - start < 5  # about 0.5 s on an idle machine


def test_leaves_the_collector_of_garbage_as_it_was() -> None:
    for was_enabled in (False, True):
        (gc.enable if was_enabled else gc.disable)()
        for raw in (b"[{}]", b"["):
            with contextlib.suppress(SignatureError):
                loads(raw)
            assert gc.isenabled() == was_enabled


class TestCompacted:
    VALUES: tuple[JSON, ...] = (
        {"a": [1, -2.5, 1e9, True, None, {}, []], "b c": ' x\t\n\\ " : , [ ] ', "": "\\\\"},
        [[], [[]], ["\\"], ['"'], "ü", 12345678901234567890],
        '\\ "',
    )

    @pytest.mark.parametrize("value", VALUES)
    @pytest.mark.parametrize("indent", [None, 0, 1, 4, "\t"])
    def test_takes_space_away_and_nothing_else(self, value: JSON, indent: int | str | None) -> None:
        raw = json.dumps(value, indent=indent, ensure_ascii=False).encode()
        assert compacted(raw) == dumps(value)

    @pytest.mark.parametrize(
        ("raw", "found"),
        [
            (b"[1 2]", None),
            (b"[1\n2]", None),
            (b"[tr ue]", None),
            (b"[1,\x0b2]", None),
            (b"[\\ ]", None),
            (b'["\0"]', None),
            (b'["a" 1]', b'["a"1]'),
            (b'["a\n b"]', b'["a\n b"]'),
            (b"[1, 2] }", b"[1,2]}"),
            (b'["\\\\" , "\\""]', b'["\\\\","\\""]'),
        ],
    )
    def test_makes_no_token_of_two(self, raw: bytes, found: bytes | None) -> None:
        assert compacted(raw) == found

    def test_what_it_makes_equal_is_equal_to_the_parser(self) -> None:
        chance, equal = random.Random(7), 0
        for value in self.VALUES:
            text = dumps(value)
            for _ in range(2000):
                raw = bytearray(text)
                for _ in range(chance.randint(1, 3)):
                    at = chance.randint(0, len(raw))
                    raw[at:at] = chance.choice(
                        [b" ", b"\n", b"\t ", b"\\", b'"', b"\0", b"\1", b"1"]
                    )
                if compacted(bytes(raw)) == text:
                    equal += 1
                    assert loads(bytes(raw)) == value
        assert equal > 200
