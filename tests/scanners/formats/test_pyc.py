"""Compiled Python as files and on its own."""

from __future__ import annotations

import io
import marshal
import struct
import zipfile
from importlib.util import MAGIC_NUMBER

import pytest

from aibom.scanners.dissect import dissect
from aibom.scanners.facts import CompiledCode, Reason, Unclaimed, Unread
from aibom.scanners.format import Match
from aibom.scanners.formats.pyc import MARSHAL, PYC
from aibom.scanners.limits import Budget, Exceeded, Limits
from aibom.scanners.source import BytesSource, Malformed, Span
from tests.helpers.reading import damage, facts, read, recognised
from tests.scanners.marshalled.golden import COMPILED, marshalled

CODE = marshal.dumps(compile("import os\nos.system('echo hi')", "a.py", "exec", dont_inherit=True))
HERE = MAGIC_NUMBER + bytes(12) + CODE


@pytest.mark.parametrize("version", COMPILED)
def test_reads_the_files_of_every_python(version: str) -> None:
    data = COMPILED[version]
    assert recognised(PYC, data) is Match.CERTAIN
    found = read(PYC, data)
    assert {fact.pythons for fact in found if isinstance(fact, CompiledCode)} == {(version,)}
    assert len(found) == 5


def test_says_what_a_file_of_this_python_names() -> None:
    (fact,) = read(PYC, HERE)
    assert isinstance(fact, CompiledCode)
    assert (fact.at, fact.name, fact.file, fact.carrier) == (Span(16, 0), "<module>", "a.py", "pyc")
    assert (fact.imports, fact.names) == (("os",), ("os.system",))
    assert fact.calls == ("os.system('echo hi')",)


@pytest.mark.parametrize(
    "data",
    [
        b"", b"PK\3\4", HERE[:8], b"\0\0" + HERE[2:], HERE[:2] + b"\n\n" + HERE[4:],
        HERE[:16] + b"N" + HERE[17:], HERE[:17] + b"\xff" * 16, b"B\r\r\nis text",
    ],
)  # fmt: skip
def test_other_bytes_are_no_compiled_file(data: bytes) -> None:
    assert recognised(PYC, data) is Match.NO


def test_a_python_that_is_not_known_leaves_the_file_unread_but_told() -> None:
    data = struct.pack("<H", 3999) + b"\r\n" + bytes(12) + marshalled("3.12")
    unread, *codes = read(PYC, data)
    assert isinstance(unread, Unread)
    assert unread.reason is Reason.UNSUPPORTED
    assert {fact.pythons for fact in codes if isinstance(fact, CompiledCode)} == {("3.12",)}


def test_bytes_after_the_code_belong_to_nothing() -> None:
    assert facts(PYC, HERE + b"more", Unclaimed) == [Unclaimed(at=Span(len(HERE), 4))]


def test_finds_compiled_files_by_content_in_archives() -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("__pycache__/model", HERE)
    found = dissect(BytesSource(out.getvalue()), ("a.zip",), Budget(Limits()))
    (part,) = found.parts
    assert part.formats == ("pyc",)
    assert [type(fact) for fact in part.facts] == [CompiledCode]


@pytest.mark.parametrize("version", COMPILED)
def test_tells_marshalled_code_without_a_header(version: str) -> None:
    data = marshalled(version)
    assert recognised(MARSHAL, data) is Match.POSSIBLE
    found = dissect(BytesSource(data), ("a",), Budget(Limits()))
    assert found.formats == ("marshal",)
    assert len(found.facts) == 5


@pytest.mark.parametrize(
    "data", [b"cposix\nsystem\n(S'id'\ntR.", b"c", b"characters of a text file", b""]
)
def test_other_bytes_are_no_marshalled_code(data: bytes) -> None:
    assert recognised(MARSHAL, data) is Match.NO


def test_bytes_that_start_like_code_by_chance_are_none() -> None:
    chance = b"c" + bytes(200)
    assert recognised(MARSHAL, chance) is Match.POSSIBLE
    assert dissect(BytesSource(chance), ("a",), Budget(Limits())).formats == ()


@pytest.mark.parametrize("version", ["2.7", "3.7", "3.14"])
def test_damage_raises_nothing_but_malformed(version: str) -> None:
    damage(PYC, COMPILED[version], times=150)
    damage(MARSHAL, marshalled(version), times=150)


def test_a_file_longer_than_a_document_may_be_is_not_read() -> None:
    with pytest.raises(Exceeded, match="text"):
        read(PYC, HERE, limits=Limits(text=10))


def test_a_cut_file_is_malformed() -> None:
    with pytest.raises(Malformed):
        read(PYC, HERE[:-1])
