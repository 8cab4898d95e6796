"""`aibom weights` as a user runs it, and the options of other verbs that go with it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from safetensors.numpy import save_file  # pyright: ignore[reportUnknownVariableType]

from aibom.cli.weights import NO_PROOF as SENTENCE
from fixtures.checkpoints import View, torch_zip
from tests.aibom.weights import oracle
from tests.helpers.command import aibom

if TYPE_CHECKING:
    from pathlib import Path

FIRST: Any = np.arange(2000, dtype="f4")
NO_PROOF = SENTENCE.splitlines()
SECOND: Any = np.arange(3000, 4000, dtype="f4")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    save_file({"a": FIRST, "b": SECOND}, tmp_path / "base.safetensors")
    held = {"0": FIRST.tobytes() + (SECOND + 1).tobytes()}
    views = {"x": View("0", (2000,)), "y": View("0", (500, 2), first=2000)}
    (tmp_path / "tuned.pt").write_bytes(torch_zip(views, held))
    return tmp_path


def test_tells_the_root_and_what_two_models_share(folder: Path) -> None:
    ended = aibom("weights", "tuned.pt", "--against", "base.safetensors", cwd=folder)
    assert (ended.code, ended.err) == (0, "")
    assert ended.out.splitlines() == [
        f"root       blake3:{oracle.root([FIRST, SECOND + 1])}",
        "tensors    2 different, 12 kB in 1 file",
        "shared     1 of 2 tensors that tell something, 8 kB",
        "           66.7% of the bytes here, 66.7% of those of base.safetensors",
        f"           {NO_PROOF[0]}",
        f"           {NO_PROOF[1]}",
    ]


def test_writes_fingerprints_and_compares_with_them(folder: Path) -> None:
    name = "base.tensors.json"
    assert aibom("weights", "base.safetensors", "-o", name, cwd=folder).code == 0
    ended = aibom("weights", "base.safetensors", "--against", name, cwd=folder)
    assert ended.out.splitlines()[-1] == (
        "           the roots are equal: these are the same weights"
    )
    (folder / name).write_text("{}")
    refused = aibom("weights", name, cwd=folder)
    assert (refused.code, refused.out) == (2, "")
    assert "this is no file of fingerprints" in refused.err


def test_names_what_has_no_leaf_and_what_was_not_read(folder: Path) -> None:
    save_file({"w": FIRST}, folder / "short.safetensors")
    data = (folder / "short.safetensors").read_bytes()
    (folder / "short.safetensors").write_bytes(data[:-4])
    np.save(folder / "turned.npy", np.asfortranarray(FIRST.reshape(20, 100)))
    ended = aibom("weights", ".", cwd=folder)
    assert ended.code == 3
    assert "not read: short.safetensors: safetensors: tensor 'w' at byte 8" in ended.err
    assert ended.out.splitlines()[2:] == [
        "no leaf    8 kB of tensors:",
        "           turned.npy: 1, not row by row in little-endian",
    ]


def test_a_model_without_tensors_has_no_root(folder: Path) -> None:
    (folder / "a.txt").write_text("x")
    ended = aibom("weights", "a.txt", cwd=folder)
    assert ended.out.splitlines()[0] == "root       none: no tensor has a leaf"


def test_a_bom_alone_has_fingerprints_if_they_are_asked_for(folder: Path) -> None:
    target = "base.safetensors"
    plain = aibom("bom", target, "-o", "a.cdx.json", cwd=folder)
    asked = ("--fingerprints", "b.tensors.json", "-o", "b.cdx.json")
    told = aibom("bom", target, *asked, cwd=folder)
    assert (plain.code, told.code) == (0, 0)
    assert b"weights:" not in (folder / "a.cdx.json").read_bytes()
    subject = json.loads((folder / "b.cdx.json").read_text())["metadata"]["component"]
    assert [each["url"] for each in subject["externalReferences"]] == ["b.tensors.json"]
    refused = aibom("bom", target, "--fingerprints", "b.json", cwd=folder)
    assert (refused.code, refused.out) == (2, "")
    assert "--fingerprints must end in .tensors.json" in refused.err


def test_attesting_can_do_without(folder: Path) -> None:
    aibom("keys", "generate", "-o", "k", cwd=folder)
    ended = aibom("attest", "base.safetensors", "--key", "k.key", "--no-fingerprints", cwd=folder)
    assert ended.code == 0
    assert not list(folder.glob("*.tensors.json"))
