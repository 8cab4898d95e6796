"""The page about what licences ask is made from the tables that ship."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tools import licence_table
from tools.licence_table import PAGE, main, page

if TYPE_CHECKING:
    import pytest


def test_the_page_is_the_one_that_the_tables_give() -> None:
    assert PAGE.read_text(encoding="utf-8") == page(), "run tools/licence_table.py"
    assert main(["--check"]) == 0


def test_each_licence_and_each_base_stands_in_it() -> None:
    text = page()
    assert "\n### Gemma\n" in text
    assert "| Gemma | 3 | yes | yes | yes | yes | terms | restricted |" in text
    assert "`google/codegemma-*`" in text


def test_it_is_written_where_it_belongs(
    tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = tmp_path_factory.mktemp("docs") / "page.md"
    other.write_text("old")
    monkeypatch.setattr(licence_table, "PAGE", other)
    assert main(["--check"]) == 1
    assert main([]) == 0
    assert other.read_text(encoding="utf-8") == page()
