from __future__ import annotations

import re
from typing import Any

import pytest

from aibom.scanners.patterns import pattern


def test_a_pattern_is_compiled_at_its_first_use_and_once(monkeypatch: pytest.MonkeyPatch) -> None:
    compiled: list[object] = []
    real: Any = re.compile

    def counted(*given: Any) -> re.Pattern[str]:  # noqa: ANN401 - of `re.compile`
        compiled.append(given)
        found: re.Pattern[str] = real(*given)
        return found

    monkeypatch.setattr(re, "compile", counted)
    word = pattern(r"[a-z]+", re.IGNORECASE)
    assert compiled == []
    assert (word.findall("One two"), word.sub("-", "One two")) == (["One", "two"], "- -")
    assert compiled == [(r"[a-z]+", re.IGNORECASE)]


def test_a_pattern_of_bytes_is_used_as_one() -> None:
    end = pattern(rb"\d+$")
    found = end.search(b"file 12")
    assert found is not None
    assert found.span() == (5, 7)


def test_a_pattern_has_the_uses_of_a_compiled_one_alone() -> None:
    with pytest.raises(AttributeError, match="use"):
        getattr(pattern("a"), "use")  # noqa: B009 - no method of a pattern
