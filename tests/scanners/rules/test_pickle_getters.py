"""Getters of attributes: kept as a key they are data, called they lead anywhere."""

from __future__ import annotations

import operator
import pickle

import pytest

from aibom.scanners.artifact import Artifact, Target
from aibom.scanners.dissect import dissect
from aibom.scanners.judge import judge
from aibom.scanners.limits import Budget, Limits
from aibom.scanners.rule import Severity
from aibom.scanners.source import BytesSource
from tests.scanners.pickles.programs import text

GETTER = b"coperator\nattrgetter\n" + text("score") + b"\x85R"
CALLER = b"coperator\nmethodcaller\n" + text("lower") + b"\x85R"
TOLD = {"pickle-imports-capable-name"}


def judged(program: bytes) -> set[str]:
    """Return the rules that tell something graver than a name that nobody knows."""
    artifact: Artifact = dissect(BytesSource(program + b"."), ("model.pkl",), Budget(Limits()))
    findings = judge(Target((artifact,)))
    return {each.rule for each in findings if each.severity > Severity.LOW}


def getter(*names: str) -> bytes:
    return b"coperator\nattrgetter\n(" + b"".join(map(text, names)) + b"tR"


@pytest.mark.parametrize("protocol", range(6))
@pytest.mark.parametrize(
    "value",
    [
        operator.attrgetter("score"),
        operator.attrgetter("loss.item_count", "epoch"),
        operator.methodcaller("lower"),
        operator.methodcaller("split", "/ "),
    ],
    ids=["attribute", "path and attribute", "method", "method with a text"],
)
def test_a_getter_that_is_kept_is_only_told(value: object, protocol: int) -> None:
    assert judged(pickle.dumps({"key": value}, protocol)[:-1]) == TOLD


def test_a_getter_in_a_state_is_only_told() -> None:
    assert judged(b"\x80\4cmymodel\nSorted\n)\x81}" + text("key") + GETTER + b"sb") == TOLD


@pytest.mark.parametrize(
    "made",
    [
        getter("__class__"), getter("a.__globals__"), getter("_private"), getter("os.system"),
        getter("a.sys.modules"), getter("a b"), getter("a..b"), getter(""),
        getter("system"), getter("a.run"), getter("loss", "popen"),
        b"coperator\nattrgetter\n)R", b"coperator\nattrgetter\ncmymodel\nNAME\n\x85R",
        CALLER.replace(text("lower"), text("system")), CALLER.replace(text("lower"), text("run")),
        CALLER.replace(text("lower"), text("__init__")),
        CALLER.replace(text("lower"), text("format")),
        b"coperator\nmethodcaller\n" + text("get") + b"cmymodel\nrun\n\x86R",
        b"c_operator\nmethodcaller\n" + text("unlink") + b"\x85R",
        b"coperator\nattrgetter\n" + text("score") + b"\x85}" + text("x") + b"K\1s\x92",
    ],
    ids=[
        "special", "special inside", "private", "of a module", "through a module", "no name",
        "empty part", "empty", "a command", "a runner", "one of two", "nothing", "no text",
        "system", "unknown method", "special method", "format", "with a function",
        "another module's", "with keywords",
    ],
)  # fmt: skip
def test_any_other_getter_is_critical(made: bytes) -> None:
    assert "pickle-resolves-names" in judged(b"\x80\4" + made)


@pytest.mark.parametrize("made", [GETTER, CALLER], ids=["attribute", "method"])
@pytest.mark.parametrize(
    ("before", "after", "rule"),
    [
        (b"", b"cmymodel\nTHING\n\x85R", "pickle-calls-computed"),
        (b"cbuiltins\nmap\n", b"](cmymodel\nTHING\ne\x86R", "pickle-calls-back"),
        (b"cbuiltins\nsorted\n]", b"\x86R", "pickle-calls-back"),
        (b"cfunctools\npartial\n", b"\x85R", "pickle-calls-back"),
        (b"cbuiltins\nmap\ncfunctools\npartial\ncbuiltins\nprint\n\x85R(",
         b")}Ntb](K\1e\x86R", "pickle-calls-back"),
        (b"cmymodel\npick\n", b"\x85R", "pickle-resolves-names"),
        (b"cmymodel\nPick\n", b"\x85R", "pickle-resolves-names"),
        (b"cmymodel\nPick\n", b"\x85\x81", "pickle-resolves-names"),
        (b"cmymodel\npick\n]", b"a\x85R", "pickle-resolves-names"),
        (b"cmymodel\nPick\n)}" + text("key"), b"s\x92", "pickle-resolves-names"),
    ],
    ids=[
        "called", "mapped", "sorted by", "in a partial", "in a partial's state",
        "given to something unknown", "given to an unknown class", "rebuilt with",
        "given in a list", "given by keyword",
    ],
)  # fmt: skip
def test_a_getter_that_may_be_called_is_told_as_one(
    made: bytes, before: bytes, after: bytes, rule: str
) -> None:
    assert rule in judged(b"\x80\4" + before + made + after)


def test_one_getter_through_a_module_among_very_many_is_found() -> None:
    start = b"\x80\4coperator\nattrgetter\n\x940"
    many = b"".join(b"h\0" + text(f"loss.item{n}") + b"\x85R0" for n in range(300))
    assert judged(start + many + b"N") == TOLD
    attack = b"h\0" + text("a.os.system") + b"\x85R0N"
    assert "pickle-resolves-names" in judged(start + many + attack)
