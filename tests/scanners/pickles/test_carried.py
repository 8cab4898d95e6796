"""Functions that a pickle carries: code objects told by the shape of what makes them."""

from __future__ import annotations

import io
import marshal
import pickle
from typing import Any

import pytest

from aibom.scanners.dissect import dissect
from aibom.scanners.facts import CompiledCode, Fact
from aibom.scanners.limits import Budget, Exceeded, Limits
from aibom.scanners.marshalled.code import Code, codes_in
from aibom.scanners.marshalled.reader import LAYOUTS, read
from aibom.scanners.pickles import carried
from aibom.scanners.source import BytesSource, Span
from tests.scanners.marshalled.golden import COMPILED, marshalled
from tests.scanners.pickles.programs import facts as facts_of


def go(version: str) -> Code:
    """Return what a Python compiled the example's function `go` to."""
    (reading,) = read(marshalled(version), 0, Budget(Limits()), LAYOUTS)[:1]
    (root,) = codes_in(reading.value)
    return next(code for code in codes_in(root.constants) if code.name == "go")


class _Pickler(pickle.Pickler):
    """Writes calls of `print`: what is called does not matter."""

    def reducer_override(self, obj: object) -> Any:  # noqa: ANN401 - what the protocol says
        return (print, obj.arguments) if isinstance(obj, Made) else NotImplemented


class Made:
    def __init__(self, *arguments: object) -> None:
        self.arguments = arguments


def pickled(*arguments: object, protocol: int = 4) -> bytes:
    out = io.BytesIO()
    _Pickler(out, protocol).dump(Made(*arguments))
    return out.getvalue()


def arguments(version: str) -> tuple[object, ...]:
    """Return what the code type of that Python is called with."""
    code = go(version)
    constants = tuple("?" if isinstance(each, Code) else each for each in code.constants)
    counts: tuple[int, ...]
    texts: tuple[str, ...]
    after: tuple[object, ...]
    if version in {"3.11", "3.12", "3.13", "3.14"}:
        counts, texts = (2, 0, 0, 5, 6, 3), ("src.py", "go", "go")
        after = (3, b"", b"")
    else:
        counts = (2, 0, 0, 5, 6, 3)[6 - {"2.7": 4, "3.6": 5, "3.7": 5}.get(version, 6) :]
        texts, after = ("src.py", "go"), (3, b"")
    shared = code.cell_names if version not in {"3.11", "3.12", "3.13", "3.14"} else ()
    body = (code.instructions, constants, code.names, code.local_names)
    return (*counts, *body, *texts, *after, (), shared)


def carried_in(program: bytes) -> list[CompiledCode]:
    return [fact for fact in facts_of(program) if isinstance(fact, CompiledCode)]


@pytest.mark.parametrize("protocol", [2, 4])
@pytest.mark.parametrize("version", COMPILED)
def test_tells_what_a_carried_function_names(version: str, protocol: int) -> None:
    (fact,) = carried_in(pickled(*arguments(version), protocol=protocol))
    assert (fact.name, fact.file, fact.carrier) == ("go", "src.py", "pickle")
    assert version in fact.pythons
    assert fact.imports == ("json",)
    assert {"os.system", "os.popen", "m.c.d", "run"} <= {*fact.names}
    assert fact.texts[:1] == ("echo hi",) if version != "2.7" else True


def test_arguments_that_no_version_takes_are_read_by_all() -> None:
    (fact,) = carried_in(pickled(b"x", *arguments("3.12")[1:]))
    assert fact.pythons == ("3.12",)


def test_places_code_where_its_instructions_stand() -> None:
    program = pickled(*arguments("3.12"))
    (fact,) = carried_in(program)
    instructions = go("3.12").instructions
    assert fact.at == Span(program.index(instructions), 0)


def test_one_function_made_twice_is_one() -> None:
    one = Made(*arguments("3.12"))
    out = io.BytesIO()
    pickler = _Pickler(out, 4)
    pickler.dump([one, Made(*one.arguments)])
    assert len(carried_in(out.getvalue())) == 1


def test_other_names_with_the_same_instructions_are_another() -> None:
    first = arguments("3.12")
    second = (*first[:8], tuple(f"{name}_" for name in first[8]), *first[9:])  # type: ignore[attr-defined]
    out = io.BytesIO()
    _Pickler(out, 4).dump([Made(*first), Made(*second)])
    assert len(carried_in(out.getvalue())) == 2


def test_text_instructions_of_python_2_are_read() -> None:
    given = list(arguments("2.7"))
    given[4] = go("2.7").instructions.decode("latin-1")
    assert {"os.system"} <= {*carried_in(pickled(*given))[0].names}


def test_long_and_nested_constants_are_cut() -> None:
    deep: object = "end"
    for _ in range(12):
        deep = (deep, 1.5)
    constants = ("x/" * 9000, b"y/" * 9000, deep, [1])
    given = arguments("3.12")
    (fact,) = carried_in(pickled(*given[:7], constants, *given[8:]))
    assert [len(text) > 300 for text in fact.texts] == [True, True]
    assert fact.texts[1].startswith("y/y/")


@pytest.mark.parametrize(
    "given",
    [
        (1,) * 20,
        (b"",) * 20,
        (b"c", (), (1,), ()) * 5,
        (b"c", (), ("n",), [1]) * 5,
        ([1], (), (), ()) * 5,
        (b"c", (), ()),
    ],
    ids=["numbers", "bytes", "names", "local names", "instructions", "few"],
)
def test_other_arguments_make_no_code(given: tuple[object, ...]) -> None:
    assert carried_in(pickled(*given)) == []


def test_instructions_that_a_call_returns_are_not_known() -> None:
    program = b"\x80\4ca\nb\n(ca\nb\n)R))))))))))))tR."
    assert carried_in(program) == []


def test_too_many_names_end_the_reading(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(carried, "MAX_STEPS", 5)
    with pytest.raises(Exceeded, match="functions that a pickle carries"):
        facts_of(pickled(*arguments("3.12")))


def test_marshalled_code_is_read_where_it_is_loaded() -> None:
    code = marshal.dumps(compile("import os\nos.system('id')", "a.py", "exec", dont_inherit=True))
    program = b"\x80\4cmarshal\nloads\nB" + len(code).to_bytes(4, "little") + code + b"\x85R."
    found = dissect(BytesSource(program), ("a.pkl",), Budget(Limits()))
    (part,) = found.parts
    assert part.formats == ("marshal",)
    told: list[Fact] = [fact for fact in part.facts if isinstance(fact, CompiledCode)]
    assert [fact.names for fact in told if isinstance(fact, CompiledCode)] == [("os.system",)]
