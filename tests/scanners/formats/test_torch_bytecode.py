"""Operators of PyTorch's mobile byte code that do more than compute."""

from __future__ import annotations

import pickle

import pytest

from aibom.scanners.facts import Operator
from aibom.scanners.format import Match
from aibom.scanners.formats.torch_bytecode import FORMAT, NAME
from tests.helpers.reading import facts, recognised


def code(*operators: str, protocol: int = 2) -> bytes:
    """Return byte code of one function that uses these operators."""
    used = tuple(tuple(each.split()) for each in operators)
    return pickle.dumps((5, ("f", (("instructions", ()), ("operators", used)))), protocol)


@pytest.mark.parametrize("protocol", [2, 4])
def test_names_what_writes_files_or_calls_others(protocol: int) -> None:
    data = code("aten::save x", "aten::add Tensor", "prim::rpc_sync x", protocol=protocol)
    assert [(each.domain, each.name) for each in facts(FORMAT, data, Operator, NAME)] == [
        ("aten", "save"),
        ("prim", "rpc_sync"),
    ]


@pytest.mark.parametrize("head", [b"\x8c\x0a", b"U\x0a", b"X\x0a\0\0\0", b"T\x0a\0\0\0",
                                  b"\x8d\x0a\0\0\0\0\0\0\0"])  # fmt: skip
def test_every_opcode_of_a_text_names_an_operator(head: bytes) -> None:
    data = b"\x80\2" + head + b"aten::save."
    assert [each.name for each in facts(FORMAT, data, Operator, NAME)] == ["save"]


def test_a_name_that_only_contains_one_is_another() -> None:
    assert facts(FORMAT, code("my_aten::save x", "aten::saved x"), Operator, NAME) == []


def test_only_the_name_tells_byte_code() -> None:
    assert recognised(FORMAT, code(), NAME) is Match.CERTAIN
    assert recognised(FORMAT, code(), "data.pkl") is Match.NO
    assert recognised(FORMAT, b"text", NAME) is Match.NO
