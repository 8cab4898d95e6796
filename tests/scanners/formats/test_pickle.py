"""Recognition of pickles, and what comes after the first one."""

from __future__ import annotations

import io
import json
import pickle
import random
import zipfile

import pytest

from aibom.scanners.dissect import dissect
from aibom.scanners.facts import Call, Conflict, Fact, Import, Unclaimed, Unread
from aibom.scanners.format import Match, Subject
from aibom.scanners.formats.pickle import recognise
from aibom.scanners.limits import Budget, Limits
from aibom.scanners.source import BytesSource, Span
from fixtures.hostile import torch_zip

ATTACK = b"cposix\nsystem\n(S'id'\ntR."


def match(data: bytes) -> Match:
    return recognise(Subject.of(BytesSource(data)))


def facts(data: bytes, name: str = "model.pkl") -> list[Fact]:
    artifact = dissect(BytesSource(data), (name,), Budget(Limits()))
    return [fact for each in artifact.walk() for fact in each.facts]


@pytest.mark.parametrize("name", ["pytorch_model.bin", "model.pkl", "model.pt"])
@pytest.mark.parametrize("crc", [b"\x28\xd7\x61\x54", b"\x28\x0a\x61\x54", b"\x0a\0\0\0"], ids=repr)
def test_takes_no_zip_for_a_pickle(name: str, crc: bytes) -> None:
    stored = torch_zip(b"\x80\x02}q\0.")
    data = stored[:14] + crc + stored[18:]
    assert "pickle" not in dissect(BytesSource(data), (name,), Budget(Limits())).formats


def test_takes_a_pickle_that_starts_like_a_zip_for_one() -> None:
    assert match(b"PK\x03\x04\n" + ATTACK) is Match.POSSIBLE
    assert match(b"Pid\n.") is Match.POSSIBLE
    assert "posix.system" in [
        f.dotted for f in facts(b"PK\x03\x04\n" + ATTACK) if isinstance(f, Import)
    ]


@pytest.mark.parametrize("protocol", range(6))
@pytest.mark.parametrize("value", [{"a": 1}, [1.5, "x"], "text", None], ids=repr)
def test_recognises_what_pickle_writes(protocol: int, value: object) -> None:
    expected = Match.CERTAIN if protocol >= 2 else Match.POSSIBLE
    assert match(pickle.dumps(value, protocol)) is expected


@pytest.mark.parametrize(
    "data",
    [b"", b"N", b"\x80", b"\x80\x09N.", b"\x80\x04\x00", b"\x00\x00\x80\x3f" * 20, b"\xff" * 40],
    ids=["nothing", "one byte", "PROTO alone", "protocol 9", "no opcode", "floats", "ones"],
)
def test_leaves_other_bytes_alone(data: bytes) -> None:
    assert match(data) is Match.NO


@pytest.mark.parametrize(
    "data",
    [
        json.dumps({"architectures": ["BertModel"], "n": [1, 2]}).encode(),
        json.dumps([["(", "N", ")"], []]).encode(),
        b"import os\nimport sys\n\n\ndef main() -> None:\n    os.system('id')\n",
        b"class Net:\n    def f(self):\n        return (1, 2)\n",
        b"Apache License\nVersion 2.0, January 2004\n",
        b"MIT License\n\nCopyright (c) 2026\n",
        b"Copyright 2026 The Authors. (All rights reserved)\n",
        b"---\nlicense: mit\ntags:\n- text\n---\n# Model\n",
        b"# Permission is hereby granted, free of charge",
        b"(c) 2026 by the authors\nsome words\n",
        b"[section]\nkey = value\n",
        b"Format: https://www.debian.org/doc/\nNothing.\n",
        b"Copyright (c) 2018, the authors of this work and of all others that follow it.\n" * 20,
        b"Independent.\nWords.\n",
        b"N0N0N0N. and more\n",
    ],
    ids=["object", "array", "Python", "class", "Apache", "MIT", "copyright", "card", "comment",
         "bracket", "ini", "FLOAT", "SHORT_BINBYTES", "INT", "without effect"],
)  # fmt: skip
def test_claims_no_text_as_a_pickle(data: bytes) -> None:
    artifact = dissect(BytesSource(data), ("file.txt",), Budget(Limits()))
    assert "pickle" not in artifact.formats
    assert not [fact for fact in artifact.facts if isinstance(fact, Import | Call)]


@pytest.mark.parametrize("seed", range(40))
def test_claims_no_effect_in_random_bytes(seed: int) -> None:
    data = random.Random(seed).randbytes(4000)
    artifact = dissect(BytesSource(data), ("weights.bin",), Budget(Limits()))
    assert not [fact for fact in artifact.facts if isinstance(fact, Import | Call)]


@pytest.mark.parametrize(
    "data",
    [
        ATTACK,
        b"\x80\x04N." + ATTACK,
        b"\x80\x04N.\x80\x02" + ATTACK,
        pickle.dumps({"a": 1}, 0) + pickle.dumps([2], 1) + ATTACK,
        ATTACK[:-1],
        ATTACK[:-1] + b"\xff\xff",
    ],
    ids=["no header", "after another", "with a header of its own", "third", "no STOP", "broken"],
)
def test_finds_the_attack(data: bytes) -> None:
    assert [f.dotted for f in facts(data) if isinstance(f, Import)] == ["posix.system"]


def test_places_what_follows_the_last_pickle() -> None:
    found = facts(b"\x80\x04N." + b"\x00" * 10)
    assert [fact.at for fact in found if isinstance(fact, Unclaimed)] == [Span(4, 10)]


def test_a_pickle_that_breaks_was_not_read() -> None:
    assert [type(fact) for fact in facts(b"\x80\x04(K\x01")] == [Unread]


def test_says_when_the_name_promises_a_pickle_and_the_content_is_none() -> None:
    found = facts(b"\x00\x01\x02\x03")
    assert [isinstance(fact, Unread | Conflict) for fact in found] == [True]


@pytest.mark.parametrize("name", ["model.p", "model", "model.safetensors", "model.json"])
def test_reads_a_pickle_under_any_name(name: str) -> None:
    assert "posix.system" in [f.dotted for f in facts(ATTACK, name) if isinstance(f, Import)]


@pytest.mark.parametrize(
    "number",
    [b"I1", b"I0x1f", b"I010", b"I\0", b"F1e5", b"F1\0x", b"L7L", b"L0b1L", b"L1_0L"],
    ids=repr,
)
def test_an_attack_behind_any_number_is_found(number: bytes) -> None:
    assert match(number + b"\n0" + ATTACK) is Match.POSSIBLE
    assert "posix.system" in [
        f.dotted for f in facts(number + b"\n0" + ATTACK, "x") if isinstance(f, Import)
    ]


def test_a_weak_pickle_keeps_its_name_and_tells_what_follows() -> None:
    data = pickle.dumps([1], 0) + b"\x00rest"
    assert [type(fact) for fact in facts(data)] == [Unclaimed]
    assert facts(data, "notes") == []


def test_an_attack_that_breaks_after_another_pickle_is_found() -> None:
    found = facts(b"\x80\x04N." + ATTACK[:-1] + b"\xff")
    assert [type(fact) for fact in found] == [Import, Call, Unread]


FAR = b"cposix\nsystem\n(Vecho pwned\ntR."


@pytest.mark.parametrize(
    "program",
    [
        b"X" + (5000).to_bytes(4, "little") + b"A" * 5000 + b"0" + FAR,
        b"B" + (5000).to_bytes(4, "little") + b"A" * 5000 + b"0" + FAR,
        b"V" + b"A" * 5000 + b"\n0" + FAR,
        b"L" + b"1" * 4200 + b"L\n0" + FAR,
        b"L119547037146038801333356L\n.M\xe9\x03.}."
        + (b"X" + (5000).to_bytes(4, "little") + b"A" * 5000 + b"0" + FAR)
        + b"].",
    ],
    ids=["text", "bytes", "line", "number", "legacy torch, otherwise written"],
)
def test_a_first_argument_beyond_the_head_hides_nothing(program: bytes) -> None:
    artifact = dissect(BytesSource(program), ("model.bin",), Budget(Limits()))
    assert [fact.dotted for fact in artifact.facts if isinstance(fact, Import)] == ["posix.system"]


def test_what_follows_a_pickle_is_read_as_what_it_is() -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr(zipfile.ZipInfo("x.pkl"), FAR)
    artifact = dissect(
        BytesSource(b"\x80\x02}." + out.getvalue() + b"\0"), ("m.pkl",), Budget(Limits())
    )
    found = [
        fact.dotted for each in artifact.walk() for fact in each.facts if isinstance(fact, Import)
    ]
    assert "posix.system" in found


SIGNED_ATTACK = b"\x80\x02cposix\nsystem\n(S'id'\ntR."


@pytest.mark.parametrize("between", [b"JUNK", b"\x80\x02\xff", b"\x80\x04N\x80\x02" * 3])
def test_a_pickle_behind_other_bytes_is_found(between: bytes) -> None:
    data = b"\x80\x04N." + between + SIGNED_ATTACK
    artifact = dissect(BytesSource(data), ("m.pkl",), Budget(Limits()))
    calls = [fact.at for fact in artifact.facts if isinstance(fact, Call)]
    assert calls == [Span(len(data) - 2, 1)]


def test_bytes_that_only_begin_like_pickles_are_none() -> None:
    data = b"\x80\x04N." + b"JUNK\x80\x02N.\x80\x03cos\nsystem\n" * 40
    artifact = dissect(BytesSource(data), ("m.pkl",), Budget(Limits()))
    assert [fact for fact in artifact.facts if isinstance(fact, Call | Import | Unread)] == []
