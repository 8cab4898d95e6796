"""Scanning: every path ends in the report, read or named as not read."""

import os
import threading
from pathlib import Path

import pytest

from aibom.errors import IsolationError, TargetError
from aibom.report import Isolation, Report
from aibom.sandbox import start_sandbox, without_isolation
from aibom.scan import leaves, open_target, scan_target
from aibom.scanners.facts import Reason, Reference, Refers, Unread
from aibom.scanners.isolate import Done, InProcess, Lost, Outcome
from aibom.scanners.limits import Limits
from aibom.scanners.source import Source
from fixtures.hostile import write_folder


def unread(report: Report) -> list[tuple[str, Reason]]:
    return [(artifact.path[0], fact.reason) for artifact, fact in report.unread]


def test_hashes_and_lists_what_is_no_model(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_bytes(b"hello")
    report = scan_target(tmp_path)
    (artifact,) = report.artifacts
    digest = "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824"
    assert (artifact.path, artifact.size) == (("notes.txt",), 5)
    assert artifact.digests == (("sha256", digest),)
    assert (report.coverage.unknown, report.is_complete) == (1, True)


def test_parsers_are_locked_in_by_default(tmp_path: Path) -> None:
    (tmp_path / "a").touch()
    report = scan_target(tmp_path)
    assert report.isolation.mode == "locked"
    assert report.isolation.is_full


def test_both_ways_of_parsing_agree(tmp_path: Path) -> None:
    write_folder(tmp_path)
    (tmp_path / "cut.safetensors").write_bytes(b"\x00" * 7)
    (tmp_path / "README.md").write_bytes(b"---\nlicense: mit\n---\n")
    (tmp_path / "chat_template.jinja").write_bytes(b"{{ messages[0]['\\u0041'] }} {% if")
    apart, here = scan_target(tmp_path), scan_target(tmp_path, sandbox=without_isolation())
    assert apart.artifacts == here.artifacts
    assert apart.findings == here.findings
    assert here.isolation == Isolation("none")


@pytest.mark.parametrize("jobs", [1, 3])
def test_many_and_large_files_come_out_sorted(tmp_path: Path, jobs: int) -> None:
    for number in range(100):
        size = 400_000 if number % 10 == 0 else 3
        (tmp_path / f"{number:03}.bin").write_bytes(bytes([number]) * size)
    report = scan_target(tmp_path, jobs=jobs)
    assert [artifact.path[0] for artifact in report.artifacts] == [
        f"{n:03}.bin" for n in range(100)
    ]
    assert all(artifact.digests for artifact in report.artifacts)


def test_takes_other_digests_on_request(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"")
    (artifact,) = scan_target(tmp_path, algorithms=("sha256", "sha512")).artifacts
    assert [name for name, _ in artifact.digests] == ["sha256", "sha512"]
    assert dict(artifact.digests)["sha512"].startswith("cf83e1357eefb8bd")


class TestPathsThatAreNoFiles:
    def test_a_link_inside_is_named(self, tmp_path: Path) -> None:
        (tmp_path / "a").touch()
        (tmp_path / "b").symlink_to("a")
        link = scan_target(tmp_path).artifacts[1]
        assert link.facts == (Reference(kind=Refers.LINK, key="symbolic link", target="a"),)

    def test_a_link_to_the_outside_is_not_read(self, tmp_path: Path) -> None:
        (tmp_path / "b").symlink_to("../secret")
        assert unread(scan_target(tmp_path)) == [("b", Reason.LINK)]

    def test_a_pipe_is_not_read(self, tmp_path: Path) -> None:
        os.mkfifo(tmp_path / "pipe")
        assert unread(scan_target(tmp_path)) == [("pipe", Reason.NOT_A_FILE)]

    def test_the_history_is_named_as_left_out(self, tmp_path: Path) -> None:
        (tmp_path / ".git").mkdir()
        (tmp_path / "a").touch()
        report = scan_target(tmp_path)
        assert [each.name for each in report.ignored] == [".git"]
        assert report.is_complete


@pytest.mark.parametrize(
    ("name", "target", "out"),
    [
        ("a", "b", False),
        ("a", "./x/../b", False),
        ("a", "..", True),
        ("a", "../b", True),
        ("x/a", "../b", False),
        ("x/a", "../../b", True),
        ("a", "/etc/passwd", True),
        ("a", "C:\\x", True),
        ("a", "..\\x", True),
        ("a", "x/../../b", True),
    ],
)
def test_a_link_is_judged_by_its_text(name: str, target: str, out: bool) -> None:
    assert leaves(name, target) is out


class TestWhatCannotBeScanned:
    def test_a_missing_path(self, tmp_path: Path) -> None:
        with pytest.raises(TargetError, match=r"missing: no such file or folder"):
            scan_target(tmp_path / "missing")

    def test_an_empty_folder(self, tmp_path: Path) -> None:
        with pytest.raises(TargetError, match="no file in this folder"):
            scan_target(tmp_path)

    @pytest.mark.parametrize("device", ["/dev/zero", "/dev/null"])
    def test_a_device(self, device: str) -> None:
        with pytest.raises(TargetError, match="a character device"):
            scan_target(device)

    def test_a_pipe(self, tmp_path: Path) -> None:
        os.mkfifo(tmp_path / "pipe")
        with pytest.raises(TargetError, match="a FIFO"):
            scan_target(tmp_path / "pipe")

    def test_a_name_with_a_nul(self) -> None:
        with pytest.raises(TargetError, match="cannot be opened"):
            open_target("a\0b")


def test_a_huge_sparse_file_is_refused_at_once(tmp_path: Path) -> None:
    with (tmp_path / "sparse.bin").open("wb") as file:
        file.truncate(1 << 40)
    report = scan_target(tmp_path)
    assert unread(report) == [("sparse.bin", Reason.LIMIT)]
    assert report.artifacts[0].digests == ()


def test_the_limit_on_file_size_can_be_set(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"12345")
    assert unread(scan_target(tmp_path, limits=Limits(file_bytes=4))) == [("a", Reason.LIMIT)]


class Answers(InProcess):
    """A parser that says whatever the test wants."""

    def __init__(self, outcome: Outcome) -> None:
        super().__init__("aibom.scanners.child:handle")
        self.outcome = outcome

    def run(self, job: object, source: Source | None = None, *, domain: object = None) -> Outcome:
        del job, source, domain
        return self.outcome


@pytest.mark.parametrize(
    ("outcome", "reason"),
    [
        (Lost("timeout"), Reason.TIMEOUT),
        (Lost("cpu"), Reason.TIMEOUT),
        (Lost("memory"), Reason.MEMORY),
        (Lost("crash", "SIGSEGV"), Reason.CRASHED),
        (Lost("killed"), Reason.CRASHED),
        (Lost("error", "KeyError"), Reason.CRASHED),
        (Lost("violation"), Reason.VIOLATION),
        (Lost("protocol"), Reason.PROTOCOL),
        (Lost("unavailable"), Reason.UNAVAILABLE),
        (Done(None), Reason.PROTOCOL),
        (Done({"path": ["other"], "size": 4}), Reason.PROTOCOL),
        (Done({"path": ["a"], "size": 5}), Reason.PROTOCOL),
        (Done({"path": ["a"], "size": 4, "facts": [{"fact": "Nonsense"}]}), Reason.PROTOCOL),
        (Done({"path": ["a"], "size": 4}), Reason.PROTOCOL),  # denies the bytes it was given
    ],
)
def test_a_parser_that_fails_or_lies_leaves_the_file_unread(
    tmp_path: Path, outcome: Outcome, reason: Reason
) -> None:
    (tmp_path / "a").write_bytes(b"GGUF")
    report = scan_target(tmp_path, sandbox=Answers(outcome))
    assert unread(report) == [("a", reason)]
    assert report.artifacts[0].digests, "hashing does not depend on the parser"


def test_a_required_lock_is_refused_where_there_is_none(tmp_path: Path) -> None:
    (tmp_path / "a").touch()
    with pytest.raises(IsolationError, match="files, network and processes shut, here nothing is"):
        scan_target(tmp_path, sandbox=without_isolation(), require_lock=True)


class Meddling:
    """A progress that acts on the file while it is read."""

    def __init__(self, act: object) -> None:
        self.act = act

    def advance(self, count: int) -> None:
        del count
        assert callable(self.act)
        self.act()


@pytest.mark.parametrize("size", [5, 900_000], ids=["small", "large"])
def test_a_file_that_changes_meanwhile_is_unread(tmp_path: Path, size: int) -> None:
    path = tmp_path / "a"
    path.write_bytes(b"x" * size)

    def change() -> None:
        os.utime(path, ns=(7, 7))

    report = scan_target(tmp_path, progress=Meddling(change))
    assert unread(report) == [("a", Reason.CHANGED)]
    assert report.artifacts[0].digests == ()


def test_a_file_that_shrinks_meanwhile_is_unread(tmp_path: Path) -> None:
    path = tmp_path / "a"
    path.write_bytes(b"x" * 900_000)
    report = scan_target(tmp_path, progress=Meddling(lambda: os.truncate(path, 10)))
    assert ("a", Reason.CHANGED) in unread(report)


def test_an_interrupt_ends_the_threads(tmp_path: Path) -> None:
    for number in range(8):
        (tmp_path / str(number)).write_bytes(b"x" * 900_000)

    def interrupt() -> None:
        raise KeyboardInterrupt

    before = threading.active_count()
    with pytest.raises(KeyboardInterrupt):
        scan_target(tmp_path, progress=Meddling(interrupt))
    assert threading.active_count() == before


def test_one_sandbox_serves_several_scans(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"1")
    with start_sandbox() as sandbox:
        first, second = (
            scan_target(tmp_path, sandbox=sandbox),
            scan_target(tmp_path, sandbox=sandbox),
        )
    assert first.artifacts == second.artifacts


def test_a_crash_costs_one_file_only(tmp_path: Path) -> None:
    (tmp_path / "good.txt").write_bytes(b"1")
    (tmp_path / "bad.txt").write_bytes(b"2")

    class Once(InProcess):
        def run(
            self, job: object, source: Source | None = None, *, domain: object = None
        ) -> Outcome:
            if source is not None and source.read_at(0, 1) == b"2":
                return Lost("crash", "SIGSEGV")
            return super().run(job, source, domain=domain)

    report = scan_target(tmp_path, sandbox=Once("aibom.scanners.child:handle"))
    assert unread(report) == [("bad.txt", Reason.CRASHED)]
    assert isinstance(report.unread[0][1], Unread)
    assert len(report.artifacts) == 2
