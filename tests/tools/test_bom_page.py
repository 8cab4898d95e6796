"""The page about the BOM is of today, and each test that it names is there."""

import ast

from tools.bom_page import PAGE, ROOT, page
from tools.bom_page import test_files as named_tests


def test_the_page_is_up_to_date() -> None:
    assert PAGE.read_text("utf-8") == page(), "run: python tools/bom_page.py"


def test_every_test_that_it_names_exists() -> None:
    for path, names in named_tests().items():
        tree = ast.parse((ROOT / path).read_text("utf-8"))
        there = {each.name for each in tree.body if isinstance(each, ast.FunctionDef)}
        assert names - there == set(), path
