"""The analyser: what small pieces of source come out as, and that nothing it reads breaks it."""

from __future__ import annotations

import ast
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.helpers.checkout import ROOT
from tools.capability.collect import collect
from tools.capability.frame import analyse
from tools.capability.ir import from_plain, to_plain
from tools.capability.judge import Judge, Named, dotted
from tools.capability.lower import lower
from tools.capability.program import Program
from tools.capability.sources import Lowered
from tools.capability.table import encode

if TYPE_CHECKING:
    from pathlib import Path

    from tools.capability.ir import Module

NOTHING: set[str] = set()
BUILTINS: dict[str, str] = dict.fromkeys(
    (
        "exec", "eval", "open", "getattr", "setattr", "property", "object", "print", "int",
        "super", "map", "type", "len", "list",
    ),
    "f",
)  # fmt: skip
NATIVE: dict[str, dict[str, str]] = {
    "builtins": BUILTINS,
    "posix": {"system": "f", "remove": "f", "open": "f", "O_RDONLY": "v", "O_CREAT": "v"},
    "_pickle": {"loads": "f", "load": "f"},
    "_functools": {"partial": "c"},
    "itertools": {"chain": "c"},
    "gc": {"get_objects": "f"},
    "sys": {"path_hooks": "v"},
}


def lowered(name: str, source: str) -> Module:
    module = lower(source, name, f"{name.replace('.', '/')}.py")
    assert module is not None
    return module


def solved(**sources: str) -> Program:
    program = Program(NATIVE)
    modules = [lowered(name, source) for name, source in sources.items()]
    program.solve(program.load(modules), analyse)
    return program


def named(source: str, name: str = "f") -> Named:
    program = solved(lib=source)
    found = Judge(program).name(f"lib.{name}", dotted(program, "lib", name))
    assert found is not None
    return found


def effects(source: str, name: str = "f", use: str = "call") -> set[str]:
    found = named(source, name).uses.get(use)
    return set(found.effects) if found else set()


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        pytest.param("def f(x): return x + 1", NOTHING, id="arithmetic"),
        pytest.param("from posix import system\ndef f(x): system(x)", {"proc"}, id="a primitive"),
        pytest.param("import posix as p\ndef f(x): p.system(x)", {"proc"}, id="through an alias"),
        pytest.param(
            "import posix\ndef g(y): posix.system(y)\ndef f(x): g('a' + x)",
            {"proc"},
            id="two steps",
        ),
        pytest.param("def f(x): exec('pass')", NOTHING, id="a constant"),
        pytest.param("f = lambda x: exec(x)", {"exec"}, id="a lambda with a name"),
        pytest.param(
            "def f(x):\n def g(): exec(x)\n return g()", {"exec"}, id="a closure that is called"
        ),
        pytest.param(
            "def f(x):\n def g(): exec(x)\n return 1", NOTHING, id="a closure that is not called"
        ),
        pytest.param(
            "def f(x):\n class C:\n  def run(s): exec(x)\n return C()",
            {"exec"},
            id="a class inside the function",
        ),
        pytest.param(
            "def f(x):\n def g(): yield exec(x)\n class C:\n  go = g().send\n return C()",
            {"exec"},
            id="a generator that a class inside the function holds",
        ),
        pytest.param(
            "class C:\n def __init__(s, x): s.x = x\n def __enter__(s): exec(s.x)\n"
            "def f(x):\n with C(x): pass",
            {"exec"},
            id="entering a context",
        ),
        pytest.param(
            "class C:\n def __init__(s, x): s.x = x\n def __iter__(s): exec(s.x)\n"
            "def f(x):\n for y in C(x): pass",
            {"exec"},
            id="looping over an iterator",
        ),
        pytest.param(
            "import gc\ndef f(x):\n for y in gc.get_objects():\n  if y is x: return y",
            {"resolve"},
            id="any object of the process",
        ),
        pytest.param("import elsewhere\ndef f(x): elsewhere.go(x)", {"opaque"}, id="not analysed"),
        pytest.param("import elsewhere\ndef f(x): elsewhere.go()", NOTHING, id="given nothing"),
        pytest.param("def f(x): T['a'](x)", {"opaque"}, id="an element of an unknown table"),
        pytest.param("def f(x): unknown().load(x)", {"opaque"}, id="a method of an unknown object"),
        pytest.param("def f(x): unknown().append(x)", NOTHING, id="a method that data have"),
        pytest.param("def f(x): y = int(x)\n", NOTHING, id="a builtin"),
        pytest.param(
            "def f(x):\n y = unknown(x)\n y.go()", {"opaque"}, id="a method of what was made of it"
        ),
        pytest.param(
            "import sys\ndef f(x): [hook(x) for hook in sys.path_hooks]",
            {"opaque"},
            id="what a table of the interpreter holds",
        ),
        pytest.param(
            "def f(x):\n for y in (lambda: exec(x),): y()", {"exec"}, id="a lambda in a loop"
        ),
        pytest.param(
            "from _functools import partial\ndef f(x): partial(exec, x)()", {"exec"}, id="partial"
        ),
        pytest.param("def f(x): list(map(exec, x))", {"exec"}, id="map"),
        pytest.param("def f(x): x()", {"callback"}, id="an argument called"),
        pytest.param("def f(x): return getattr(object, x)", {"resolve"}, id="getattr"),
        pytest.param("import posix\ndef f(x): getattr(posix, x)()", {"resolve"}, id="chosen name"),
        pytest.param("def f(x): open(x)", {"fread"}, id="open to read"),
        pytest.param("def f(x): open(x, 'w')", {"fwrite"}, id="open to write"),
        pytest.param("def f(x, mode='r'): open(x, mode)", {"fwrite"}, id="a chosen mode"),
        pytest.param("def f(x):\n [exec(y) for y in x]", {"exec"}, id="a comprehension"),
        pytest.param("def f(x):\n try: exec(x)\n except E: pass", {"exec"}, id="in a try"),
        pytest.param("def f(x):\n match x:\n  case [y]: exec(y)", {"exec"}, id="a pattern"),
        pytest.param("def f(*x): exec(*x)", {"exec"}, id="starred"),
        pytest.param("@overload(g)\ndef f(x): exec(x)", {"exec"}, id="not typing's overload"),
        pytest.param("@overload\ndef f(x): ...\ndef f(x): exec(x)", {"exec"}, id="overloaded"),
        pytest.param("def f(**x): exec(x['a'])", {"exec"}, id="keywords"),
        pytest.param("def f(x):\n d = {}\n d['a'] = x\n exec(d['a'])", {"exec"}, id="a container"),
    ],
)
def test_judges_a_function(source: str, expected: set[str]) -> None:
    assert effects(source) == expected


A = "class A:\n def "
CLASS = "import posix\nclass B:\n def run(self): posix.system(self.c)\n"


@pytest.mark.parametrize(
    ("source", "use", "expected"),
    [
        pytest.param(A + "__init__(s, x): exec(x)", "call", {"exec"}, id="constructor"),
        pytest.param(A + "__new__(c, x): exec(x)", "new", {"exec"}, id="new"),
        pytest.param(
            "class A:\n def __init__(s, x): exec(x)", "new", NOTHING, id="NEWOBJ skips init"
        ),
        pytest.param(
            "class A:\n def __setstate__(s, d): exec(d)", "build", {"exec"}, id="setstate"
        ),
        pytest.param(A + "__del__(s): exec(s.x)", "build", {"exec"}, id="destructor"),
        pytest.param(A + "__del__(s): exec('1')", "build", NOTHING, id="fixed destructor"),
        pytest.param(A + "append(s, x): exec(x)", "append", {"exec"}, id="append"),
        pytest.param(
            "class A:\n def __setitem__(s, k, v): exec(v)", "setitem", {"exec"}, id="items"
        ),
        pytest.param(A + "add(s, x): exec(x)", "add", {"exec"}, id="add"),
        pytest.param(A + "__hash__(s): exec(s.x)", "hash", {"exec"}, id="hash"),
        pytest.param(
            A + "__eq__(s, o): exec(s.x)\n def __hash__(s): return 1",
            "hash",
            {"exec"},
            id="equality",
        ),
        pytest.param(A + "__eq__(s, o): exec(s.x)", "hash", NOTHING, id="no key at all"),
        pytest.param(
            "class A:\n def __getattr__(s, n): exec(s.x)", "getattr", {"exec"}, id="getattr"
        ),
        pytest.param(
            "class A:\n def __setattr__(s, n, v): exec(v)", "slots", {"exec"}, id="setattr"
        ),
        pytest.param(
            "class A:\n @property\n def p(s): return 1\n @p.setter\n def p(s, v): exec(v)",
            "slots",
            {"exec"},
            id="property setter",
        ),
        pytest.param(
            CLASS + "class A(B):\n def __del__(s): s.run()", "build", {"proc"}, id="inherits"
        ),
        pytest.param(
            "class B:\n def __setstate__(s, d): s.go(d)\n def go(s, d): pass\n"
            "class A(B):\n def go(s, d): exec(d)",
            "build",
            {"exec"},
            id="overridden",
        ),
        pytest.param(
            "class A:\n @property\n def p(s): exec(s.x)\n def __setstate__(s, d): s.p",
            "build",
            {"exec"},
            id="property",
        ),
        pytest.param(
            "class M(type):\n def __call__(c, x): exec(x)\nclass A(metaclass=M): pass",
            "call",
            {"exec"},
            id="metaclass",
        ),
        pytest.param(
            "@dataclass\nclass A:\n x: str\n def __post_init__(s): exec(s.x)",
            "call",
            {"exec"},
            id="post init",
        ),
        pytest.param(A + "__init__(s, x): s.x = x", "build", NOTHING, id="plain"),
    ],
)
def test_judges_each_use_of_a_class(source: str, use: str, expected: set[str]) -> None:
    assert effects(source, "A", use) == expected


LOAD = """
from _pickle import loads
def load(data, allow_pickle=False):
    if not allow_pickle:
        raise ValueError
    return loads(data)
"""


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        pytest.param("def f(x): load(x, allow_pickle=True)", {"unpickle"}, id="open"),
        pytest.param("def f(x): load(x, allow_pickle=False)", NOTHING, id="shut"),
        pytest.param("def f(x): load(x)", NOTHING, id="shut by default"),
        pytest.param("def f(x): load(x, True)", {"unpickle"}, id="by position"),
        pytest.param("def f(x, y): load(x, y)", {"unpickle"}, id="chosen"),
        pytest.param("def f(x): load(x, allow_pickle=unknown())", {"unpickle"}, id="not known"),
        pytest.param("def f(x): load(x, **x)", {"unpickle"}, id="perhaps among keywords"),
        pytest.param(
            "def g(x, safe=False): load(x, safe)\ndef f(x): g(x)", NOTHING, id="passed on, shut"
        ),
        pytest.param(
            "def g(x, safe=False): load(x, safe)\ndef f(x): g(x, True)",
            {"unpickle"},
            id="passed on, open",
        ),
        pytest.param(
            "def g(x, safe=False):\n safe = True\n load(x, safe)\ndef f(x): g(x)",
            {"unpickle"},
            id="assigned",
        ),
    ],
)
def test_understands_constant_guards(source: str, expected: set[str]) -> None:
    assert effects(LOAD + source) == expected


def test_a_guarded_loader_itself_is_dangerous() -> None:
    assert effects(LOAD, "load") == {"unpickle"}


@pytest.mark.parametrize(
    ("source", "level"),
    [
        pytest.param("f = len\nf = unknown.f", "unknown", id="one meaning is not known"),
        pytest.param("import posix\nf = getattr(posix, 'system')", "danger", id="by getattr"),
        pytest.param("import elsewhere\ndef f(x): elsewhere.go(x)", "unknown", id="handed on"),
        pytest.param("def f(x): open(x)", "reads", id="read"),
    ],
)
def test_ranks_what_a_name_can_do(source: str, level: str) -> None:
    assert named(source).uses["call"].level == level


def test_marks_a_coroutine_as_one() -> None:
    found = named("async def f(x): exec(x)")
    assert (found.kind, set(found.uses["call"].effects)) == ("coroutine", {"exec"})


def test_tells_what_an_import_does() -> None:
    program = solved(quiet="x = 1", loud="import posix\nposix.system('open')")
    judge = Judge(program)
    assert (set(judge.on_import("quiet")), set(judge.on_import("loud"))) == (set(), {"proc"})


def test_follows_re_exports_between_modules() -> None:
    program = solved(a="from b import *", b="from c import f as g", c="def f(x): exec(x)")
    found = Judge(program).name("a.g", dotted(program, "a", "g"))
    assert found is not None
    assert found.uses["call"].level == "danger"


def test_keeps_the_lowered_form_through_its_cache() -> None:
    module = lowered("lib", LOAD + CLASS + "def f(x):\n def g(): exec(x)\n return g")
    assert from_plain(to_plain(module)) == module


def test_refuses_what_python_cannot_parse() -> None:
    assert lower("def", "lib", "lib.py") is None
    assert lower("(" * 10_000, "lib", "lib.py") is None
    assert lower(b"\xff\xfe", "lib", "lib.py") is None


OWN = sorted((ROOT / "tools" / "capability").glob("*.py"))


@pytest.mark.parametrize("path", OWN, ids=lambda path: path.name)
def test_analyses_its_own_source(path: Path) -> None:
    program = solved(own=path.read_text(encoding="utf-8"))
    judge = Judge(program)
    table = collect(program, judge, Lowered([program.modules["own"]], {}, []), {"version": "1"})
    assert table.modules == {"own"}


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.data())
def test_lowers_any_mix_of_statements(data: st.DataObject) -> None:
    statements = [each for path in OWN for each in ast.parse(path.read_text("utf-8")).body]
    chosen = data.draw(st.lists(st.sampled_from(statements), max_size=6))
    text = ast.unparse(ast.Module(chosen, []))
    program = solved(mixed=text)
    assert "mixed" in program.modules


@settings(max_examples=100, deadline=None)
@given(st.text("abcxyz=().,:[]{}*@'\n 012\\", max_size=80))
def test_lowering_never_crashes_on_text(text: str) -> None:
    lower(text, "lib", "lib.py")


MAKE = """
import sys
sys.path.insert(0, {root!r})
from tests.tools.test_capability import made
sys.stdout.buffer.write(made())
"""


def made() -> bytes:
    """Return the table of this package's own source."""
    program = Program(NATIVE)
    modules = [lowered(f"own.{path.stem}", path.read_text(encoding="utf-8")) for path in OWN]
    program.solve(program.load(modules), analyse)
    table = collect(program, Judge(program), Lowered(modules, {}, []), {"version": "1"})
    return encode("own", table)


def test_makes_the_same_bytes_from_the_same_source() -> None:
    program = MAKE.format(root=str(ROOT))
    runs = {
        subprocess.run(
            [sys.executable, "-c", program],
            check=True,
            capture_output=True,
            env={"PYTHONHASHSEED": seed, "PYTHONWARNINGS": "ignore"},
        ).stdout
        for seed in ("0", "7")
    }
    assert len(runs) == 1
