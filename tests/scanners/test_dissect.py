"""A source into an artifact: limits, names, several formats at once, what breaks."""

from __future__ import annotations

import gzip
import io
import zipfile

import pytest

from aibom.scanners.artifact import Artifact
from aibom.scanners.dissect import dissect
from aibom.scanners.facts import Call, Conflict, Import, Reason, Reference, Unread
from aibom.scanners.limits import Budget, Limits
from aibom.scanners.source import BytesSource
from fixtures import onnx
from fixtures.safetensors import honest

ATTACK = b"cos\nsystem\n(S'id'\ntR."
LIMITS = Limits()


class Failing:
    """A source whose bytes cannot be fetched."""

    size = 100

    def read_at(self, start: int, length: int) -> bytes:
        raise OSError(f"no bytes at {start} + {length}")


def dissected(data: bytes, name: str = "file", limits: Limits = LIMITS) -> Artifact:
    return dissect(BytesSource(data), (name,), Budget(limits))


def zipped(members: dict[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as opened:
        for name, content in members.items():
            opened.writestr(name, content)
    return out.getvalue()


def unread(artifact: Artifact) -> list[Reason]:
    facts = (fact for each in artifact.walk() for fact in each.facts)
    return [fact.reason for fact in facts if isinstance(fact, Unread)]


def conflicts(artifact: Artifact) -> list[tuple[str, str]]:
    return [(f.kind, f.detail) for f in artifact.facts if isinstance(f, Conflict)]


def test_bytes_of_no_format_are_listed_and_nothing_more() -> None:
    assert dissected(b"just text") == Artifact(("file",), 9)


def test_parts_without_a_format_are_counted() -> None:
    found = dissected(zipped({"a.txt": b"text", "m.pkl": ATTACK, "b.txt": b"more"}))
    assert [part.path for part in found.parts] == [("file", "m.pkl")]
    assert found.plain_parts == 2


def test_bytes_that_cannot_be_fetched_are_unread() -> None:
    found = dissect(Failing(), ("file",), Budget(Limits()))
    assert unread(found) == [Reason.DENIED]


def test_a_name_that_content_breaks_is_unread_not_mismatched() -> None:
    assert unread(dissected(b"text", "model.safetensors")) == [Reason.MALFORMED]
    assert unread(dissected(b"", "model.pkl")) == [Reason.MALFORMED]


def test_a_name_that_promises_something_else_is_a_conflict() -> None:
    (kind, detail), *rest = conflicts(dissected(ATTACK, "model.safetensors"))
    assert (kind, detail) == ("name", "the name promises safetensors, the content is pickle")
    assert rest == []


def test_a_name_may_promise_the_general_form() -> None:
    data = zipped({"m/data.pkl": b"\x80\x02N."})
    assert conflicts(dissected(data, "model.zip")) == []


def test_a_stream_may_keep_the_name_of_its_content() -> None:
    assert conflicts(dissected(gzip.compress(ATTACK), "model.pkl")) == []


def test_two_formats_at_once_are_a_conflict() -> None:
    found = dissected(ATTACK + zipped({"a": b""}))
    assert set(found.formats) == {"pickle", "zip"}
    assert ("polyglot", "the same bytes are zip archive and pickle") in conflicts(found)


def test_a_match_that_was_merely_possible_is_dropped_when_it_breaks() -> None:
    """`c` and two lines could be the first opcode of a pickle; the rest is none."""
    assert dissected(b"(dp0\nthis is no pickle").formats == ()


def test_effects_before_a_break_stand() -> None:
    found = dissected(ATTACK[:-1] + b"\xff\xff")
    assert found.formats == ("pickle",)
    assert [type(f) for f in found.facts] == [Import, Call, Unread]


def test_a_file_that_was_named_before_a_break_stands() -> None:
    data = onnx.model(onnx.graph([], [onnx.external("w", "/etc/passwd"), onnx.tensor("v", [-1])]))
    found = dissected(data)
    assert found.formats == ("onnx",)
    assert [f.target for f in found.facts if isinstance(f, Reference)] == ["/etc/passwd"]
    assert unread(found) == [Reason.MALFORMED]


def test_a_loader_reads_a_part_as_what_it_takes_it_for() -> None:
    found = dissect(BytesSource(b"no pickle"), ("file",), Budget(Limits()), ("pickle",))
    assert found.formats == ("pickle",)
    assert unread(found) == [Reason.MALFORMED]


def test_raw_numbers_are_no_format_unless_they_say_so() -> None:
    budget = Budget(Limits())
    assert dissect(BytesSource(ATTACK), ("file",), budget, is_raw=True).formats == ()
    signed = BytesSource(b"\x80\x02" + ATTACK)
    assert dissect(signed, ("file",), budget, is_raw=True).formats == ("pickle",)


@pytest.mark.parametrize(
    "limits", [Limits(members=2), Limits(facts=1), Limits(seconds=-1), Limits(total_bytes=3)],
    ids=["members", "facts", "seconds", "bytes"],
)  # fmt: skip
def test_a_limit_that_is_reached_is_told(limits: Limits) -> None:
    found = dissected(zipped({f"{n}.pkl": ATTACK for n in range(9)}), limits=limits)
    assert Reason.LIMIT in unread(found)
    assert not found.is_complete


def test_nesting_ends_at_the_limit_and_the_rest_is_read() -> None:
    data = ATTACK
    for _ in range(3):
        data = zipped({"inner.zip": data, "m.pkl": ATTACK})
    found = dissected(data, limits=Limits(depth=1))
    assert unread(found) == [Reason.LIMIT, Reason.LIMIT]
    assert found.parts[-1].formats == ("pickle",)


def test_long_and_broken_names_are_made_fit() -> None:
    found = dissected(zipped({"n" * 3000 + ".pkl": ATTACK}))
    assert len(found.parts[0].path[-1]) < 600


def test_a_place_that_hostile_offsets_give_lies_inside_the_artifact() -> None:
    data = bytearray(zipped({"a": b""}))
    central = data.index(b"PK\x01\x02")
    data[central + 42 : central + 46] = b"\xf0\xff\xff\xff"  # the offset of its local header
    found = dissected(bytes(data))
    assert found.facts
    assert all(0 <= fact.at.start <= fact.at.end <= len(data) for fact in found.facts)


def test_facts_of_a_model_stand_in_its_artifact() -> None:
    found = dissected(honest(), "m.safetensors")
    assert found.formats == ("safetensors",)
    assert found.is_complete
