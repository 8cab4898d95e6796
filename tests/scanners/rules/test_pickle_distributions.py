"""SciPy's distributions run a text of their state: SciPy's own passes, and no other."""

from __future__ import annotations

import pytest

from aibom.scanners.artifact import Artifact, Target
from aibom.scanners.dissect import dissect
from aibom.scanners.judge import judge
from aibom.scanners.limits import Budget, Limits
from aibom.scanners.source import BytesSource

TEMPLATE = """
def _parse_args(self, a, b,  loc=0, scale=1):
    return (a, b, ), loc, scale

def _parse_args_rvs(self, a, b,  loc=0, scale=1, size=None):
    return self._argcheck_rvs(a, b,  loc, scale, size=size)

def _parse_args_stats(self, a, b,  loc=0, scale=1, moments='mv'):
    return (a, b, ), loc, scale, moments
"""
MADE = b"cscipy.stats._continuous_distns\nnorm_gen\n)\x81"
KEY = b"\x8c\x13_parse_arg_template"


def text(value: str) -> bytes:
    data = value.encode()
    return b"X" + len(data).to_bytes(4, "little") + data


def rules(program: bytes) -> set[str]:
    whole = b"\x80\x04" + program + b"."
    artifact: Artifact = dissect(BytesSource(whole), ("model.pkl",), Budget(Limits()))
    return {each.rule for each in judge(Target((artifact,)))}


def runs_code(program: bytes) -> bool:
    return "pickle-executes-code" in rules(program)


def with_template(value: str) -> bytes:
    return MADE + b"}" + KEY + text(value) + b"sb"


@pytest.mark.parametrize(
    "template",
    [
        TEMPLATE,
        TEMPLATE.replace("a, b, ", ""),
        TEMPLATE.replace(", scale=1", "").replace("loc, scale", "loc, 1"),
    ],
)
def test_scipys_own_template_passes(template: str) -> None:
    assert not runs_code(with_template(template))


@pytest.mark.parametrize(
    "template",
    [
        "import os",
        TEMPLATE + "import os\n",
        "import os" + TEMPLATE,
        TEMPLATE.replace("loc=0", "loc=f()"),
        TEMPLATE.replace("a, b", "a=f(), b"),
        TEMPLATE.replace("a, b, ", "a, b, \n"),
        TEMPLATE.replace("(a, b, ), loc, scale\n", "(b, a, ), loc, scale\n", 1),
    ],
)
def test_any_other_template_is_code(template: str) -> None:
    assert runs_code(with_template(template))


GOOD = KEY + text(TEMPLATE)
# How protocols 0 and 1 make an object, but for the base and its state.
OLD = b"ccopyreg\n_reconstructor\n(cscipy.stats._discrete_distns\npoisson_gen\nc%btR"


@pytest.mark.parametrize(
    "made",
    [
        b"cscipy.stats._continuous_distns\nrv_histogram\n)\x81",
        b"cscipy.stats._distn_infrastructure\nrv_sample\n)\x81",
        b"cscipy.stats._distn_infrastructure\nrv_discrete\n)\x81",
        b"cscipy.stats._levy_stable\nlevy_stable_gen\n)\x81",
        OLD % b"builtins\nobject\nN",
    ],
    ids=["of a histogram", "of a sample", "discrete", "stable", "protocol 0"],
)
def test_every_way_to_write_a_distribution_passes(made: bytes) -> None:
    assert not runs_code(made + b"}" + GOOD + b"sb")


def test_a_method_of_a_distribution_passes() -> None:
    asked = b"cbuiltins\ngetattr\n" + with_template(TEMPLATE) + b"\x8c\x03pdf\x86R"
    assert rules(asked) == set()


def test_the_entropy_that_a_discrete_distribution_keeps_passes() -> None:
    asked = b"cbuiltins\ngetattr\nh\0\x8c\x08_entropy\x86R"
    vectorised = b"cnumpy\nvectorize\n)\x81}\x8c\6pyfunc" + asked + b"sb"
    state = b"}(\x8c\x0avecentropy" + vectorised + GOOD + b"ub"
    found = rules(OLD % b"builtins\nobject\nN" + b"q\0" + state)
    assert found <= {"pickle-rebuilds-unknown-class"}


@pytest.mark.parametrize(
    "program",
    [
        MADE + b"}(" + GOOD + KEY + b"\x8c\1xub",
        MADE + b"}(" + GOOD + b"\x8c\x0f_attach_methods\x8c\1xub",
        MADE + b"}(" + GOOD + b"K\1K\1ub",
        MADE + b"}" + KEY + b"cmymodel\ntext\nsb",
        MADE + KEY + b"\x8c\1x\x86\x85b",
        MADE + b"ccollections\nOrderedDict\n)R" + KEY + b"\x8c\1xsb",
        b"(cmymodel\nsame\n" + MADE + b"o}" + KEY + b"\x8c\1xsb0" + with_template(TEMPLATE),
        with_template(TEMPLATE) + b"0cmymodel\nsame\n)R}" + KEY + b"\x8c\1xsb",
        with_template(TEMPLATE) + b"0cscipy.stats._continuous_distns\nnorm\n}" + KEY + b"\x8c\1xsb",
        with_template(TEMPLATE)
        + b"0cnumpy.random._pickle\n__bit_generator_ctor\ncmymodel\nnorm_gen\n\x85R}"
        + KEY
        + b"\x8c\1xsb",
        b"cscipy.stats._continuous_distns\nnorm_gen\n)R",
        b"cscipy.stats._continuous_distns\nrv_histogram\n)R",
        b"cscipy.stats._continuous_distns\nrv_histogram\nK\1\x85\x81",
        OLD % b"builtins\ndict\nN" + b"}" + GOOD + b"sb",
        OLD % b"builtins\nobject\nK\1" + b"}" + GOOD + b"sb",
        OLD % b"builtins\nobject\nN" + b"}" + KEY + b"\x8c\1xsb",
        b"cbuiltins\ngetattr\n" + with_template(TEMPLATE) + b"\x8c\x07__new__\x86R",
        b"cmymodel\nsame\n" + with_template(TEMPLATE) + b"\x85R}" + KEY + b"\x8c\1xsb",
    ],
)
def test_a_state_by_another_way_is_code(program: bytes) -> None:
    assert runs_code(program)


def test_slot_state_counts_for_objects_of_the_first_protocols() -> None:
    made = b"ccopyreg\n_reconstructor\n(ckeras.src.models.sequential\nSequential\n"
    slots = b"N}\x8c\1xK\1s\x86b"
    assert "pickle-slot-state-runs-code" in rules(made + b"cbuiltins\nobject\nNtR" + slots)


def test_other_objects_beside_a_distribution_say_nothing() -> None:
    frozen = b"cscipy.stats._distn_infrastructure\nrv_continuous_frozen\n)\x81}\x8c\4dist"
    others = b"0cnumpy\ndtype\n\x8c\2f8\x85R(K\3\x8c\1<tb0cmymodel\nNet\n)\x81}\x8c\1aK\1sb"
    array = b"0cnumpy.ma.core\n_mareconstruct\n(cnumpy.ma.core\nMaskedArray\ncnumpy\nndarray\n"
    masked = array + b"K\0\x85\x8c\1btR(K\1K\3\x85tb"
    assert not runs_code(frozen + with_template(TEMPLATE) + b"sb" + others + masked)
