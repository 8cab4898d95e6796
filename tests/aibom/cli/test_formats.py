"""The list of formats."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aibom.scanners.formats import FORMATS
from tests.helpers.command import aibom

if TYPE_CHECKING:
    from pathlib import Path


def test_every_format_is_listed_with_whether_it_is_read() -> None:
    ended = aibom("formats")
    assert (ended.code, ended.err) == (0, "")
    rows = [line.split(maxsplit=2) for line in ended.out.splitlines()]
    assert [row[0] for row in rows] == [each.id for each in FORMATS]
    told = {row[0]: " ".join(row[1:]).split() for row in rows}
    assert told["gguf"][:2] == ["read", "GGUF"]
    assert told["parquet"][:3] == ["not", "read", "Parquet"]


def test_what_is_not_read_is_incomplete_in_a_scan(tmp_path: Path) -> None:
    (tmp_path / "m.parquet").write_bytes(b"PAR1" + bytes(8) + b"PAR1")
    assert aibom("scan", "m.parquet", cwd=tmp_path).code == 3
