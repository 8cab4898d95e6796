"""Both doors are one exact source to the parser."""

from __future__ import annotations

import struct
from dataclasses import dataclass

import pytest

from aibom.scanners.isolate import Bounds, Done, Lost, Sandbox
from aibom.scanners.source import BytesSource, Malformed, Source

ALPHABET = bytes(range(65, 91)) * 10_000
TOO_MUCH = [(1 << 63, 1), (0, 1 << 30), (0, 0), (len(ALPHABET), 1), (len(ALPHABET) - 1, 2)]


@dataclass
class Failing:
    """A source that cannot be read."""

    error: Exception
    size: int = 100

    def read_at(self, start: int, length: int) -> bytes:  # noqa: ARG002 - a source's signature
        raise self.error


def run(box: Sandbox, source: Source, **job: object) -> Done | Lost:
    return box.run(job, source)


@pytest.mark.parametrize(
    ("at", "length", "expected"),
    [(0, 3, "ABC"), (26 * 2520 + 3, 10, "DEFGHIJKLM"), (259_990, 10, "QRSTUVWXYZ"), (5, 0, "")],
    ids=["start", "across blocks", "end", "nothing"],
)
def test_bytes_are_asked_of_the_host(box: Sandbox, at: int, length: int, expected: str) -> None:
    outcome = run(box, BytesSource(ALPHABET), do="read", at=at, length=length)
    assert outcome == Done(expected)


def test_a_read_larger_than_a_block_takes_several_questions(box: Sandbox) -> None:
    source = BytesSource(ALPHABET)
    assert run(box, source, do="checksum") == Done(sum(ALPHABET) & 0xFFFF)


def test_a_read_past_the_end_is_malformed(box: Sandbox) -> None:
    for at, length in [(1 << 40, 10), (259_999, 2), (-1, 1), (0, -1)]:
        outcome = run(box, BytesSource(ALPHABET), do="read", at=at, length=length)
        assert isinstance(outcome, Lost)
        assert "Malformed: read at byte" in outcome.detail


def test_a_job_without_a_source_has_an_empty_one(box: Sandbox) -> None:
    assert box.run({"do": "size"}) == Done(0)
    outcome = box.run({"do": "read"})
    assert isinstance(outcome, Lost)
    assert "Malformed" in outcome.detail


@pytest.mark.parametrize(
    "error",
    [OSError("HTTP 503"), TimeoutError("HTTP 503"), Malformed("HTTP 503", offset=7, why="cut")],
    ids=["unreachable", "slow", "malformed"],
)
def test_what_the_host_cannot_fetch_raises_alike_in_the_parser(
    box: Sandbox, error: Exception
) -> None:
    kind = "Malformed" if isinstance(error, Malformed) else "OSError"
    outcome = run(box, Failing(error), do="read")
    assert outcome == Lost("error", ascii(f"{kind}: {error}"))


def test_a_fault_of_the_hosts_source_is_the_callers(box: Sandbox) -> None:
    with pytest.raises(ZeroDivisionError):
        run(box, Failing(ZeroDivisionError()), do="read")
    assert box.run({"do": "echo"}) == Done({"do": "echo"})


@pytest.mark.parametrize("question", [b"", b"\0", *(struct.pack(">QI", *ask) for ask in TOO_MUCH)])
def test_an_unlawful_question_is_protocol(box: Sandbox, question: bytes) -> None:
    outcome = run(box, BytesSource(ALPHABET), do="ask", hex=question.hex())
    assert isinstance(outcome, Lost)
    assert outcome.why == "protocol"


def test_endless_asking_is_protocol(box: Sandbox, small: Bounds) -> None:
    question = struct.pack(">QI", 0, small.block).hex()
    outcome = run(box, BytesSource(ALPHABET), do="ask", hex=question, times=1000)
    assert outcome == Lost("protocol", f"asked for more than {small.asked} bytes")
