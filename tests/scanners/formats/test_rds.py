"""Objects of R, and the promises and functions in them that evaluate themselves."""

from __future__ import annotations

import bz2
import gzip
import struct

import pytest

from aibom.scanners import kits, rdata
from aibom.scanners.artifact import Target
from aibom.scanners.dissect import dissect
from aibom.scanners.facts import Metadata, Named
from aibom.scanners.format import Match
from aibom.scanners.formats.rds import FORMAT
from aibom.scanners.judge import judge
from aibom.scanners.limits import Budget, Exceeded, Limits
from aibom.scanners.source import BytesSource, Malformed, Span
from tests.helpers.checkout import ROOT
from tests.helpers.reading import damage, facts, read, recognised

kits.load_all()

REAL = ROOT / "tests/data/real"  # frame.rds and frame.rda were written by pyreadr 0.5.8


def number(value: int) -> bytes:
    return struct.pack(">i", value)


def text(value: str) -> bytes:
    return number(9) + number(len(value)) + value.encode()


def texts(*values: str) -> bytes:
    return number(16) + number(len(values)) + b"".join(map(text, values))


def symbol(name: str) -> bytes:
    return number(1) + text(name)


NIL, GLOBAL, UNBOUND = number(254), number(253), number(252)
HEAD = number(2) + number(0x40301) + number(0x20300)


def call(function: bytes, *arguments: bytes) -> bytes:
    rest = b"".join(number(2) + each for each in arguments)
    return number(6) + function + rest + NIL


def promise(expression: bytes, value: bytes = UNBOUND) -> bytes:
    return number(5 | 1024) + GLOBAL + value + expression


def bound(name: str, value: bytes) -> bytes:
    return number(2 | 1024) + symbol(name) + value


def many(*items: bytes) -> bytes:
    return number(19) + number(len(items)) + b"".join(items)


def frame(*bindings: bytes) -> bytes:
    return number(4) + number(0) + GLOBAL + b"".join(bindings) + NIL + NIL + NIL


def closure(body: bytes) -> bytes:
    return number(3 | 1024) + GLOBAL + NIL + body


def code(*constants: bytes) -> bytes:
    """Return byte code with constants of which each begins with its type."""
    parts = b"".join(each[:4] + each for each in constants)
    return number(21) + number(1) + number(13) + number(0) + number(len(constants)) + parts


SYSTEM = call(symbol("system"), texts("id"))


def rds(item: bytes) -> bytes:
    return b"X\n" + HEAD + item


def rds3(item: bytes) -> bytes:
    return b"X\n" + number(3) + HEAD[4:] + number(5) + b"UTF-8" + item


def rules(data: bytes, name: str = "m.rds") -> set[str]:
    artifact = dissect(BytesSource(data), (name,), Budget(Limits()))
    assert artifact.is_complete
    return {finding.rule for finding in judge(Target((artifact,)))}


def test_tells_what_a_promise_calls_and_where_it_stands() -> None:
    data = rds(promise(SYSTEM))
    assert read(FORMAT, data, "m.rds") == [
        Named(
            at=Span(14, len(data) - 14),
            key="promise, an object",
            name="system",
            by="R",
            way="evaluates",
            texts=("system('id')",),
        ),
        Metadata(key="r.version", value="4.3.1"),
    ]


@pytest.mark.parametrize(
    "item",
    [
        promise(SYSTEM),
        promise(call(symbol("f"))),
        many(texts("a"), promise(SYSTEM)),
        frame(bound("x", promise(SYSTEM))),
        number(19 | 512) + number(0) + bound("class", promise(SYSTEM)) + NIL,
        promise(call(call(symbol("::"), symbol("base"), symbol("system")), texts("id"))),
        many(promise(call(symbol("do.call"), texts("system"), texts("id")))),
        promise(promise(SYSTEM)),
        many(promise(call(symbol("{"), SYSTEM))),
        many(promise(code(texts("a"), number(16) + number(0), symbol("system")))),
    ],
    ids=[
        "object", "any call", "in a list", "in a frame", "attribute", "qualified", "indirect",
        "promise of a promise", "in braces", "byte code",
    ],
)  # fmt: skip
def test_a_promise_that_acts_is_found(item: bytes) -> None:
    assert "r-promise-acts" in rules(rds(item))


@pytest.mark.parametrize(
    "data",
    [
        gzip.compress(rds(promise(SYSTEM))),
        bz2.compress(rds(promise(SYSTEM))),
        b"RDX3\n" + rds3(bound("x", promise(SYSTEM)) + NIL),
        b"A\n2\n262913\n131840\n1029\n253\n252\n6\n1\n9\n6\ns\\171stem\n2\n16\n1\n9\n2\nid\n254\n",
        b"A\r\n2\r\n262913 131840 1029 253 252 6 1 9 6 system 254\r\n",
        b"B\n" + b"".join(
            struct.pack("<i", each) for each in (2, 0x40301, 0x20300, 1029, 253, 252, 6, 1, 9, 6)
        ) + b"system" + struct.pack("<i", 254),
    ],
    ids=["gzip", "bzip2", "workspace", "text", "text of Windows", "little-endian"],
)  # fmt: skip
def test_a_promise_is_found_in_every_form(data: bytes) -> None:
    assert "r-promise-acts" in rules(data)


@pytest.mark.parametrize(
    ("item", "found"),
    [
        (many(promise(call(symbol("mean"), symbol("x")))), {"r-promise-inside"}),
        (many(promise(call(symbol("mean"), texts("x")))), set[str]()),
        (many(promise(SYSTEM, texts("already evaluated"))), set[str]()),
        (many(SYSTEM), set[str]()),
        (closure(SYSTEM), set[str]()),
        (texts("system", "eval"), set[str]()),
    ],
    ids=["a name", "numbers", "evaluated", "a call that is kept", "a function", "words"],
)
def test_what_evaluates_nothing_of_harm_is_let_be(item: bytes, found: set[str]) -> None:
    assert rules(rds(item)) - {"unknown-origin"} == found


def test_a_function_that_r_calls_at_its_start_is_found() -> None:
    data = b"RDX2\nX\n" + HEAD + bound(".First", closure(SYSTEM)) + NIL
    assert "r-runs-at-start" in rules(data, ".RData")


@pytest.mark.parametrize("name", ["frame.rds", "frame.rda"])
def test_a_frame_of_data_has_no_finding(name: str) -> None:
    assert rules((REAL / name).read_bytes(), name) <= {"unknown-origin", "licence-missing"}


def test_names_odd_objects() -> None:
    kept = number(238) + number(2) + symbol("mmap_real") + NIL + NIL + NIL
    odd = facts(FORMAT, rds(many(number(22) + NIL + NIL, kept)), Metadata)
    assert [fact.value for fact in odd if fact.key == "r.odd"] == [
        "external pointer", "vector of the class mmap_real",
    ]  # fmt: skip


def test_refers_to_a_name_that_was_seen() -> None:
    again = number(255 | 1 << 8)
    (found, *_) = facts(FORMAT, rds(many(symbol("system"), promise(call(again)))), Named)
    assert found.name == "system"


@pytest.mark.parametrize(
    "data",
    [
        b"X\n" + number(4) + HEAD[4:] + NIL,
        rds(number(77)),
        rds(number(14) + number(1 << 30)),
        rds(promise(SYSTEM))[:-3],
        b"RDX2\nquark",
    ],
    ids=["version", "type", "length", "cut", "form"],
)
def test_what_is_no_stream_is_malformed(data: bytes) -> None:
    with pytest.raises(Malformed):
        read(FORMAT, data, "m.rds")


def test_a_promise_before_a_cut_stays_unread() -> None:
    data = rds(many(promise(SYSTEM)))[:-3]
    assert not dissect(BytesSource(data), ("m.rds",), Budget(Limits())).is_complete


def test_depth_is_bounded() -> None:
    with pytest.raises(Exceeded):
        read(FORMAT, rds((number(19) + number(1)) * (rdata.MAX_DEPTH + 2) + NIL), "m.rds")


def test_a_function_behind_many_others_is_not_lost() -> None:
    many_calls = [call(symbol(f"f{each}")) for each in range(300)]
    assert "r-promise-acts" in rules(rds(many(promise(call(symbol("{"), *many_calls, SYSTEM)))))


def test_very_many_promises_are_not_read() -> None:
    with pytest.raises(Exceeded):
        read(FORMAT, rds(many(*[promise(NIL)] * (rdata.PROMISES + 1))), "m.rds")


def test_names_of_names_are_none() -> None:
    (found, *_) = facts(FORMAT, rds(promise(call(number(1) * 60 + text("f")))), Named)
    assert found.name == ""


def test_a_long_list_is_no_deep_one() -> None:
    items = b"".join(bound(f"n{each}", NIL) for each in range(5000))
    assert facts(FORMAT, rds(items + NIL), Named) == []


@pytest.mark.parametrize(
    ("data", "match"),
    [
        (rds(NIL), Match.CERTAIN),
        (b"RDX2\n", Match.CERTAIN),
        (b"X\nfactor", Match.NO),
        (b"A\nlist\n", Match.NO),
        (b"", Match.NO),
    ],
)
def test_is_told_by_its_form_and_version(data: bytes, match: Match) -> None:
    assert recognised(FORMAT, data) is match


def test_damage_is_malformed_and_nothing_else() -> None:
    item = many(promise(SYSTEM), frame(bound("x", closure(SYSTEM))), code(texts("a")), texts("é"))
    damage(FORMAT, rds(item))
    damage(FORMAT, b"A\n2\n262913\n131840\n1029\n253\n252\n6\n1\n9\n6\ns\\171stem\n254\n")
