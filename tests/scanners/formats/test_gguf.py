"""GGUF, held against the `gguf` package."""

from __future__ import annotations

import struct
import time
from typing import TYPE_CHECKING, Any

import gguf as reference
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from aibom.scanners.facts import (
    Conflict,
    Dataset,
    Licence,
    Metadata,
    Overlap,
    Reason,
    Reference,
    Refers,
    Role,
    Tensor,
    Unclaimed,
    Unread,
)
from aibom.scanners.format import Match, Part
from aibom.scanners.formats import gguf_values
from aibom.scanners.formats.gguf import FORMAT
from aibom.scanners.gguf_types import TYPES
from aibom.scanners.limits import Exceeded, Limits
from aibom.scanners.source import Malformed, Span
from fixtures import gguf as fixtures
from fixtures.gguf import ARRAY, BOOL, F32, I8, STRING, U8, U32, U64, Writer
from tests.helpers.reading import damage, facts, read, recognised

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

build = fixtures.gguf
T = fixtures.Tensor
VERSION = Metadata(at=Span(4, 4), key="GGUF version", value="3")


def metadata(data: bytes) -> dict[str, str]:
    return {fact.key: fact.value for fact in facts(FORMAT, data, Metadata)}


def test_reads_metadata_licence_origin_template_and_tensors() -> None:
    data = fixtures.honest()
    tokens = ", ".join(f"'token {n}'" for n in range(20))
    found = read(FORMAT, data)
    (part,) = [item for item in found if isinstance(item, Part)]
    assert recognised(FORMAT, data) is Match.CERTAIN
    assert [item for item in found if item is not part] == [
        VERSION,
        Metadata(at=Span(64, 5), key="general.architecture", value="llama"),
        Metadata(at=Span(104, 10), key="general.license", value="apache-2.0"),
        Licence(at=Span(104, 10), key="general.license", value="apache-2.0"),
        Metadata(
            at=Span(163, 31),
            key="general.base_model.0.repo_url",
            value="https://huggingface.co/org/base",
        ),
        Reference(
            at=Span(163, 31),
            kind=Refers.BASE_MODEL,
            key="general.base_model.0.repo_url",
            target="https://huggingface.co/org/base",
        ),
        Metadata(at=Span(236, 9), key="general.dataset.0.name", value="a dataset"),
        Reference(
            at=Span(236, 9), kind=Refers.DATASET, key="general.dataset.0.name", target="a dataset"
        ),
        Metadata(at=Span(278, 322), key="tokenizer.ggml.tokens", value=f"20 strings: {tokens}"),
        Metadata(
            at=Span(643, 28), key="tokenizer.chat_template", value="{{ messages[0]['content'] }}"
        ),
        Dataset(
            at=Span(236, 9), key="general.dataset.0.name", name="a dataset", role=Role.TRAINING
        ),
        Tensor(at=Span(768, 36), name="blk.0.w", dtype="Q4_0", shape=(2, 32)),
        Tensor(at=Span(832, 12), name="norm", dtype="F32", shape=(3,)),
    ]
    assert (part.name, part.formats) == ("tokenizer.chat_template", ("jinja",))
    assert part.source.read_at(0, part.source.size) == b"{{ messages[0]['content'] }}"


@pytest.mark.parametrize(
    ("key", "kind", "value", "texts"),
    [
        ("tokenizer.chat_template.tool_use", STRING, "{{ a }}", [b"{{ a }}"]),
        ("tokenizer.chat_template", ARRAY, (STRING, ["{{ a }}", "b"]), [b"{{ a }}", b"b"]),
        ("tokenizer.chat_templates", ARRAY, (STRING, ["tool_use", "{{ b }}"]), [b"{{ b }}"]),
        ("tokenizer.chat_template", U32, 3, []),
        ("other.chat_template", STRING, "{{ a }}", []),
    ],
    ids=["named", "several", "names of templates", "a number", "another key"],
)
def test_gives_every_template_as_a_part(
    key: str, kind: int, value: object, texts: list[bytes]
) -> None:
    parts = [item for item in read(FORMAT, build([(key, kind, value)])) if isinstance(item, Part)]
    assert [part.source.read_at(0, part.source.size) for part in parts] == texts


@pytest.mark.parametrize("order", "<>")
@pytest.mark.parametrize("version", [1, 2, 3])
def test_reads_every_version_and_byte_order(version: int, order: str) -> None:
    pairs: list[tuple[str, int, Any]] = [
        ("number", U32, 7),
        ("flag", BOOL, 1),
        ("pair", ARRAY, (I8, [-1, 2])),
        ("many", ARRAY, (F32, [0.5] * 100)),
        ("words", ARRAY, (STRING, ["a", "b"])),
        ("none", ARRAY, (U64, [])),
        ("nested", ARRAY, (ARRAY, [(U8, [1]), (STRING, ["x"])])),
    ]
    data = build(pairs, [T("w", (3, 2), 0, 0)], bytes(24), writer=Writer(version, order))
    assert metadata(data) == {
        "GGUF version": f"{version}, big-endian" if order == ">" else str(version),
        "number": "7",
        "flag": "true",
        "pair": "2 int8: -1, 2",
        "many": "100 float32",
        "words": "2 strings: 'a', 'b'",
        "none": "0 uint64",
        "nested": "2 arrays",
    }
    start = len(data) - 24
    assert facts(FORMAT, data, Tensor) == [
        Tensor(at=Span(start, 24), name="w", dtype="F32", shape=(2, 3), is_plain=order == "<")
    ]


def test_keeps_the_start_of_a_long_text() -> None:
    value = metadata(build([("long", STRING, "é" * 20_000)]))["long"]
    assert value.startswith("é" * 4096 + "… (4096 more characters)")
    assert value.endswith(f"… ({40_000 - gguf_values.KEPT} more bytes)")


def test_escapes_what_is_no_text() -> None:
    raw = Writer().head(0, 1) + Writer().text(b"k\xff") + struct.pack("<I", STRING)
    assert metadata(raw + Writer().text(b"\xc3(")) == {"GGUF version": "3", r"k\xff": r"\xc3("}


def test_reports_names_that_stand_twice() -> None:
    pairs = [("general.name", STRING, "a"), ("general.name", STRING, "b")]
    data = build(pairs, [T("w", (2,), 0, 0), T("w", (2,), 0, 32)], bytes(40))
    assert [fact.detail for fact in facts(FORMAT, data, Conflict)] == [
        "the key 'general.name' stands twice",
        "the tensor 'w' stands twice",
    ]


def test_reports_tensors_that_overlap() -> None:
    (overlap,) = facts(FORMAT, fixtures.overlapping(), Overlap)
    assert overlap == Overlap(at=Span(160, 32), first="first", second="second")


@pytest.mark.parametrize(
    ("alignment", "fill", "data", "unclaimed"),
    [
        (32, b"\0", bytes(8), []),
        (32, b"\0", bytes(8) + b"payload", []),
        (32, b"\0", bytes(8) + b"p" * 32, [Span(128, 8)]),
        (1024, b"\0", bytes(8), []),
        (1024, b"p", bytes(8), [Span(90, 934)]),
    ],
    ids=["none", "in the padding", "behind it", "wide padding", "a payload in wide padding"],
)
def test_reports_bytes_no_tensor_claims(
    alignment: int,
    fill: bytes,
    data: bytes,
    unclaimed: list[Span],
) -> None:
    pairs = [("general.alignment", U32, alignment)]
    raw = build(pairs, [T("w", (2,), 0, 0)], alignment=1)
    raw += fill * (-len(raw) % alignment) + data
    assert [fact.at for fact in facts(FORMAT, raw, Unclaimed)] == unclaimed


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (Writer().head(0, 1 << 61) + bytes(64), "number of keys"),
        (Writer().head(1 << 61, 0) + bytes(64), "number of tensors"),
        (Writer().head(0, 1) + struct.pack("<Q", 1 << 60) + bytes(64), "the format allows 65535"),
        (
            Writer().head(0, 1) + Writer().text("k") + struct.pack("<IQ", STRING, 1 << 60),
            "1152921504606846976 bytes, 0 are left",
        ),
        (
            Writer().head(0, 1) + Writer().text("k") + struct.pack("<IIQ", ARRAY, U8, 1 << 60),
            "array of 1152921504606846976 uint8",
        ),
        (Writer().head(0, 1) + Writer().text("k") + struct.pack("<II", 13, 0), "type 13"),
        (
            Writer().head(0, 1) + Writer().text("k") + struct.pack("<IIQ", ARRAY, 13, 0),
            "type 13",
        ),
        (
            Writer().head(0, 1) + Writer().text("k") + struct.pack("<IIQ", ARRAY, STRING, 65)
            + struct.pack("<Q", 514) + bytes(512),
            "array of strings",
        ),
        (
            Writer().head(0, 1) + Writer().text("k") + struct.pack("<IIQ", ARRAY, STRING, 65)
            + struct.pack("<Q", 509) + bytes(512),
            "the file ends inside it",
        ),
        (build([("general.alignment", U32, 12)]), "12 is not a power of two"),
        (build([("general.alignment", STRING, "32")]), "32 is not a power of two"),
        (build([], [T("w", (1,) * 5, 0, 0)], bytes(4)), "5 axes, the format allows 4"),
        (build([], [T("w", (1,), 0, 7)], bytes(32)), "offset 7 is no multiple"),
        (build([], [T("w", (9,), 0, 0)], bytes(32)), "36 bytes from 64, the file has 96"),
        (build([], [T("w", (1 << 32, 1 << 32), 0, 0)]), "more than 9223372036854775807 elements"),
        (build([], [T("w", (31,), 2, 0)], bytes(32)), "Q4_0 packs 32 together"),
    ],
)  # fmt: skip
def test_refuses_what_no_reader_could_follow(data: bytes, why: str) -> None:
    begun = time.process_time()
    with pytest.raises(Malformed, match=why):
        read(FORMAT, data)
    assert time.process_time() - begun < 20


def test_refuses_arrays_nested_without_end() -> None:
    value: tuple[int, list[Any]] = (U8, [])
    for _ in range(20):
        value = (ARRAY, [value])
    with pytest.raises(Exceeded, match="arrays inside arrays"):
        read(FORMAT, build([("deep", ARRAY, value)]))


def test_stops_at_the_limit_of_time() -> None:
    data = build([("deep", ARRAY, (ARRAY, [(U8, [])] * 10))])
    with pytest.raises(Exceeded, match="seconds"):
        read(FORMAT, data, limits=Limits(seconds=-1))


def test_steps_over_a_long_array_in_blocks() -> None:
    words = ["w" * 100] * 60_000
    data = build([("words", ARRAY, (STRING, words)), ("after", U8, 1)])
    assert metadata(data)["after"] == "1"


@pytest.mark.parametrize("version", [0, 4, 99])
def test_says_so_of_a_version_it_does_not_know(version: int) -> None:
    data = b"GGUF" + struct.pack("<I", version) + bytes(16)
    detail = f"GGUF version {version}; known are 1 to 3"
    assert read(FORMAT, data) == [Unread(at=Span(4, 4), reason=Reason.UNSUPPORTED, detail=detail)]


def test_says_so_of_a_type_it_does_not_know() -> None:
    data = build([], [T("new", (32,), 99, 0), T("old", (1,), 0, 32)], bytes(64))
    assert facts(FORMAT, data, Tensor) == [
        Tensor(at=Span(96, 0), name="new", dtype="type 99", shape=(32,)),
        Tensor(at=Span(128, 4), name="old", dtype="F32", shape=(1,)),
    ]
    detail = "1 tensors are of types that are not known: 99"
    assert facts(FORMAT, data, Unread) == [
        Unread(at=Span(24, 0), reason=Reason.UNSUPPORTED, detail=detail)
    ]


def test_takes_no_endless_zeros_for_padding() -> None:
    raw = build([("general.alignment", U64, 1 << 62)], alignment=1)
    assert facts(FORMAT, raw + bytes(2 << 20), Unclaimed) == [Unclaimed(at=Span(len(raw), 2 << 20))]


def test_a_scalar_has_no_axes() -> None:
    data = build([], [T("one", (), 0, 0)], bytes(4))
    assert [(t.shape, t.at.length) for t in facts(FORMAT, data, Tensor)] == [((), 4)]


def test_refuses_every_shorter_file() -> None:
    whole = fixtures.honest()
    for length in range(len(whole)):
        with pytest.raises(Malformed):
            read(FORMAT, whole[:length])


def test_survives_damage() -> None:
    damage(FORMAT, fixtures.honest(), name="m.gguf", times=2000)


# --- Against the reference reader and writer ------------------------------------------------------


def test_agrees_on_what_the_reference_wrote(tmp_path: Path) -> None:
    path = tmp_path / "model.gguf"
    writer = reference.GGUFWriter(path, "llama")
    writer.add_name("a model")
    writer.add_license("mit")
    writer.add_base_model_count(1)
    writer.add_base_model_repo_url(0, "https://example.com/base")
    writer.add_token_list([f"<{n}>" for n in range(300)])
    writer.add_token_scores([0.5] * 300)
    writer.add_chat_template([{"name": "default", "template": "{{ a }}"},
                              {"name": "tool_use", "template": "{{ b }}"}])  # fmt: skip
    writer.add_tensor("scalar", np.array([1.5], np.float32))
    writer.add_tensor("half", np.ones((3, 5), np.float16))
    writer.add_tensor("long", np.ones((2, 2, 2), np.int64))
    quantised = reference.quantize(
        np.ones((4, 64), np.float32), reference.GGMLQuantizationType.Q8_0
    )
    kind = reference.GGMLQuantizationType.Q8_0
    writer.add_tensor("packed", quantised, raw_dtype=kind)
    bf16 = reference.quantize(np.ones((2, 8), np.float32), reference.GGMLQuantizationType.BF16)
    writer.add_tensor("brain", bf16, raw_dtype=reference.GGMLQuantizationType.BF16)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    data = path.read_bytes()
    theirs = reference.GGUFReader(path)
    assert facts(FORMAT, data, Tensor) == [
        Tensor(
            at=Span(int(t.data_offset), int(t.n_bytes)),
            name=t.name,
            dtype=t.tensor_type.name,
            shape=tuple(int(size) for size in reversed(t.shape)),
        )
        for t in theirs.tensors
    ]
    own = metadata(data)
    keys = {key for key in theirs.fields if not key.startswith("GGUF.")}
    assert own.keys() == keys | {"GGUF version"}
    assert own["tokenizer.ggml.tokens"] == "300 strings"
    assert own["general.license"] == theirs.fields["general.license"].contents()
    parts = [item.name for item in read(FORMAT, data) if isinstance(item, Part)]
    assert parts == ["tokenizer.chat_template.tool_use", "tokenizer.chat_template"]
    assert facts(FORMAT, data, Unclaimed) == []


def test_knows_the_size_of_every_type_of_the_reference() -> None:
    for kind, (elements, length) in reference.GGML_QUANT_SIZES.items():
        block = TYPES[int(kind)]
        assert (block.name, block.elements, block.length) == (kind.name, elements, length)


@given(
    st.lists(
        st.one_of(
            st.tuples(st.just(STRING), st.text(st.characters(exclude_categories=["Cs"]))),
            st.tuples(st.just(U64), st.integers(0, (1 << 64) - 1)),
            st.tuples(st.just(ARRAY), st.tuples(st.just(U8), st.lists(st.integers(0, 255)))),
            st.tuples(
                st.just(ARRAY),
                st.tuples(st.just(STRING), st.lists(st.text(alphabet="ab"), max_size=40)),
            ),
        ),
        max_size=6,
    ),
    st.lists(st.lists(st.integers(0, 5), max_size=4), max_size=4),
)
def test_reads_back_what_was_built(
    values: Sequence[tuple[int, Any]], shapes: list[list[int]]
) -> None:
    pairs = [(f"key.{n}", kind, value) for n, (kind, value) in enumerate(values)]
    tensors: list[fixtures.Tensor] = []
    end = 0
    for number, dims in enumerate(shapes):
        tensors.append(T(f"t{number}", tuple(dims), 0, end))
        end += -(-4 * int(np.prod(dims, dtype=int)) // 32) * 32
    data = build(pairs, tensors, bytes(end))
    found = read(FORMAT, data)
    assert [f.key for f in found if isinstance(f, Metadata)][1:] == [key for key, _, _ in pairs]
    assert [f.shape for f in found if isinstance(f, Tensor)] == [
        tuple(reversed(dims)) for dims in shapes
    ]
    assert not any(isinstance(f, Overlap | Unclaimed | Conflict | Unread) for f in found)


def test_counts_tensors_against_the_limit_while_it_reads_them() -> None:
    data = build([], [T(str(n), (), 0, 32 * n) for n in range(20)], bytes(640))
    with pytest.raises(Exceeded, match="facts"):
        read(FORMAT, data, limits=Limits(facts=10))
