"""The byte code of PyTorch's mobile models: the member ``bytecode.pkl`` of a TorchScript archive.

A pickle of tuples: for each function its code, and the operators that it uses, by name and
overload. The format pickle reads it; here stand the operators that do more than compute. Source:
``torch/csrc/jit/mobile/import.cpp`` and ``function.cpp``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..facts import Operator
from ..format import Format, Match, Parsed, Subject
from ..source import Span
from . import pickle

if TYPE_CHECKING:
    from ..limits import Budget

NAME = "bytecode.pkl"
OPERATORS = (b"aten::save", b"aten::from_file", b"image::write_file", b"prim::rpc_async",
             b"prim::rpc_sync", b"prim::rpc_remote")  # fmt: skip
BESIDE = 9  # bytes before a text at most: an opcode and a length
# Opcodes of texts, and the bytes of their length; torch reads some of them, and Python all.
COUNTED = ((b"\x8c", 1), (b"U", 1), (b"X", 4), (b"T", 4), (b"\x8d", 8))


def recognise(subject: Subject) -> Match:
    """Tell it by its name, which PyTorch's reader asks for, and as a pickle."""
    return pickle.recognise(subject) if subject.name.lower() == NAME else Match.NO


def parse(subject: Subject, budget: Budget) -> Parsed:
    """Yield each operator that writes files or calls other machines, where it first stands.

    Raises:
        Exceeded: It is longer than the limits allow for a document.
    """
    source = subject.source
    budget.document(source.size)
    data = source.read_at(0, source.size)
    for operator in OPERATORS:
        at = _text(data, operator)
        if at >= 0:
            domain, _, name = operator.decode().partition("::")
            yield Operator(at=Span(at, len(operator)), domain=domain, name=name)


def _text(data: bytes, operator: bytes) -> int:
    """Return where a pickle has `operator` as a whole text; -1 if nowhere."""
    length = len(operator)
    starts = tuple(opcode + length.to_bytes(width, "little") for opcode, width in COUNTED)
    at = data.find(operator)
    while at >= 0 and not data[max(0, at - BESIDE) : at].endswith(starts):
        at = data.find(operator, at + 1)
    return at


FORMAT = Format(
    id="torch-bytecode",
    title="PyTorch byte code",
    media_type="application/x-pytorch",
    spec="https://github.com/pytorch/pytorch/blob/main/torch/csrc/jit/mobile/import.cpp",
    suffixes=(),
    recognise=recognise,
    parse=parse,
    refines=("pickle",),
)
