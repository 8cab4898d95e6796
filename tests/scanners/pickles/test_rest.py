"""What stands behind the bounds of the pickle machine is still named."""

from __future__ import annotations

import pytest

from aibom.scanners.facts import Import
from aibom.scanners.limits import Budget, Exceeded, Limits
from aibom.scanners.pickles import machine, rest
from aibom.scanners.pickles.blocks import BLOCK, Blocks
from aibom.scanners.source import BytesSource
from tests.scanners.pickles.programs import read, text

BEHIND = {
    "GLOBAL": b"cposix\nsystem\n",
    "INST": b"(iposix\nsystem\n",
    "texts": text("posix") + text("system") + b"\x93",
    "memoized texts": text("posix") + b"\x94" + text("system") + b"\x94\x93",
    "texts of the memo": (
        text("posix") + b"\x940" + text("system") + b"q\x05\x300" + b"h\x00h\x05\x93"
    ),
    "wide slots": text("posix") + b"r\7\0\0\0" + text("system") + b"0j\7\0\0\0"
    + text("system") + b"\x93",
    "old texts": b"S'posix'\nVsys\\u0074em\n\x93",
}  # fmt: skip


def named(program: bytes) -> list[str]:
    blocks = Blocks(BytesSource(program))
    return [each.dotted for each in rest.imports(blocks, 0, Budget(Limits()))]


@pytest.mark.parametrize("program", BEHIND.values(), ids=BEHIND)
def test_names_are_told_without_a_stack(program: bytes) -> None:
    assert named(b"\x80\x04" + program + b".") == ["posix.system"]


def test_a_name_with_something_between_counts_as_computed() -> None:
    program = text("posix") + text("system") + text("decoy") + b"0\x93."
    assert named(program) == ["<computed>.<computed>"]


def test_names_of_python_2_are_those_of_python_3() -> None:
    assert named(b"\x80\x02c__builtin__\neval\n.") == ["builtins.eval"]


def test_of_very_many_names_the_last_are_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rest, "MOST", 2)
    monkeypatch.setattr(rest, "TEXTS", 0)
    assert named(b"ca\nb\nq\0ca\nc\nca\nd\nca\nc\n") == ["a.d", "a.c"]  # then it breaks


@pytest.mark.parametrize("bound", ["MAX_STACK", "MAX_WEIGHT"])
def test_an_import_behind_a_flood_is_found_once(
    monkeypatch: pytest.MonkeyPatch, bound: str
) -> None:
    monkeypatch.setattr(machine, bound, 1000)
    before, behind = b"cposix\npopen\n0", b"cposix\npopen\n0cposix\nsystem\n."
    program = b"\x80\x04" + before + b"(" + b"K\1" * BLOCK + b"t0" + behind
    found: list[str] = []
    with pytest.raises(Exceeded):
        found.extend(each.dotted for each in read(program) if isinstance(each, Import))
    assert found == ["posix.popen", "posix.system"]
