"""Objects that are rebuilt: with nothing, with expressions, by a partial, as numpy's arrays."""

from __future__ import annotations

import pickle
from typing import TYPE_CHECKING

import pytest

from aibom.scanners.artifact import Artifact, Target
from aibom.scanners.dissect import dissect
from aibom.scanners.facts import Call, StateSet
from aibom.scanners.judge import judge
from aibom.scanners.limits import Budget, Limits
from aibom.scanners.rule import Severity
from aibom.scanners.source import BytesSource
from aibom.scanners.values import Global, Group, Made

if TYPE_CHECKING:
    from collections.abc import Mapping

    from aibom.scanners.values import Value

SYMBOL = b"csympy.core.symbol\nSymbol\n\x8c\1x\x85\x81"
MATRIX = b"csympy.matrices.dense\nMutableDenseMatrix\n)\x81"
POLY = b"csympy.polys.polytools\nPoly\n"
STATE = b"}\x8c\4rowsK\1sb"
EVIL = b"\x8c\x20__import__('os').system('touch')"


def dissected(program: bytes) -> Artifact:
    return dissect(BytesSource(b"\x80\4" + program + b"."), ("model.pkl",), Budget(Limits()))


def grave(program: bytes) -> set[str]:
    findings = judge(Target((dissected(program),)))
    return {each.rule for each in findings if each.severity >= Severity.HIGH}


@pytest.mark.parametrize(
    "program",
    [
        MATRIX + STATE,
        b"ccopyreg\n_reconstructor\n(csympy.matrices.dense\nMutableDenseMatrix\n"
        b"cbuiltins\nobject\nNtR" + STATE,
        POLY + SYMBOL + SYMBOL + b"\x86\x81",
        b"csympy.core.function\nSubs\n" + SYMBOL + SYMBOL + b"\x86\x81",
        b"ccollections\nOrderedDict\n)RK\1" + MATRIX + STATE + b"s",
    ],
    ids=["matrix", "matrix of protocol 0", "polynomial", "substitution", "matrix in a dict"],
)
def test_expressions_of_expressions_pass(program: bytes) -> None:
    assert grave(program) == set()


@pytest.mark.parametrize(
    ("program", "rule"),
    [
        (MATRIX + b"K\0" + EVIL + b"s", "pickle-executes-code"),
        (MATRIX + b"0cmymodel\nsame\n)RK\0" + EVIL + b"s", "pickle-executes-code"),
        (POLY + EVIL + SYMBOL + b"\x86\x81", "pickle-executes-code"),
        (
            POLY + b"ccollections\nUserString\n)\x81}\x8c\4data" + EVIL + b"sb\x85\x81",
            "pickle-executes-code",
        ),
        (POLY + SYMBOL + b"\x85R", "pickle-executes-code"),
        (
            b"csympy.core.power\nPow\nccollections\nUserString\n)\x81}\x8c\4data"
            + EVIL
            + b"sbK\1\x86\x81",
            "pickle-calls-unknown-with-text",
        ),
    ],
    ids=["an item", "an item somewhere", "a text", "an object", "called", "an object as a power"],
)
def test_what_sympy_would_evaluate_is_told(program: bytes, rule: str) -> None:
    assert rule in grave(program)


MAKER = b"cbuiltins\ngetattr\ncmymodel\nNet\n\x8c\x07__new__\x86R"


def by_partial(maker: bytes, given: bytes, keywords: bytes = b"}") -> bytes:
    """Return the object of `given` as protocols 2 and 3 make it from keywords."""
    start = b"cfunctools\npartial\n" + maker + b"\x85R("
    return start + maker + given + keywords + b"Ntb)R"


def test_protocols_2_and_3_rebuild_by_a_partial() -> None:
    program = by_partial(MAKER, b"cmymodel\nNet\nK\1\x86", b"}\x8c\1aK\2s")
    calls = [fact for fact in dissected(program).facts if isinstance(fact, Call)]
    assert calls[-1] == Call(
        at=calls[-1].at,
        op="NEWOBJ_EX",
        callee=Global("mymodel", "Net"),
        arguments=Group("tuple", (1,)),
        keywords=Group("dict", ("a", 2)),
    )
    assert grave(program) == set()


@pytest.mark.parametrize(
    ("maker", "given"),
    [
        (MAKER, b"cos\nsystem\n\x85"),
        (MAKER, b")"),
        (MAKER.replace(b"__new__", b"__del__"), b"cmymodel\nNet\n\x85"),
        (b"cmymodel\nmake\n", b"cmymodel\nNet\n\x85"),
    ],
    ids=["another class", "no class", "another method", "a function"],
)
def test_any_other_partial_that_is_called_is_told(maker: bytes, given: bytes) -> None:
    assert "pickle-calls-computed" in grave(by_partial(maker, given))


def test_a_class_made_by_a_partial_is_judged_like_any() -> None:
    maker = MAKER.replace(b"mymodel\nNet", b"subprocess\nPopen")
    program = by_partial(maker, b"csubprocess\nPopen\n\x8c\2sh\x86")
    assert "pickle-spawns-process" in grave(program)


def test_an_array_that_was_in_a_file_is_an_array() -> None:
    rebuilt = b"cnumpy._core.multiarray\n_reconstruct\n(cnumpy\nmemmap\nK\0\x85C\1btR"
    assert grave(rebuilt) == set()
    assert grave(b"cnumpy\nmemmap\n\x8c\6/tmp/x\x85\x81") == {"pickle-writes-files"}


def test_a_class_named_like_a_module_is_no_module() -> None:
    assert grave(b"csympy.functions.elementary.complexes\nre\n" + SYMBOL + b"\x85\x81") == set()


def test_a_member_that_is_handed_to_a_caller_goes_by_its_name() -> None:
    member = b"cbuiltins\ngetattr\ncmymodel\nNet\n\x8c\x05build\x86R"
    assert grave(b"cfunctools\npartial\n" + member + b"\x85R") == set()
    asked = b"cbuiltins\ngetattr\ncpathlib\nPath\n\x8c\x06unlink\x86R"
    assert grave(b"cfunctools\npartial\n" + asked + b"\x85R") == {"pickle-calls-back"}


def test_made_objects_keep_their_names() -> None:
    program = b"cmymodel\nkeep\n" + MAKER + b"\x85R"
    calls = [fact for fact in dissected(program).facts if isinstance(fact, Call)]
    assert calls[-1].names == ("mymodel.Net",)
    made = Made(Global("builtins", "getattr"), (Global("mymodel", "Net"), "__new__"))
    assert calls[-1].arguments == Group("tuple", (made,))


def shown_state(state: Mapping[str, object]) -> Value:
    data = pickle.dumps(state, 2)[2:-1]
    artifact = dissected(b"cmymodel\nNet\n)\x81" + data + b"b")
    (fact,) = [each for each in artifact.facts if isinstance(each, StateSet)]
    return fact.state


def test_a_state_shows_all_its_attributes_before_what_is_in_them() -> None:
    wide = {f"a{number}": list(range(20)) for number in range(8)}
    state = shown_state(wide)
    assert isinstance(state, Group)
    assert state.items[::2] == tuple(wide)
    assert state.left_out == 0
    assert state.items[1] == Group("list", (), 20)


def test_a_state_that_is_too_wide_says_what_is_left_out() -> None:
    state = shown_state({f"a{number}": number for number in range(200)})
    assert isinstance(state, Group)
    assert len(state.items) + state.left_out == 400
    assert state.left_out > 0
