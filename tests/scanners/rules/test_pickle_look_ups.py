"""Calls that look a name up: what they give back is judged by that name, and no other passes."""

from __future__ import annotations

import io
import zipfile
from typing import TYPE_CHECKING

import pytest

from aibom.scanners.artifact import Artifact, Target
from aibom.scanners.dissect import dissect
from aibom.scanners.facts import Call, Import
from aibom.scanners.judge import judge
from aibom.scanners.limits import Budget, Limits
from aibom.scanners.rule import Severity
from aibom.scanners.source import BytesSource
from aibom.scanners.values import Global
from tests.scanners.pickles.programs import facts, text

if TYPE_CHECKING:
    from collections.abc import Callable

LOAD_TYPE = b"cdill._dill\n_load_type\n"
BUILTIN_TYPE = b"ccloudpickle.cloudpickle\n_builtin_type\n"
MEMBER = b"cdill._dill\n_getattr\ncbuiltins\nstr\n"
LOWER = MEMBER + text("lower") + text("<method 'lower' of 'str' objects>") + b"\x87R"
EVAL = b"cdill._dill\n_eval_repr\n"
TUPLE = b"cdill._dill\n_create_namedtuple\n("
UNDEFINED = b"csympy.core.function\n_rebuild_undef\n"
SYMBOL = b"csympy.core.symbol\nSymbol\n\x8c\1x\x85\x81"
PARTIAL = LOAD_TYPE + text("PartialType") + b"\x85R"
SHELL = text("rm -rf /")


def worst(program: bytes) -> Severity:
    whole = b"\x80\4" + program + b"."
    artifact: Artifact = dissect(BytesSource(whole), ("model.pkl",), Budget(Limits()))
    return max((each.severity for each in judge(Target((artifact,)))), default=Severity.INFO)


@pytest.mark.parametrize(
    "program",
    [
        PARTIAL + b"cbuiltins\nint\n\x85R(cbuiltins\nint\n)}" + text("base") + b"K\2sNtb",
        LOAD_TYPE + text("ItemGetterType") + b"\x85RK\1\x85R",
        LOAD_TYPE + text("ValueError") + b"\x85R" + text("/etc/x is no file") + b"\x85R",
        LOAD_TYPE + text("zip") + b"\x85R]]\x86R",
        LOAD_TYPE + text("MappingProxyType") + b"\x85R}\x85R",
        BUILTIN_TYPE + text("SimpleNamespace") + b"\x85R)R",
        BUILTIN_TYPE + text("GenericAlias") + b"\x85Rcbuiltins\nlist\ncbuiltins\nint\n\x85\x86R",
        LOWER,
        b"cbuiltins\nmap\n" + LOWER + b"]" + text("A") + b"a\x86R",
        EVAL + text("Ellipsis") + b"\x85R",
        EVAL + text("NotImplemented") + b"\x85R",
        b"cbuiltins\niter\n" + EVAL + text("range(0, 4)") + b"\x85R\x85R",
        EVAL + text("range(-1, 40, 2)") + b"\x85R",
        TUPLE + text("Attribute") + text("a") + text("inspect") + b"tR(K\1K\2K\3K\4t\x81",
        UNDEFINED + text("f") + b"}\x86R",
        UNDEFINED + text("f") + b"}" + text("real") + b"\x88s\x86R" + SYMBOL + b"\x85\x81",
    ],
    ids=[
        "partial", "item getter", "exception", "zip", "proxy", "namespace", "alias", "method",
        "mapped method", "ellipsis", "not implemented", "range", "range with step", "named tuple",
        "function", "applied function",
    ],
)  # fmt: skip
def test_what_libraries_look_up_passes(program: bytes) -> None:
    assert worst(program) <= Severity.LOW


@pytest.mark.parametrize(
    "program",
    [
        LOAD_TYPE + text("FileType") + b"\x85R" + SHELL + b"\x85R",
        LOAD_TYPE + text("PartialType") + text("x") + b"\x86R)R",
        PARTIAL + b"cposix\nsystem\n" + SHELL + b"\x86R",
        PARTIAL + b"cmymodel\nrun\n" + SHELL + b"\x86R",
        LOAD_TYPE + text("AttrGetterType") + b"\x85R" + text("a.__globals__") + b"\x85R",
        LOAD_TYPE + text("type") + b"\x85R" + text("x") + b"]}\x87R",
        LOAD_TYPE + text("ModuleType") + b"\x85R" + text("os") + b"\x85R",
        LOAD_TYPE + text("super") + b"\x85Rcmymodel\nNet\n\x85R",
        BUILTIN_TYPE + text("CodeType") + b"\x85RK\1\x85R",
        BUILTIN_TYPE + text("new_class") + b"\x85R" + text("x") + b"\x85R",
        BUILTIN_TYPE + text("__loader__.load_module") + b"\x85R" + text("x") + b"\x85R",
        BUILTIN_TYPE + text("sys") + b"\x85R)R",
        LOWER.replace(text("<method 'lower' of 'str' objects>"), text("' ' 'os")),
        LOWER.replace(b"objects>", b"object> "),
        MEMBER + text('x"]or 1#') + text("<method 'lower' of 'str' objects>") + b"\x87R",
        MEMBER + text("format") + text("<method 'format' of 'str' objects>") + b"\x87R",
        MEMBER.replace(b"builtins\nstr", b"mymodel\nstr") + LOWER[len(MEMBER) :],
        EVAL + text("range(0, f())") + b"\x85R",
        EVAL + text("range(0, 4) or f()") + b"\x85R",
        EVAL + text("Ellipsis.__class__") + b"\x85R",
        EVAL + text("exit") + b"\x85R",
        TUPLE + text("system") + text("a") + text("os") + b"tR" + text("id") + b"\x85R",
        TUPLE + text("run") + text("a") + text("mymodel") + b"tR" + SHELL + b"\x85R",
        TUPLE + text("x.y") + text("a") + text("os") + b"tR",
        TUPLE + text("os") + text("a") + text("__runtime__") + b"tR",
        TUPLE + text("Popen") + text("a") + text("subprocess") + b"tR",
        UNDEFINED + text("f") + b"}" + text("bases") + b"cmymodel\nNet\n\x85s\x86R",
        UNDEFINED + text("f") + b"}" + text("real") + SHELL + b"s\x86R",
        UNDEFINED + text("f") + b"}\x86R" + SHELL + b"\x85\x81",
        UNDEFINED + b"cmymodel\nNAME\n}\x86R",
        b"cdill._dill\n_create_ftype\ncmymodel\nrun\n(" + SHELL + b")}tR",
    ],
    ids=[
        "file", "two arguments", "partial of a command", "partial of something unknown",
        "getter of a special name", "class", "module", "super", "code", "new class", "dotted",
        "module of types", "another value", "another text", "a name that is code", "format",
        "another class", "range of a call", "range and more", "attribute", "another name",
        "named function", "named unknown", "dotted name", "runtime module", "named program",
        "function with bases", "function with a text", "applied to a text", "function of a name",
        "dill's maker of partials",
    ],
)  # fmt: skip
def test_what_only_looks_like_a_look_up_does_not(program: bytes) -> None:
    assert worst(program) >= Severity.HIGH


def test_a_named_tuple_of_dill_is_an_import_and_what_is_made_of_it() -> None:
    found = facts(b"\x80\4" + TUPLE + text("Pair") + text("a b") + text("mymodel") + b"tR)\x81.")
    assert [each.dotted for each in found if isinstance(each, Import)][-1] == "mymodel.Pair"
    made = [each for each in found if isinstance(each, Call)][-1]
    assert (made.op, made.callee) == ("NEWOBJ", Global("mymodel", "Pair"))


@pytest.mark.parametrize(
    ("callee", "honest", "attack"),
    [
        (EVAL, [text(f"range(0, {n})") + b"\x85" for n in range(600)], text("f(0, 1)") + b"\x85"),
        (
            TUPLE[:-1],
            [b"(" + text(f"T{n}") + text("a") + text("my.model") + b"t" for n in range(600)],
            b"(" + text("exec") + text("a") + text("__runtime__.code") + b"t",
        ),
        (
            UNDEFINED,
            [text(f"f{n}") + b"}\x86" for n in range(600)],
            text("f") + b"}" + text("bases") + b"Ns\x86",
        ),
    ],
    ids=["evaluated", "named tuple", "function"],
)
def test_one_attack_among_very_many_look_ups_is_found(
    callee: bytes, honest: list[bytes], attack: bytes
) -> None:
    start = callee + b"\x940" + b"".join(b"h\0" + each + b"R0" for each in honest)
    assert worst(start + b"N") <= Severity.LOW
    assert worst(start + b"h\0" + attack + b"RN") >= Severity.HIGH


# --- Partials and methods that are handed on ------------------------------------------------------

MAP = b"cbuiltins\nmap\n"
PARTIAL_OF = b"cfunctools\npartial\n"
ONE = b"](K\1e\x86R"


def with_state(function: bytes, arguments: bytes = b")") -> bytes:
    return PARTIAL_OF + function + b"\x85R(" + function + arguments + b"}Ntb"


@pytest.mark.parametrize(
    ("function", "arguments", "severity"),
    [
        (b"cmymodel\nrun\n", text("sh") + b"\x85", Severity.HIGH),
        (b"cmymodel\nrun\n", b")", Severity.MEDIUM),
        (b"cposix\nsystem\n", b")", Severity.CRITICAL),
        (b"cbuiltins\nlen\n", b")", Severity.INFO),
    ],
    ids=["unknown with text", "unknown", "a command", "harmless"],
)
def test_a_partial_that_is_handed_on_counts_with_its_state(
    function: bytes, arguments: bytes, severity: Severity
) -> None:
    assert worst(MAP + with_state(function, arguments) + ONE) is severity


def test_partials_in_partials_are_looked_into() -> None:
    inner = with_state(b"cmymodel\nrun\n", text("sh") + b"\x85")
    assert worst(MAP + with_state(inner) + ONE) is Severity.HIGH


def test_a_partial_of_itself_ends() -> None:
    start = PARTIAL_OF + b"cbuiltins\nprint\n\x85R\x94(h\0)}Ntb0"
    assert worst(start + MAP + b"h\0" + ONE) is Severity.INFO


GETATTR = b"cbuiltins\ngetattr\n"
NET = b"cmymodel\nNet\n)\x81"


@pytest.mark.parametrize(
    "owner",
    [
        NET,
        b"ccopyreg\n_reconstructor\n(cmymodel\nNet\ncbuiltins\nobject\nNtR",
        NET + b"}b",
        NET + b"K\3K\1K\2\x86N\x87b",
    ],
    ids=["protocol 2", "protocol 0", "empty state", "state of numbers"],
)
def test_a_method_of_an_object_goes_by_its_class(owner: bytes) -> None:
    method = GETATTR + owner + text("forward") + b"\x86R"
    assert worst(b"cfunctools\npartial\n" + method + b"\x85R") is Severity.MEDIUM
    assert worst(b"cfunctools\npartial\n" + method + SHELL + b"\x86R") is Severity.HIGH


@pytest.mark.parametrize(
    ("owner", "name"),
    [
        (NET + b"}" + text("forward") + b"cmymodel\nrun\nsb", "forward"),
        (NET + b"N}" + text("forward") + b"cmymodel\nrun\ns\x86b", "forward"),
        (b"cmymodel\nNet\n)}" + text("forward") + b"cmymodel\nrun\ns\x92", "forward"),
        (NET + b"K\3cmymodel\nrun\nN\x87b", "forward"),
        (NET + b"(" + b"K\0" * 2000 + b"tb", "forward"),
        (NET + b"(" + b"K\0\x85" * 1000 + b"tb", "forward"),
        (NET, "__class__"),
        (b"cmymodel\nmake\n)R", "forward"),
        (GETATTR + NET + text("inner") + b"\x86R", "forward"),
        (b"csubprocess\nPopen\n)\x81", "communicate"),
        (NET + b"}(" + b"".join(text(f"a{n}") + b"N" for n in range(300)) + b"ub", "forward"),
    ],
    ids=[
        "set by its state", "set by slots", "given by keyword", "in a tuple", "in a long tuple",
        "in a long tuple of tuples", "special", "of a function", "of an attribute", "of a program",
        "of very many",
    ],
)  # fmt: skip
def test_an_attribute_that_may_be_the_files_own_is_critical(owner: bytes, name: str) -> None:
    method = GETATTR + owner + text(name) + b"\x86R"
    assert worst(b"cfunctools\npartial\n" + method + b"\x85R") is Severity.CRITICAL


# --- Pickles in the bytes of spaCy's documents ----------------------------------------------------

DOC = b"cspacy.tokens.doc\nunpickle_doc\nN"
VOCAB = b"cspacy.vocab\nunpickle_vocab\n(NNNN"
ACTS = b"cposix\nsystem\n(S'id'\ntR."


def raw(data: bytes) -> bytes:
    return b"C" + bytes([len(data)]) + data


def encoded(data: bytes) -> bytes:
    """Return bytes as protocols before 3 write them."""
    return b"c_codecs\nencode\n" + text(data.decode("latin-1")) + text("latin1") + b"\x86R"


@pytest.mark.parametrize("written", [raw, encoded])
def test_what_spacys_documents_hold_is_read(written: Callable[[bytes], bytes]) -> None:
    tail = raw(b"\x85\xa4text\xa2ab\xa4")  # MessagePack
    assert worst(DOC + written(b"(tN.") + tail + b"\x87R") <= Severity.LOW
    assert worst(DOC + written(ACTS) + tail + b"\x87R") is Severity.CRITICAL
    assert worst(VOCAB + written(ACTS) + b"NNtR") is Severity.CRITICAL


def test_bytes_that_spacy_gets_from_elsewhere_are_told() -> None:
    assert worst(DOC + b"cmymodel\nread\n)R" + raw(b"x") + b"\x87R") >= Severity.HIGH
    assert worst(b"cspacy.vocab\nunpickle_vocab\ncmymodel\nread\n)RR") >= Severity.HIGH


def test_an_archive_in_a_text_is_read_as_the_bytes_that_it_stands_for() -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("\xe9" * 300, b"\x80\4" + ACTS)
    data = out.getvalue().decode("latin-1").encode()
    long = b"X" + len(data).to_bytes(4, "little") + data
    made = b"\x80\2c_codecs\nencode\n" + long + b"X\6\0\0\0latin1\x86R."
    artifact: Artifact = dissect(BytesSource(made), ("model.pkl",), Budget(Limits()))
    assert artifact.is_complete
    findings = judge(Target((artifact,)))
    assert "pickle-spawns-process" in {each.rule for each in findings}
