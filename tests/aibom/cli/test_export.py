"""`aibom export` as a user runs it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from tests.helpers.checkout import ROOT
from tests.helpers.command import aibom

if TYPE_CHECKING:
    from pathlib import Path

OURS = ROOT / "tests" / "aibom" / "bom" / "small.cdx.json"


def test_writes_spdx_and_says_what_it_left_out(tmp_path: Path) -> None:
    written = tmp_path / "m.spdx.json"
    ended = aibom("export", OURS, "--to", "spdx3", "-o", written, SOURCE_DATE_EPOCH="1767323045")
    assert (ended.code, ended.out) == (0, "")
    assert "left out, since SPDX's AI and Dataset profiles have no place: " in ended.err
    again = aibom("export", OURS, "--to", "spdx3", SOURCE_DATE_EPOCH="1767323045")
    assert again.out == written.read_text()
    assert json.loads(again.out)["@graph"][0]["created"] == "2026-01-02T03:04:05Z"


def test_needs_a_time(tmp_path: Path) -> None:
    written = tmp_path / "m.spdx.json"
    ended = aibom("export", OURS, "--to", "spdx3", "-o", written, SOURCE_DATE_EPOCH="")
    assert ended.code == 2
    assert f"{OURS}: SPDX demands a time, and the BOM has none. Set SOURCE_DATE_EPOCH" in ended.err
    assert not written.exists()


def test_what_is_no_bom_is_wrong_usage(tmp_path: Path) -> None:
    bad = tmp_path / "x.json"
    bad.write_bytes(b"{}")
    for path, why in ((bad, "it lacks bomFormat"), (tmp_path, "a folder, expected the file")):
        ended = aibom("export", path, "--to", "spdx3")
        assert (ended.code, ended.out) == (2, "")
        assert why in ended.err
