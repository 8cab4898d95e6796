"""What is read, merged and written: wheels, import tables of native modules, table files."""

from __future__ import annotations

import importlib.util
import re
import subprocess
import sys
import zipfile
from typing import TYPE_CHECKING

import pytest

from aibom.scanners import capability_table
from aibom.scanners.capability_table import Use
from tests.helpers.checkout import ROOT
from tools.capability import check
from tools.capability import table as table_file
from tools.capability.__main__ import interpreters
from tools.capability.build import AGES, write
from tools.capability.lower import lower
from tools.capability.native import reach
from tools.capability.owned import owned
from tools.capability.sources import lower_wheel, read_stdlib
from tools.capability.table import EFFECTS, Row, Table, encode, encode_witnesses, worst
from tools.capability.wheels import (
    MAC,
    NOT_FETCHED,
    FetchError,
    Locked,
    fetch,
    lock,
    read_lock,
    read_sections,
    read_wanted,
)

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

NOTHING: set[str] = set()
CLEAN = Row("function", (("call", "clean", ()),))
EXECUTES = Row("function", (("call", "danger", ("exec",)),))
CALLS = Row("function", (("call", "callback", ("callback",)),))
REBUILT = Row("class", (("build", "danger", ("unpickle",)),), ("fwrite",))


def test_the_lock_names_each_wheel_once_with_its_digest() -> None:
    locked = read_lock()
    assert len({(each.name, each.age) for each in locked}) == len(locked)
    assert all(re.fullmatch(r"[0-9a-f]{64}", each.digest) for each in locked)
    assert {each.age for each in locked} == {"current", "older"}


def test_the_lock_holds_what_is_wanted() -> None:
    wanted = {each.name for each in read_wanted()}
    assert {each.name for each in read_lock()} <= wanted


def test_refuses_a_wheel_of_another_digest(tmp_path: Path) -> None:
    (tmp_path / "p-1-py3-none-any.whl").write_bytes(b"other")
    locked = Locked(0, "p", "current", "1", "p-1-py3-none-any.whl", "0" * 64)
    with pytest.raises(FetchError, match="the lock says 0000"):
        fetch(locked, tmp_path)


LOCK = """\
# made by `lock`
a current 2 a-2-py3-none-any.whl {digest}
a older 1 a-1-py3-none-any.whl {digest}
[more] a
b current 3 b-3-py3-none-any.whl {digest}
""".format(digest="0" * 64)


def test_the_lock_has_sections_that_build_on_named_packages(tmp_path: Path) -> None:
    path = tmp_path / "lock"
    path.write_text(LOCK)
    found = [
        (each.name, each.bases, [(one.name, one.age) for one in each.wheels])
        for each in read_sections(path)
    ]
    assert found == [
        ("trunk", (), [("a", "current"), ("a", "older")]),
        ("more", ("a",), [("b", "current")]),
    ]


def test_every_section_builds_on_packages_of_earlier_sections() -> None:
    earlier: set[str] = set()
    for section in read_sections():
        assert {*section.bases} <= earlier
        earlier |= {each.name for each in section.wheels}


def test_reads_what_is_wanted_of_each_package(tmp_path: Path) -> None:
    path = tmp_path / "wanted"
    path.write_text("# a note\na 1 mac why\n[more] a\nb - base\n")
    found = [
        (each.name, each.older, each.platforms is MAC, each.shows_why, each.is_shipped)
        for each in read_wanted(path)
    ]
    assert found == [("a", "1", True, True, True), ("b", None, False, False, False)]


def test_locking_keeps_what_is_locked(tmp_path: Path) -> None:
    path, wanted = tmp_path / "lock", tmp_path / "wanted"
    path.write_text(LOCK)
    wanted.write_text("# what is analysed\na 1\n\n[more] a\nb -\n")
    assert lock(tmp_path, path, wanted) == []
    assert path.read_text().splitlines()[1:] == LOCK.splitlines()[1:]


def test_a_section_written_alone_leaves_the_others_in_the_index(tmp_path: Path) -> None:
    other = Table(sources=[{"version": "1", "digest": "0" * 64}])
    other.names["q"] = {"f": CLEAN}
    other.modules.add("q")
    write({"p": table(), "q": other}, tmp_path)
    whole = {each.name: each.read_bytes() for each in tmp_path.iterdir()}
    write({"q": other}, tmp_path)
    assert {each.name: each.read_bytes() for each in tmp_path.iterdir()} == whole


def wheel(folder: Path, files: dict[str, str]) -> Path:
    path = folder / "p-1-py3-none-any.whl"
    with zipfile.ZipFile(path, "w") as archive:
        for name, text in files.items():
            archive.writestr(name, text)
    return path


def test_reads_the_text_of_a_wheel_and_no_tests(tmp_path: Path) -> None:
    files = {
        "p/__init__.py": "",
        "p/a.py": "x = 1",
        "p/tests/test_a.py": "",
        "p/no-name.py": "",
        "p/broken.py": "def",
        "p/n.cpython-312-x86_64-linux-gnu.so": "none",
        "p-1.data/purelib/q.py": "",
        "p-1.dist-info/RECORD": "",
    }
    path = wheel(tmp_path, files)
    made = lower_wheel(path, tmp_path / "cache")
    assert sorted(each.name for each in made.modules) == ["p", "p.a", "q"]
    assert (made.extensions, made.unparsed) == ({"p.n": None}, ["p/broken.py"])
    again = lower_wheel(path, tmp_path / "cache")
    assert (again.modules, again.extensions) == (made.modules, made.extensions)


@pytest.mark.skipif(sys.platform != "linux", reason="reads this interpreter's own ELF file")
def test_reads_what_a_native_module_imports() -> None:
    spec = importlib.util.find_spec("_ctypes")
    assert spec is not None
    assert spec.origin is not None
    with open(spec.origin, "rb") as file:  # noqa: PTH123 - a path as text
        found = reach(file.read())
    assert found is not None
    assert "native" in found


@pytest.mark.parametrize("content", [b"", b"\x7fELF\x02\x01", b"\xcf\xfa\xed\xfe" + bytes(12)])
def test_a_native_module_that_cannot_be_read_is_unread(content: bytes) -> None:
    assert reach(content) is None


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        pytest.param(CLEAN, EXECUTES, EXECUTES, id="the worse level"),
        pytest.param(CALLS, EXECUTES, EXECUTES, id="danger over callback"),
        pytest.param(
            EXECUTES,
            Row("function", (("call", "danger", ("net",)),)),
            Row("function", (("call", "danger", ("exec", "net")),)),
            id="both effects",
        ),
        pytest.param(
            Row("class", ()),
            Row("function", (("call", "clean", ()),)),
            Row("class", (("call", "clean", ()),)),
            id="a class that was a function",
        ),
        pytest.param(
            Row("native", (), ("net",)),
            Row("native", (), ("fwrite",)),
            Row("native", (), ("fwrite", "net")),
            id="what either native part reaches",
        ),
    ],
)
def test_joins_versions_by_the_worst(one: Row, other: Row, expected: Row) -> None:
    assert worst(one, other) == expected
    assert worst(other, one) == expected


def table() -> Table:
    made = Table(sources=[{"version": "1", "digest": "0" * 64}])
    made.modules |= {"p", "p.a"}
    made.natives["p.n"] = ("fwrite",)
    made.names["p"] = {"f": CLEAN, "A": REBUILT, "A.go": EXECUTES}
    made.names["p.a"] = {"g": EXECUTES}
    made.imports["p.a"] = frozenset({"net"})
    made.aliases["walk"] = {"p.a"}
    made.witnesses["p.a", "g", "call"] = "exec > p/a.py:1 > builtins.exec"
    return made


SOURCE = """
from p.a import given

def f(): pass

alias = given

class A:
    def go(self): pass
    @staticmethod
    def make(): pass
    @classmethod
    def _hidden(cls): pass
    class Inner: pass
"""


@pytest.mark.parametrize(
    ("name", "path", "offered"),
    [
        pytest.param("p.b", "p/b.py", NOTHING, id="a module"),
        pytest.param("p.b", "p/b/__init__.py", {"*"}, id="a package"),
        pytest.param("p._b", "p/_b/__init__.py", NOTHING, id="a private package"),
    ],
)
def test_owns_what_a_module_defines_and_what_a_package_offers(
    name: str, path: str, offered: set[str]
) -> None:
    module = lower(SOURCE, name, path)
    assert module is not None
    assert owned([module]) == {(name, each) for each in {"f", "A", "A.make", "A.Inner"} | offered}


def test_ships_own_names_and_dangers_under_any_name() -> None:
    made = table()
    made.names["p.b"] = {"f": CLEAN, "taken": CALLS, "bad": EXECUTES, "A.go": CALLS}
    made.names["q"] = {"f": CALLS, "A.go": CALLS, "A.make": CALLS}
    made.own = {("p.b", "f"), ("q", "*"), ("q", "A.make")}
    made.witnesses["q", "f", "call"] = "callback > q/a.py:1"
    kept = made.shipped().names
    assert {module: [*rows] for module, rows in kept.items() if module in {"p.b", "q"}} == {
        "p.b": ["f", "bad"],
        "q": ["f", "A.make"],
    }
    assert [*made.shipped().witnesses] == [("q", "f", "call")]
    assert made.names["p.b"]["taken"] == CALLS


def test_a_name_is_own_if_it_is_in_one_version() -> None:
    joint = Table()
    for name in ("f", "g"):
        one = Table(sources=[{"version": name, "digest": "0" * 64}])
        one.names["p"] = {"f": CALLS, "g": CALLS, "h": CALLS}
        one.own = {("p", name)}
        joint.merge(one)
    assert [*joint.shipped().names["p"]] == ["f", "g"]


@pytest.fixture
def shipped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    (tmp_path / "p.cap").write_bytes(encode("p", table()))
    (tmp_path / "p.why").write_bytes(encode_witnesses(table()))
    (tmp_path / "index.json").write_text('{"format": 3, "packages": {"p": ["p"]}}')
    monkeypatch.setattr(capability_table, "DATA", tmp_path)
    forget()
    yield
    forget()


def forget() -> None:
    for each in ("read_index", "read_package", "read_witnesses", "_block_text", "lookup"):
        getattr(capability_table, each).cache_clear()


@pytest.mark.usefixtures("shipped")
@pytest.mark.parametrize(
    ("module", "name", "use", "level", "effects"),
    [
        ("p", "f", Use.CALL, "clean", NOTHING),
        ("p", "f", Use.BUILD, "clean", NOTHING),
        ("p", "A", Use.CALL, "unknown", NOTHING),
        ("p", "A", Use.BUILD, "danger", {"unpickle"}),
        ("p", "A.go", Use.CALL, "danger", {"exec"}),
        ("p", "a.g", Use.CALL, "danger", {"exec"}),
        ("p", "walk.g", Use.CALL, "danger", {"exec"}),
        ("p", "nowhere.g", Use.CALL, "unknown", NOTHING),
        ("p.n", "anything", Use.NEW, "unknown", NOTHING),
        ("p.a", "absent", Use.CALL, "unknown", NOTHING),
        ("p.absent", "g", Use.CALL, "unknown", NOTHING),
    ],
)
def test_reads_what_was_written(
    module: str, name: str, use: Use, level: str, effects: set[str]
) -> None:
    found = capability_table.lookup(module, name).verdict(use)
    assert (found.level, set(found.effects)) == (level, effects)


@pytest.mark.usefixtures("shipped")
def test_reads_what_importing_and_native_parts_do() -> None:
    assert capability_table.lookup("p.a", "g").import_effects == {"net"}
    assert capability_table.lookup("p.n", "x").native == frozenset({"fwrite"})
    assert capability_table.witness("p.a", "g", Use.CALL) == "exec > p/a.py:1 > builtins.exec"
    assert capability_table.witness("p.a", "absent", Use.CALL) is None


def ship(made: Table, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (folder / "p.cap").write_bytes(encode("p", made))
    (folder / "index.json").write_text('{"format": 3, "packages": {"p": ["p"]}}')
    monkeypatch.setattr(capability_table, "DATA", folder)


@pytest.mark.usefixtures("shipped")
def test_spreads_many_modules_over_blocks_and_finds_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(table_file, "BLOCK", 1 << 18)
    made = Table(sources=[{"version": "1", "digest": "0" * 64}])
    rows = {f"p.m{number:03}": {f"f{at}": CLEAN for at in range(900)} for number in range(200)}
    made.modules |= {*rows}
    made.names.update(rows)
    made.names["p.m100"] = {"A": REBUILT, "A.go": EXECUTES, "B.go": CALLS, "go": CLEAN}
    ship(made, tmp_path, monkeypatch)
    forget()
    package = capability_table.read_package("p")
    assert len(package.blocks) > 1
    assert package.modules == sorted(rows)
    names = ("A.go", "B.go", "go", "B", "C.go", "A.gone")
    levels = [str(capability_table.lookup("p.m100", n).verdict(Use.CALL).level) for n in names]
    assert levels == ["danger", "callback", "clean", "unknown", "unknown", "unknown"]
    assert [package.block(module) for module in ("a", "p.m1000", "q")] == [None, None, None]


@pytest.mark.usefixtures("shipped")
def test_tells_hundreds_of_verdicts_apart(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made = Table(sources=[{"version": "1", "digest": "0" * 64}])
    effects = [
        tuple(each for bit, each in enumerate(EFFECTS[:10]) if number >> bit & 1)
        for number in range(900)
    ]
    rows = {f"f{at}": Row("function", (("call", "danger", e),)) for at, e in enumerate(effects)}
    made.names["p"] = rows
    made.modules.add("p")
    ship(made, tmp_path, monkeypatch)
    forget()
    found = [capability_table.lookup("p", name).verdict(Use.CALL).effects for name in rows]
    assert found == [frozenset(each) for each in effects]


def test_the_reader_knows_the_letters_of_the_writer() -> None:
    assert tuple(capability_table.EFFECTS.values()) == EFFECTS
    assert "".join(capability_table.EFFECTS) == table_file.letters(EFFECTS)


def test_holds_the_lists() -> None:
    assert [*check.lost_dangers(), *check.new_dangers()] == []


def checked(python: str) -> tuple[int, str]:
    """What `check` answers and prints, with the standard library of one interpreter."""
    command = [sys.executable, "-m", "tools.capability", "check", "--python", python]
    done = subprocess.run(command, capture_output=True, text=True, cwd=ROOT, check=False)
    if NOT_FETCHED in done.stderr:
        pytest.skip("the index of packages is out of reach")
    return done.returncode, done.stdout


@pytest.mark.slow
def test_the_standard_library_of_this_interpreter_is_reproduced() -> None:
    analysed = {each["version"] for each in capability_table.read_package("stdlib").sources}
    if read_stdlib(sys.executable).version not in analysed:
        pytest.skip(f"analysed are {', '.join(sorted(analysed))}")
    assert checked(sys.executable) == (0, "capability table: kept\n")


@pytest.mark.slow
def test_the_first_packages_are_reproduced() -> None:
    base = interpreters().get(AGES["older"])
    if base is None:
        pytest.skip(f"the older wheels are analysed with the library of {AGES['older']}")
    assert checked(base) == (0, "capability table: kept\n")
