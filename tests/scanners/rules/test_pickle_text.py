"""What texts, words and bytes say of a call to something unknown."""

from __future__ import annotations

import pickle

import pytest

from aibom.scanners.artifact import Artifact, Target
from aibom.scanners.dissect import dissect
from aibom.scanners.judge import judge
from aibom.scanners.limits import Budget, Limits
from aibom.scanners.rule import Severity
from aibom.scanners.source import BytesSource
from aibom.scanners.telling import LONGEST_COMMAND


def severity_of(program: bytes) -> Severity:
    """Return the gravest finding about a pickle."""
    artifact: Artifact = dissect(BytesSource(program), ("model.pkl",), Budget(Limits()))
    return max((each.severity for each in judge(Target((artifact,)))), default=Severity.INFO)


@pytest.mark.parametrize(
    "made",
    [
        b"cbuiltins\nchr\nK\x41\x85R",
        b"cbuiltins\nstr.join\nX\x00\x00\x00\x00](X\x01\x00\x00\x00aX\x01\x00\x00\x00be\x86R",
        b"c_codecs\ndecode\nC\x02abX\x05\x00\x00\x00rot13\x86R",
        b"C\x3c" + b"a" * 60,
    ],
    ids=["a letter", "joined", "decoded", "bytes that go on"],
)
def test_a_text_that_is_not_seen_whole_counts_for_a_function(made: bytes) -> None:
    assert severity_of(b"\x80\x04csomepkg\nrun\n" + made + b"\x85R.") is Severity.HIGH


def worst(callee: str, *arguments: object) -> Severity:
    """Return the gravest finding about a call of a name that is only spelled, never imported."""
    module, _, name = callee.rpartition(".")
    given = pickle.dumps(arguments, 4)[2:-1]
    given = given[9:] if given[:1] == b"\x95" else given  # without the frame
    return severity_of(b"\x80\x04" + f"c{module}\n{name}\n".encode() + given + b"R.")


@pytest.mark.parametrize(
    ("callee", "argument"),
    [
        ("subprocess32_.Popen", ["bash", "-c", "x"]),
        ("sarge_.Command", ["touch", "pwned"]),
        ("easy_.EasyProcess", "true"),
        ("x.Popen", {"args": "true"}),
        ("x.Popen", {"args": ["true"]}),
        ("x.ShellExecute", "calc"),
        ("x.TaskRunner", "calc"),
    ],
)
def test_a_word_counts_for_a_class_that_runs_programs(callee: str, argument: object) -> None:
    assert worst(callee, argument) is Severity.HIGH


@pytest.mark.parametrize("callee", ["x.Popen", "x.TaskRunner", "x.Shell"])
def test_a_class_that_runs_programs_needs_a_text(callee: str) -> None:
    assert worst(callee, 3, 1) is Severity.MEDIUM


@pytest.mark.parametrize("name", ["Executable", "ExecutionMode", "Colour", "Kernel", "Processor"])
def test_a_word_says_nothing_of_other_classes(name: str) -> None:
    assert worst(f"x.{name}", "red") is Severity.MEDIUM


@pytest.mark.parametrize(
    ("arguments", "severity"),
    [
        ((["bash", "-c", "x"],), Severity.HIGH),
        ((1, ("rm", "--force", "x")), Severity.HIGH),
        (({"args": ["rm", "-f", "x"]},), Severity.HIGH),
        ((["rm"],), Severity.MEDIUM),
        ((["a", "-"],), Severity.MEDIUM),
        ((["a", "-lrb-"],), Severity.MEDIUM),
        ((["-c", "b"],), Severity.MEDIUM),
        (([1, "-c"],), Severity.MEDIUM),
        ((["a", "-c", 1],), Severity.MEDIUM),
        (("red", "-o"), Severity.MEDIUM),
    ],
)  # fmt: skip
def test_a_command_line_counts_for_every_class(
    arguments: tuple[object, ...], severity: Severity
) -> None:
    assert worst("x.Thing", *arguments) is severity


@pytest.mark.parametrize(
    ("argument", "severity"),
    [
        (b"touch pwned", Severity.HIGH),
        (b'import os;os.system("x")', Severity.HIGH),
        (bytearray(b"touch pwned"), Severity.HIGH),
        (b"import os\nos.system(1)".ljust(LONGEST_COMMAND), Severity.HIGH),
        (b"touch pwned".ljust(LONGEST_COMMAND + 1), Severity.MEDIUM),
        (b"\x00touch pwned", Severity.MEDIUM),
        (b"\xfftouch pwned", Severity.MEDIUM),
        (b"touch", Severity.MEDIUM),
        (b"", Severity.MEDIUM),
    ],
)
@pytest.mark.parametrize("callee", ["x.run", "x.Run"])
def test_bytes_that_read_as_a_command_count(
    callee: str, argument: bytes, severity: Severity
) -> None:
    assert worst(callee, argument) is severity


def test_bytes_of_data_in_an_argument_say_nothing() -> None:
    program = (
        b"\x80\x04cx\nThing\ncnumpy.core.multiarray\nscalar\n"
        b"(cnumpy\ndtype\n(\x8c\3S11K\0K\1tRC\x0bhello worldtR\x85R."
    )
    assert severity_of(program) is Severity.MEDIUM


@pytest.mark.parametrize(
    ("callee", "arguments", "severity"),
    [
        ("x.MyErr", ("failed to load x", 3), Severity.MEDIUM),
        ("x.DataError", ("it's no model: too short.",), Severity.MEDIUM),
        ("x.Errors", ("failed to load x",), Severity.HIGH),
        ("x.MyErr", ("failed to load /etc/passwd",), Severity.MEDIUM),
        ("x.MyErr", ("/etc/passwd",), Severity.MEDIUM),
        (
            "x.MyErr",
            ("tried to get 2 GiB (GPU 0; 10 GiB in all); see a.b | c.d=1",),
            Severity.MEDIUM,
        ),
        ("x.MyErr", ("rm -rf x",), Severity.HIGH),
        ("x.MyErr", ("sh 'a b'",), Severity.HIGH),
        ("x.MyErr", ("cd /tmp; curl x",), Severity.HIGH),
        ("x.MyErr", ("cat x | sh",), Severity.HIGH),
        ("x.MyErr", ("x $(id)",), Severity.HIGH),
        ("x.MyErr", ("-x /tmp/x",), Severity.HIGH),
        ("x.MyErr", ("http://x.example/y",), Severity.HIGH),
        ("x.MyErr", ("no /a", "rm -rf x"), Severity.HIGH),
        ("x.Err2", ("no file /a",), Severity.HIGH),
        ("x.my_error", ("failed to load x",), Severity.HIGH),
        ("x.SetSub", (["hello world"],), Severity.MEDIUM),
        ("x.SetSub", (["hello world", 3, None],), Severity.MEDIUM),
        ("x.SetSub", (["hello world", ["hello world"]],), Severity.HIGH),
        ("x.SetSub", (["hello; world"],), Severity.HIGH),
        ("x.SetSub", (["hello world"], 1), Severity.HIGH),
        ("x.Shell", (["hello world"],), Severity.HIGH),
        ("x.run", (["hello world"],), Severity.HIGH),
    ],
)
def test_a_message_says_nothing_in_an_exception_nor_a_sentence_in_a_set(
    callee: str, arguments: tuple[object, ...], severity: Severity
) -> None:
    assert worst(callee, *arguments) is severity


def listed(*texts: str) -> bytes:
    """Return the program that makes a list of texts."""
    return b"](" + b"".join(worded(each) for each in texts) + b"e"


def worded(text: str) -> bytes:
    """Return the program that makes a short text."""
    return b"\x8c" + bytes([len(text)]) + text.encode()


def called(argument: bytes) -> bytes:
    """Return the program that calls something unknown and forgets what it gave."""
    return b"cx\nMyErr\n" + argument + b"\x85R0"


def test_one_command_among_very_many_sentences_is_found() -> None:
    honest = b"".join(called(worded(f"it's item {each}")) for each in range(600))
    assert severity_of(b"\x80\x04" + honest + b"N.") is Severity.MEDIUM
    assert severity_of(b"\x80\x04" + honest + called(worded("rm -rf x")) + b"N.") is Severity.HIGH


def test_one_command_among_very_many_messages_is_found() -> None:
    honest = b"".join(called(worded(f"no file /srv/{each}")) for each in range(600))
    assert severity_of(b"\x80\x04" + honest + b"N.") is Severity.MEDIUM
    assert severity_of(b"\x80\x04" + honest + called(worded("rm -rf x")) + b"N.") is Severity.HIGH


def test_one_command_line_among_very_many_lists_is_found() -> None:
    honest = b"".join(called(listed(f"a{each}", "!")) for each in range(600))
    assert severity_of(b"\x80\x04" + honest + b"N.") is Severity.MEDIUM
    assert severity_of(b"\x80\x04" + honest + called(listed("a", "-c")) + b"N.") is Severity.HIGH


@pytest.mark.parametrize(
    ("callee", "argument"),
    [
        ("x.Foo", ["touch pwned"]),
        ("x.ShellError", "touch pwned"),
        ("x.ShellError", "curl attacker.example"),
        ("x.ShellError", "python run.py"),
        ("x.Words", ["bash run"]),
    ],
)
def test_a_command_is_no_sentence(callee: str, argument: object) -> None:
    assert worst(callee, argument) is Severity.HIGH


@pytest.mark.parametrize(
    ("callee", "argument"),
    [
        ("x.ShapeError", "python 3.8 is required"),
        ("x.ShapeError", "node 3 was not found"),
        ("x.ShapeError", "Touch the screen"),
        ("x.Words", ["shape of a touch", "dash", "a node"]),
    ],
)
def test_a_sentence_about_programs_is_one(callee: str, argument: object) -> None:
    assert worst(callee, argument) < Severity.HIGH
