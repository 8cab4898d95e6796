"""What compiled code names, the same for every Python that compiled it."""

from __future__ import annotations

import marshal
import time

import pytest

from aibom.scanners.facts import CompiledCode
from aibom.scanners.limits import Budget, Exceeded, Limits
from aibom.scanners.marshalled import summary, tracing
from aibom.scanners.marshalled.code import UNKNOWN, Code, Constant
from aibom.scanners.marshalled.instructions import Instruction, decode
from aibom.scanners.marshalled.reader import LAYOUTS, read
from aibom.scanners.marshalled.tables import pythons, version_of
from aibom.scanners.source import Span
from tests.scanners.marshalled.golden import COMPILED, marshalled

NAMES = {
    "<module>": {"a.b", "subprocess.Popen", "object"},
    "A": {"__name__"},
    "f": {"eval"},
    "go": {"os.system", "subprocess.Popen", "getattr", "os.popen", "a.b.c.d"},
    "inner": {"json.dumps", "__import__", "socket.socket"},
}
IMPORTS = {
    "<module>": ("os", "a.b", "subprocess", "subprocess.Popen"),
    "go": ("json",),
    "inner": ("socket",),
}


def facts(data: bytes) -> list[CompiledCode]:
    found: list[CompiledCode] = []
    for reading in read(data, 0, Budget(Limits()), LAYOUTS):
        found += summary.facts(reading.value, "marshal", Budget(Limits()), summary.Room())
    return found


def compiled(source: str) -> list[CompiledCode]:
    return facts(marshal.dumps(compile(source, "a.py", "exec", dont_inherit=True)))


@pytest.mark.parametrize("version", COMPILED)
def test_tells_the_same_of_every_python(version: str) -> None:
    found = {fact.name.rpartition(".")[2]: fact for fact in facts(marshalled(version))}
    assert {name: {*fact.names} - {"True"} for name, fact in found.items()} == NAMES
    assert {name: fact.imports for name, fact in found.items() if fact.imports} == IMPORTS
    assert all(version in fact.pythons for fact in found.values())
    calls = [call.replace("(b'", "('") for call in found["go"].calls]
    assert [calls[0], *calls[2:4]] == [
        "os.system('echo hi')",
        "getattr('popen')",
        "os.popen('ls /')",
    ]
    assert calls[1].startswith("subprocess.Popen(")
    assert calls[4].startswith("a.b.c.d(1")
    assert {"echo hi", "ls /"} <= {*found["go"].texts}


@pytest.mark.parametrize("version", ["2.7", "3.12", "3.13", "3.14"])
def test_tells_which_python_compiled_code(version: str) -> None:
    assert {fact.pythons for fact in facts(marshalled(version))} == {(version,)}


@pytest.mark.parametrize("version", COMPILED)
def test_knows_the_number_of_every_python(version: str) -> None:
    assert version_of(int.from_bytes(COMPILED[version][:2], "little")) == version


@pytest.mark.parametrize("magic", [0, 2999, 3000, 3351, 3999, 62010, 62212])
def test_other_numbers_are_of_no_python_we_know(magic: int) -> None:
    assert version_of(magic) == ""


def test_previews_belong_to_what_came_of_them() -> None:
    assert version_of(3360) == "3.6"
    assert version_of(3600) == "3.14"


@pytest.mark.parametrize(
    ("source", "name"),
    [
        ("import os.path as p\np.join", "os.path.join"),
        ("import a.b.c as d\nd.e", "a.b.c.e"),
        ("import importlib\nimportlib.import_module('a.b').c", "a.b.c"),
        ("__import__('a.b').b.c", "a.b.c"),
        ("getattr(__import__('os'), 'system')", "os.system"),
        ("from .x import y\ny.z", ".x.y.z"),
        ("def f():\n import os\n def g(): return os.system", "os.system"),
        ("global os\nimport os\ndef f(): os.system('id')", "os.system"),
        ("import os\no = os\nif x: o = 1\no.system", "os.system"),
        ("def f():\n a = os\n b = a\n return b.system, a", "os.system"),
    ],
)
def test_follows_names_to_what_they_stand_for(source: str, name: str) -> None:
    assert name in {each for fact in compiled(source) for each in fact.names}


def test_long_arguments_and_names_are_cut() -> None:
    (fact,) = compiled("f('" + "x" * 500 + "', b'" + "y" * 500 + "', 1.5, None, ...)")
    (call,) = fact.calls
    assert call == f"f({'x' * 80!r}…, {b'y' * 80!r}…, 1.5, None, …)"
    names = compiled(".".join(["b" * 60] * 9))[0].names
    assert names[0] == ".".join(["b" * 60] * 4)


@pytest.mark.parametrize(
    ("source", "call"),
    [
        ("os.system('a' + x)", "os.system()"),
        ("os.system(f'{x} {x!r:>{n}}')", "os.system()"),
        ("os.system(*a)", "os.system()"),
        ("os.system(*a, **k)", "os.system()"),
        ("os.system(x[1], x[1:2], -x, {1: x, **k}, [*x], {x}, x < 2, x is None)", "os.system()"),
        ("os.system(lambda: 1, 'x')", "os.system('x')"),
        ("os.system(lambda y=1, *, z=2: 1, 'x')", "os.system('x')"),
        ("def f(y):\n os.system(lambda: y, 'x')", "os.system('x')"),
        ("a.b, a[1] = 1, 2\nos.system('x')", "os.system('x')"),
    ],
)
def test_sees_calls_with_arguments_that_are_computed(source: str, call: str) -> None:
    assert call in {each for fact in compiled(source) for each in fact.calls}


@pytest.mark.parametrize(
    ("version", "program"),
    [
        ("3.8", "LOAD_NAME 0 LOAD_NAME 1 CALL_FUNCTION_EX 0"),
        ("3.8", "LOAD_NAME 0 LOAD_CONST 0 LOAD_CONST 0 MAKE_FUNCTION 0 CALL_FUNCTION 1"),
        ("3.12", "PUSH_NULL 0 LOAD_NAME 0 LOAD_NAME 1 LOAD_NAME 1 CALL_FUNCTION_EX 1"),
        ("3.13", "LOAD_NAME 0 PUSH_NULL 0 LOAD_CONST 0 MAKE_FUNCTION 0 CALL 1"),
        ("3.14", "LOAD_NAME 0 PUSH_NULL 0 LOAD_NAME 1 PUSH_NULL 0 CALL_FUNCTION_EX 0"),
        ("3.12", "PUSH_NULL 0 LOAD_NAME 0 LOAD_CONST 0 MAKE_FUNCTION 0 CALL 1"),
        ("3.10", "LOAD_NAME 0 LOAD_CONST 0 FORMAT_VALUE 0 CALL_FUNCTION 1"),
        ("3.10", "LOAD_NAME 0 LOAD_CONST 0 LOAD_CONST 0 FORMAT_VALUE 4 CALL_FUNCTION 1"),
    ],
)
def test_sees_calls_as_each_python_makes_them(version: str, program: str) -> None:
    (fact,) = told(made(assembled(version, program), version))
    assert fact.calls == ("n()",)


def test_functions_of_python_2_take_their_defaults() -> None:
    (fact,) = told(made(b"e\0\0d\0\0d\0\0\x84\1\0\x83\1\0", "2.7"))
    assert fact.calls == ("n()",)


def made(instructions: bytes, *versions: str, constants: tuple[Constant, ...] = (None,)) -> Code:
    return Code(instructions, constants, ("n", "m"), ("v",), (), "f", "g", versions, 7)


def told(code: Code) -> list[CompiledCode]:
    return list(summary.facts(code, "pickle", Budget(Limits()), summary.Room()))


def test_instructions_of_no_python_leave_the_bare_names() -> None:
    expected = CompiledCode(
        at=Span(7, 0),
        name="g",
        file="f",
        carrier="pickle",
        names=("n", "m"),
        texts=("a/bc", "c de", "/efg"),
    )
    constants = ("a/bc", b"c de", ("/efg", 1), 2, UNKNOWN)
    assert told(made(b"\xff\xff", "3.12", constants=constants)) == [expected]
    assert told(made(b"d", "3.12", constants=constants)) == [expected]
    assert told(made(b"e\x09\0", "2.7", constants=constants)) == [expected]
    assert told(made(b"e", "2.7", constants=constants)) == [expected]
    assert told(made(b"e\0", "2.7", constants=constants)) == [expected]
    assert told(made(b"", "3.5", constants=constants)) == [expected]


def test_wide_arguments_are_put_together() -> None:
    wide = pythons()["3.12"]
    prefix, load = wide.names.index("EXTENDED_ARG"), wide.names.index("LOAD_CONST")
    assert list(decode(bytes([prefix, 1, prefix, 2, load, 3]), wide)) == [
        Instruction("LOAD_CONST", 0x010203)
    ]
    narrow = pythons()["2.7"]
    prefix, load = narrow.names.index("EXTENDED_ARG"), narrow.names.index("LOAD_CONST")
    assert list(decode(bytes([prefix, 1, 0, load, 2, 0]), narrow)) == [
        Instruction("LOAD_CONST", 0x010002)
    ]


def assembled(version: str, program: str) -> bytes:
    python, words = pythons()[version], program.split()
    out = bytearray()
    for name, argument in zip(words[::2], words[1::2], strict=True):
        number = python.names.index(name)
        out += bytes([number, int(argument)]) + bytes(python.caches[number])
    return bytes(out)


@pytest.mark.parametrize(
    ("version", "program", "names"),
    [
        ("3.8", "LOAD_NAME 0 DUP_TOP 0 ROT_TWO 0 POP_TOP 0 LOAD_ATTR 1", ("n.m",)),
        ("3.8", "LOAD_NAME 0 ROT_TWO 0 LOAD_ATTR 1", ("n",)),
        ("3.12", "LOAD_NAME 0 COPY 1 SWAP 2 LOAD_ATTR 2", ("n.m",)),
        ("3.12", "COPY 9 LOAD_ATTR 2 LOAD_NAME 0", ("n",)),
        ("3.12", "CALL 3 POP_TOP 0 POP_TOP 0 LOAD_NAME 1", ("m",)),
        ("3.13", "LOAD_NAME 0 STORE_FAST_LOAD_FAST 0 LOAD_ATTR 2", ("n.m",)),
        ("3.13",
         "LOAD_NAME 0 LOAD_NAME 1 STORE_FAST_STORE_FAST 0 LOAD_FAST_LOAD_FAST 0 LOAD_ATTR 2",
         ("m", "n.m")),
        ("3.14", "LOAD_NAME 0 PUSH_NULL 0 LOAD_SMALL_INT 7 CALL 1", ("n",)),
        ("3.12", "LOAD_NAME 0 IMPORT_FROM 1", ("n.m",)),
        ("3.12", "IMPORT_FROM 1 LOAD_NAME 0", ("n",)),
        ("3.12", "IMPORT_NAME 0 LOAD_ATTR 2", ("n.m",)),
    ],
)  # fmt: skip
def test_follows_instructions_that_compilers_seldom_write(
    version: str, program: str, names: tuple[str, ...]
) -> None:
    (fact,) = told(made(assembled(version, program), version))
    assert fact.pythons == (version,)
    assert fact.names == names


def test_the_statement_exec_is_told() -> None:
    (fact,) = told(made(b"d\0\0U", "2.7"))
    assert fact.names == ("exec",)


def test_what_is_told_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tracing, "MAX_TOLD", 3)
    source = "\n".join(f"import m{n}\nm{n}.f{n}()\ng{n}('x')" for n in range(9))
    (fact,) = compiled(source)
    assert (len(fact.imports), len(fact.names), len(fact.calls)) == (3, 2, 3)


def test_too_many_instructions_end_the_reading(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(summary, "MAX_CODE", 160)
    inner = made(assembled("3.12", "NOP 0 " * 50), "3.12")
    outer = made(assembled("3.12", "NOP 0 " * 50), "3.12", constants=(inner, (inner,)))
    assert len(told(inner)) == 1
    with pytest.raises(Exceeded, match="instructions"):
        told(outer)


def test_too_many_names_of_all_code_objects_end_the_reading(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(summary, "MAX_TOLD", 1)
    with pytest.raises(Exceeded, match="what code names"):
        told(made(assembled("3.12", "LOAD_NAME 0 LOAD_NAME 1"), "3.12"))
    with pytest.raises(Exceeded, match="what code names"):
        told(made(b"", "3.5"))


def test_code_that_stands_in_two_places_is_told_once() -> None:
    inner = made(assembled("3.12", "NOP 0"), "3.12")
    outer = made(b"", "3.12", constants=(inner, (inner,)))
    assert len(told(made(b"", "3.12", constants=(outer, inner)))) == 3


def test_shared_constants_are_looked_through_once() -> None:
    inner = made(b"", "3.12")
    shared: tuple[Constant, ...] = (*(None,) * 200_000, inner)
    many = tuple(made(b"", "3.12", constants=shared) for _ in range(2000))
    started = time.process_time()
    assert len(told(made(b"", "3.12", constants=many))) == 2002
    assert time.process_time() - started < 5


def test_too_many_code_objects_end_the_reading(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(summary, "MAX_CODES", 3)
    inner = tuple(made(b"", "3.12") for _ in range(5))
    with pytest.raises(Exceeded, match="code objects"):
        told(made(b"", "3.12", constants=inner))
