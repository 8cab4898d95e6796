"""The page about `aibom lint` says what the rules say."""

from __future__ import annotations

from tools.lint_page import PAGE, page


def test_the_page_is_that_of_the_rules() -> None:
    assert PAGE.read_text("utf-8") == page(), "run: python tools/lint_page.py"
