"""PyTorch checkpoints since 1.6."""

from __future__ import annotations

import io
import random
import zipfile

import pytest

from aibom.scanners.dissect import dissect
from aibom.scanners.facts import Conflict, Fact, Import, Metadata, Unread
from aibom.scanners.format import Match
from aibom.scanners.formats.torch_zip import FORMAT
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
    assert found == []


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
