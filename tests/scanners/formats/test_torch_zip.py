"""PyTorch checkpoints since 1.6."""

from __future__ import annotations

import io
import random
import stat
import zipfile

import pytest

from aibom.scanners.dissect import dissect
from aibom.scanners.facts import (
    Conflict,
    Fact,
    Import,
    Kind,
    Member,
    Metadata,
    Reason,
    Storages,
    Unread,
)
from aibom.scanners.format import Match
from aibom.scanners.formats.torch_zip import FORMAT
from aibom.scanners.formats.zip import FORMAT as ZIP
from aibom.scanners.limits import Budget, Limits
from aibom.scanners.source import BytesSource
from tests.helpers.reading import damage, facts, recognised

ATTACK = b"cos\nsystem\n(S'id'\ntR."


def checkpoint(members: dict[str, bytes], root: str = "archive/") -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as opened:
        for name, content in members.items():
            opened.writestr(root + name, content)
    return out.getvalue()


def every_fact(data: bytes, name: str = "model.pt") -> list[Fact]:
    artifact = dissect(BytesSource(data), (name,), Budget(Limits()))
    return [fact for each in artifact.walk() for fact in each.facts]


def told(data: bytes) -> dict[str, str]:
    return {fact.key: fact.value for fact in facts(FORMAT, data, Metadata)}


@pytest.mark.parametrize("root", ["archive/", "", "a/b/"], ids=["folder", "top", "deep"])
def test_tells_version_order_and_id(root: str) -> None:
    data = checkpoint(
        {
            "data.pkl": b"\x80\x02N.",
            "version": b"3\n",
            "byteorder": b"little",
            ".data/serialization_id": b"123",
        },
        root,
    )
    assert recognised(FORMAT, data) is Match.CERTAIN
    assert told(data) == {"version": "3", "byteorder": "little", "serialization_id": "123"}


@pytest.mark.parametrize("member", ["constants.pkl", "code/__torch__.py", "bytecode.pkl"])
def test_tells_torchscript(member: str) -> None:
    assert told(checkpoint({"data.pkl": b"N.", member: b"N."})) == {"torchscript": "yes"}


def test_other_archives_are_none() -> None:
    assert recognised(FORMAT, checkpoint({"config.json": b"{}"})) is Match.NO
    assert recognised(FORMAT, ATTACK) is Match.NO


def test_its_pickles_are_read_as_such_whatever_they_look_like() -> None:
    found = every_fact(checkpoint({"data.pkl": b"\x80\x02N.", "bytecode.pkl": b"no pickle"}))
    assert [f.detail for f in found if isinstance(f, Unread)]


def test_an_attack_in_any_pickle_is_seen() -> None:
    found = every_fact(checkpoint({"data.pkl": b"\x80\x02N.", "constants.PKL": ATTACK}))
    assert [f.dotted for f in found if isinstance(f, Import)] == ["os.system"]


def test_storages_of_noise_say_nothing() -> None:
    dice = random.Random(1)
    storages = {f"data/{number}": dice.randbytes(64) for number in range(5000)}
    found = every_fact(checkpoint({"data.pkl": b"\x80\x02N.", **storages}))
    assert [(type(each), len(each.keys)) for each in found if isinstance(each, Storages)] == [
        (Storages, 5000)
    ]
    assert len(found) == 1


def test_says_where_the_numbers_of_each_storage_lie() -> None:
    members = {
        "data.pkl": b"\x80\x02N.",
        "data/0": b"one.",
        "data/1": b"\x80\x02three",
        "data/x": b"",
    }
    data = checkpoint({**members, "constants/0": b"four4"})
    found = {each.folder: each for each in facts(ZIP, data, Storages)}
    assert {
        folder + key: data[start : start + length]
        for folder, each in found.items()
        for key, start, length in zip(each.keys, each.starts, each.lengths, strict=True)
    } == {
        "archive/data/0": b"one.",
        "archive/data/1": b"\x80\x02three",
        "archive/constants/0": b"four4",
    }


def test_compressed_storages_lie_nowhere() -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as opened:
        opened.writestr("a/data.pkl", b"\x80\x02N.")
        opened.writestr("a/data/0", bytes(100))
        opened.writestr(f"a/data/{'1' * 21}", b"", zipfile.ZIP_STORED)
    assert facts(ZIP, out.getvalue(), Storages) == []


def test_a_storage_with_a_signature_is_read() -> None:
    attack = b"\x80\x02" + ATTACK
    found = every_fact(checkpoint({"data.pkl": b"\x80\x02N.", "data/0": attack}))
    assert [f.dotted for f in found if isinstance(f, Import)] == ["os.system"]


def test_a_checkpoint_is_no_polyglot_and_keeps_its_names_promise() -> None:
    data = checkpoint({"data.pkl": b"\x80\x02N."})
    for name in ("model.pt", "model.zip", "pytorch_model.bin"):
        assert not [f for f in every_fact(data, name) if isinstance(f, Conflict)]


def test_damage_is_refused_as_it_should_be() -> None:
    damage(FORMAT, checkpoint({"data.pkl": b"N.", "version": b"3", "code/a.py": b""}))


def test_plain_storages_are_counted_and_their_number_is_bounded() -> None:
    storages = {f"data/{number}": bytes(64) for number in range(10)}
    data = checkpoint({"data.pkl": b"\x80\x02N.", **storages})
    assert dissect(BytesSource(data), ("model.pt",), Budget(Limits())).plain_parts == 10
    bounded = dissect(BytesSource(data), ("model.pt",), Budget(Limits(members=5)))
    assert [fact.reason for fact in bounded.facts if isinstance(fact, Unread)] == [Reason.LIMIT]


def linked(name: str, mode: int) -> bytes:
    """Return a checkpoint with one member that claims to be of another kind."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as opened:
        opened.writestr("archive/data.pkl", b"\x80\x02N.")
        entry = zipfile.ZipInfo(name)
        entry.external_attr = mode << 16
        opened.writestr(entry, b"../../target")
    return out.getvalue()


@pytest.mark.parametrize(
    ("data", "kind"),
    [
        (linked("archive/data/0", stat.S_IFLNK), Kind.SYMLINK),
        (linked("archive/data/0", stat.S_IFIFO), Kind.OTHER),
        (checkpoint({"data.pkl": b"\x80\x02N.", "data/0": bytes(9)}, "../"), Kind.FILE),
    ],
    ids=["link", "pipe", "name that climbs"],
)
def test_an_odd_member_is_told_though_it_lies_among_the_storages(data: bytes, kind: Kind) -> None:
    found = [fact for fact in every_fact(data) if isinstance(fact, Member)]
    assert kind in {fact.kind for fact in found if fact.name.endswith("data/0")}


def test_a_storage_whose_headers_disagree_is_told() -> None:
    data = checkpoint({"data.pkl": b"\x80\x02N.", "data/0": bytes(64)})
    data = data.replace(b"archive/data/0", b"archive/data/9", 1)  # in its local header
    found = [fact.detail for fact in every_fact(data) if isinstance(fact, Conflict)]
    assert found == ["'archive/data/0': its local header calls it 'archive/data/9'"]
