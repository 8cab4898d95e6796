"""`--output FORM=PATH` as users meet it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from fixtures.hostile import calling_pickle
from tests.helpers.command import aibom
from tests.helpers.models import write_model

if TYPE_CHECKING:
    from pathlib import Path


def test_several_documents_are_written_beside_the_screen(tmp_path: Path) -> None:
    (tmp_path / "evil").mkdir()
    (tmp_path / "evil" / "model.pkl").write_bytes(calling_pickle("posix", "system"))
    ended = aibom("scan", "evil", "-o", "json=a.json", "-o", "text=a.txt", cwd=tmp_path)
    assert ended.code == 1
    assert (tmp_path / "a.txt").read_text() == ended.out
    report = json.loads((tmp_path / "a.json").read_text())
    assert (report["target"]["name"], report["verdict"]["exit_code"]) == ("evil", 1)


@pytest.mark.parametrize(
    ("output", "why"),
    [
        ("json", "'json', expected FORM=PATH with a FORM of text, json"),
        ("json=", "'json=', expected FORM=PATH"),
        ("yaml=x", "'yaml=x', expected FORM=PATH"),
    ],
)
def test_what_is_no_form_and_path_is_refused(tmp_path: Path, output: str, why: str) -> None:
    write_model(tmp_path / "demo")
    ended = aibom("scan", "demo", "-o", output, cwd=tmp_path)
    assert ended.code == 2
    assert why in ended.err


def test_two_documents_have_two_places(tmp_path: Path) -> None:
    write_model(tmp_path / "demo")
    ended = aibom("scan", "demo", "-o", "json=x", "-o", "text=x", cwd=tmp_path)
    assert (ended.code, (tmp_path / "x").exists()) == (2, False)
    assert "'x' is named for two results" in ended.err


def test_a_document_that_cannot_be_written_stops_all(tmp_path: Path) -> None:
    write_model(tmp_path / "demo")
    ended = aibom("scan", "demo", "-o", "json=x", "-o", "text=no/y", cwd=tmp_path)
    assert (ended.code, ended.out, (tmp_path / "x").exists()) == (2, "", False)
    assert "Make the folder first" in ended.err
