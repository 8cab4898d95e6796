"""The table of codes is complete and exact; importing the package is cheap."""

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

import aibom.signatures as package
from aibom.signatures import CODES, SignatureError

HERE = Path(__file__).parent
SOURCES = HERE.parents[1] / "signatures"

# `aibom` reads the folder and the signed BOM, and raises these with this package's error.
CODES_OF_THE_FOLDER = {"symlink", "not-regular", "unreadable-file"}
CODES_OF_THE_POLICY = {code for code in CODES if code.startswith("policy-")} | {"rescan-differs"}
CODES_ELSEWHERE = CODES_OF_THE_FOLDER | CODES_OF_THE_POLICY


def nodes(folder: Path) -> Iterator[ast.AST]:
    for path in folder.glob("*.py"):
        if path.name not in {"errors.py", "test_package.py"}:
            yield from ast.walk(ast.parse(path.read_text(encoding="utf-8")))


def texts(folder: Path) -> set[str]:
    return {
        node.value
        for node in nodes(folder)
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }


def test_every_code_in_the_table_is_raised() -> None:
    assert set(CODES) - texts(SOURCES) == CODES_ELSEWHERE


def test_every_code_raised_is_in_the_table() -> None:
    raised = {
        node.args[0].value
        for node in nodes(SOURCES)
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Name)
        and node.func.id in {"SignatureError", "refuse_files"}
        and isinstance(node.args[0], ast.Constant)
    }
    assert raised == set(CODES) - CODES_ELSEWHERE


def test_every_code_is_expected_by_a_test() -> None:
    assert set(CODES) - texts(HERE) <= CODES_ELSEWHERE


def test_a_code_that_the_table_lacks_is_a_bug() -> None:
    with pytest.raises(KeyError):
        SignatureError("no-such-code", "")


def test_every_meaning_is_one_sentence_with_advice() -> None:
    for meaning in CODES.values():
        assert meaning.endswith(".")
        assert meaning.count(": ") == 1


def test_every_public_name_is_documented() -> None:
    public = {name for name in package.__all__ if name != "CODES"}  # a table has no docstring
    assert {name for name in public if getattr(package, name).__doc__} == public


def test_importing_loads_no_cryptography() -> None:
    program = "import sys, aibom.signatures; print('cryptography' in sys.modules)"
    ran = subprocess.run([sys.executable, "-c", program], capture_output=True, check=True)
    assert ran.stdout.split() == [b"False"]
