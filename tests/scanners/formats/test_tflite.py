"""TensorFlow Lite, and the readers of FlatBuffers and FlexBuffers that it needs."""

from __future__ import annotations

import struct
import time

import pytest

from aibom.scanners import kits
from aibom.scanners.artifact import Target
from aibom.scanners.dissect import dissect
from aibom.scanners.facts import (
    Direction,
    Licence,
    Metadata,
    Operation,
    Operator,
    Port,
    Reason,
    Reference,
    Refers,
    Tensor,
    Unread,
)
from aibom.scanners.format import Match
from aibom.scanners.formats.tflite import FORMAT
from aibom.scanners.judge import judge
from aibom.scanners.limits import Budget, Exceeded, Limits
from aibom.scanners.rule import Severity
from aibom.scanners.source import BytesSource, Malformed
from fixtures.tensorflow import (
    Bytes,
    List,
    Shared,
    Tables,
    code,
    flex_options,
    lite,
    node,
    operator,
    string_buffer,
    tensor,
    text,
)
from fixtures.tensorflow import Reference as FieldReference
from tests.helpers.reading import damage, facts, read, recognised

kits.load_all()

CUSTOM, STRING = 32, 5
READ = [code(CUSTOM, "FlexReadFile")]
NAME = [tensor("name", STRING, 1, 1)]
FED = [tensor("name", STRING, 0, 1)]


def operations(data: bytes) -> list[tuple[str, tuple[str, ...], bool, int]]:
    return [
        (each.operator, each.given, each.is_fed, each.count)
        for each in facts(FORMAT, data, Operation)
    ]


def flex(name: str, definition: bytes) -> bytes:
    """Return a model with one operator that holds a NodeDef."""
    return lite([code(CUSTOM, name)], [operator(0, options=flex_options("", definition))])


def flagged(data: bytes) -> set[str]:
    artifact = dissect(BytesSource(data), ("m.tflite",), Budget(Limits()))
    findings = judge(Target((artifact,)))
    return {each.rule for each in findings if each.severity >= Severity.HIGH}


def test_tells_operators_tensors_and_ends() -> None:
    weights = struct.pack("<4f", 1, 2, 3, 4)
    data = lite(
        [code(9), code(150), code(CUSTOM, "Mine"), code(300)],
        [operator(0, 0, 1), operator(0, 0, 1), operator(2, 0)],
        [tensor("x", 0, 0, 1, 2), tensor("w", 0, 1, 2, 2)],
        [weights],
    )
    assert recognised(FORMAT, data) is Match.CERTAIN
    told = read(FORMAT, data)
    assert [(f.key, f.value) for f in told if isinstance(f, Metadata)] == [
        ("version", "3"),
        ("description", "made by a test"),
    ]
    assert [(f.domain, f.name, f.count) for f in told if isinstance(f, Operator)] == [
        ("", "FULLY_CONNECTED", 2),
        ("", "GELU", 1),
        ("custom", "Mine", 1),
        ("", "operator 300", 1),
    ]
    (only,) = (f for f in told if isinstance(f, Tensor))
    assert (only.name, only.dtype, only.shape) == ("w", "FLOAT32", (2, 2))
    assert data[only.at.start : only.at.end] == weights
    assert [(f.direction, f.name, f.shape) for f in told if isinstance(f, Port)] == [
        (Direction.INPUT, "x", ("1", "2")),
        (Direction.OUTPUT, "x", ("1", "2")),
    ]
    assert flagged(data) == set()


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (lite(READ), ("ReadFile", (), False, 1)),
        (lite(READ, [operator(0, 0)], FED), ("ReadFile", (), True, 1)),
        (lite(READ, [operator(0, 0)] * 2, NAME, [string_buffer("/etc/passwd", "b")]),
         ("ReadFile", ("/etc/passwd", "b"), False, 2)),
        (flex("FlexAdd", node("n", "ReadFile")), ("ReadFile", (), True, 1)),
        (flex("Mine", node("n", "PyFunc", token=text("t"))), ("PyFunc", ("t",), False, 1)),
        (flex("FlexPrintV2", node("n", "PrintV2", output_stream=text("file:///x"))),
         ("PrintV2", ("file:///x",), False, 1)),
    ],
    ids=["unused", "fed", "constant", "another name", "no Flex name", "an attribute"],
)  # fmt: skip
def test_finds_what_tensorflows_own_operators_reach(
    data: bytes, expected: tuple[str, tuple[str, ...], bool, int]
) -> None:
    assert operations(data) == [expected]
    assert len(flagged(data)) == 1


def test_flex_operators_that_compute_are_no_finding() -> None:
    data = lite([code(CUSTOM, "FlexStringLower")], [operator(0, 0)], FED)
    assert operations(data) == []
    assert [(f.domain, f.name) for f in facts(FORMAT, data, Operator)] == [
        ("tensorflow", "StringLower")
    ]
    assert flagged(data) == set()


def test_tells_what_its_authors_say_and_which_files_it_takes() -> None:
    about = Tables(b"M001")
    root = about.table({0: Bytes(b"Toy"), 2: Bytes(b"v2"), 4: Bytes(b"me"), 5: Bytes(b"MIT")})
    about.data[:4] = struct.pack("<I", root)
    more: dict[int, bytes | FieldReference] = {
        6: List(
            {0: Bytes(b"TFLITE_METADATA"), 1: struct.pack("<I", 1)},
            {0: Bytes(b"min_runtime_version"), 1: struct.pack("<I", 2)},
        ),
        7: List({2: Bytes(b"serving_default")}),
        8: List({0: Bytes(b"../weights.bin")}),
    }
    data = lite([code(0)], buffers=[bytes(about.data), b"1.5.0\0\0"], more=more)
    assert [(f.key, f.value) for f in facts(FORMAT, data, Metadata)][2:] == [
        ("metadata.name", "Toy"),
        ("metadata.version", "v2"),
        ("metadata.author", "me"),
        ("min_runtime_version", "1.5.0"),
        ("signature", "serving_default"),
    ]
    assert [(f.key, f.value) for f in facts(FORMAT, data, Licence)] == [("license", "MIT")]
    assert [(f.kind, f.target) for f in facts(FORMAT, data, Reference)] == [
        (Refers.EXTERNAL_DATA, "../weights.bin")
    ]
    assert flagged(data) == {"external-data-escape"}


def test_damage_is_malformed_at_most() -> None:
    options = flex_options("ReadFile", node("n", "ReadFile"))
    seed = lite(
        [code(9), *READ],
        [operator(0, 0), operator(1, 0, options=options)],
        NAME,
        [string_buffer("/etc/passwd", "b"), bytes(16)],
        {6: List({0: Bytes(b"TFLITE_METADATA"), 1: struct.pack("<I", 2)})},
    )
    damage(FORMAT, seed, times=1500)
    with pytest.raises(Malformed):
        read(FORMAT, seed[:60])


def test_what_breaks_off_is_not_clean() -> None:
    artifact = dissect(BytesSource(b"\x1c\0\0\0TFL3" + bytes(50)), ("m",), Budget(Limits()))
    assert [f.reason for f in artifact.facts if isinstance(f, Unread)] == [Reason.MALFORMED]


def test_tables_that_many_share_are_counted() -> None:
    """The file is small, what it asks for is not."""
    data = lite([code(0)], more={2: Shared({3: Shared({}, 2000)}, 20_000)})
    started = time.process_time()
    with pytest.raises(Exceeded, match="tables of a FlatBuffer"):
        read(FORMAT, data)
    assert time.process_time() - started < 20
