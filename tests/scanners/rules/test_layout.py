"""What the rules about layout and external data say of whole files."""

from __future__ import annotations

import pytest

from aibom.scanners import kits
from aibom.scanners.artifact import Target
from aibom.scanners.dissect import dissect
from aibom.scanners.judge import judge
from aibom.scanners.limits import Budget, Limits
from aibom.scanners.source import BytesSource
from fixtures import gguf, onnx, safetensors

kits.load_all()
RULES = {
    *("unclaimed-bytes", "overlapping-tensors", "duplicate-keys", "impossible-size"),
    "external-data-escape",
}
MANY = 1 << 62
NPY = (
    b"\x93NUMPY\x01\x00\x76\x00"
    + f"{{'descr': '<f8', 'fortran_order': False, 'shape': ({MANY},)}}".ljust(117).encode()
    + b"\n"
)


def findings(name: str, data: bytes) -> list[tuple[str, str]]:
    artifact = dissect(BytesSource(data), (name,), Budget(Limits()))
    found = judge(Target((artifact,)))
    return [(each.rule, each.message) for each in found if each.rule in RULES]


@pytest.mark.parametrize(
    ("name", "data", "expected"),
    [
        (
            "m.safetensors",
            safetensors.trailing(b"#!/bin/sh\n" * 7),
            ("unclaimed-bytes", "70 bytes belong to nothing that the format describes"),
        ),
        (
            "m.safetensors",
            safetensors.gapped(b"P" * 65),
            ("unclaimed-bytes", "65 bytes belong to nothing that the format describes"),
        ),
        (
            "m.safetensors",
            safetensors.overlapping(),
            ("overlapping-tensors", "4 bytes belong to both 'first' and 'second'"),
        ),
        (
            "m.safetensors",
            safetensors.duplicated(),
            ("duplicate-keys", "the header holds the key 'weight' twice"),
        ),
        (
            "m.gguf",
            gguf.overlapping(),
            ("overlapping-tensors", "32 bytes belong to both 'first' and 'second'"),
        ),
        (
            "m.gguf",
            gguf.gguf([("a", gguf.U8, 1), ("a", gguf.U8, 2)]),
            ("duplicate-keys", "the key 'a' stands twice"),
        ),
        (
            "m.onnx",
            onnx.escaping(),
            (
                "external-data-escape",
                (
                    "the values of tensor 'weight' are taken from '../../../etc/passwd',"
                    " which leads out of the model's folder"
                ),
            ),
        ),
        (
            "m.onnx",
            onnx.escaping("*/_ORT_MEM_ADDR_/*"),
            (
                "external-data-escape",
                (
                    "the values of tensor 'weight' are taken from '*/_ORT_MEM_ADDR_/*',"
                    " which some loaders take for an address in memory"
                ),
            ),
        ),
    ],
    ids=[
        "trailing",
        "gap",
        "overlap",
        "twice",
        "overlap in GGUF",
        "twice in GGUF",
        "escape",
        "address",
    ],
)
def test_names_the_evidence(name: str, data: bytes, expected: tuple[str, str]) -> None:
    assert findings(name, data) == [expected]


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("m.safetensors", safetensors.honest()),
        ("m.gguf", gguf.honest("a template of words")),
        ("m.onnx", onnx.honest()),
        ("m.onnx", onnx.escaping("weights.bin")),
    ],
    ids=["safetensors", "GGUF", "ONNX", "data beside the model"],
)
def test_says_nothing_of_honest_files(name: str, data: bytes) -> None:
    assert findings(name, data) == []


def test_finds_an_escape_wherever_a_tensor_can_stand() -> None:
    found = findings("m.onnx", onnx.escaping_everywhere())
    assert len(found) == 14
    assert {rule for rule, _ in found} == {"external-data-escape"}


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("m.gguf", gguf.countless()),
        ("m.gguf", gguf.gguf(tensors=[gguf.Tensor("w", (MANY, 4), 0, 0)])),
        ("m.safetensors", (1 << 40).to_bytes(8, "little") + b'{"a": 1}'),
        (
            "m.safetensors",
            safetensors.safetensors({"w": safetensors.entry(0, 4, shape=(MANY,))}, bytes(4)),
        ),
        ("m.npy", NPY),
    ],
    ids=["count of keys", "shape in GGUF", "header", "shape in safetensors", "shape in npy"],
)
def test_a_size_that_no_file_can_have_is_an_attack(name: str, data: bytes) -> None:
    assert [rule for rule, _ in findings(name, data)] == ["impossible-size"]


@pytest.mark.parametrize(
    ("name", "data"),
    [("m.gguf", gguf.honest("x")), ("m.safetensors", safetensors.honest())],
    ids=["GGUF", "safetensors"],
)
def test_a_file_that_was_cut_short_is_no_attack(name: str, data: bytes) -> None:
    assert [findings(name, data[:length]) for length in range(len(data))] == [[]] * len(data)
