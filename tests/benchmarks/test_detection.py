"""The detection benchmark groups samples as the corpus does and counts what exit codes say."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from benchmarks.detection import (
    SILENT,
    Results,
    Sample,
    Tool,
    Verdict,
    ask,
    document,
    family,
    find_tools,
    honest,
    in_turn,
    labelled,
    rate,
    table,
    verdict,
    why_right,
)

EVIL = Sample(Path("a"), "a", "malicious", "gadget-known", "gadget-known/exec/os.system")
GOOD = Sample(Path("b"), "b", "benign", "benign", "-")
REAL = Sample(Path("c"), "real/c.pkl", "honest", "real")
CODE = Sample(Path("d"), "gen/dill/d.pkl", "honest", "gen")
SAMPLES = [EVIL, GOOD, REAL, CODE]
AIBOM = Tool("aibom", ("aibom", "{path}"), "1")


def answers(*verdicts: Verdict) -> dict[str, dict[Sample, Verdict]]:
    return {"aibom": dict(zip(SAMPLES, verdicts, strict=True))}


def python(code: str) -> Tool:
    return Tool("probe", (sys.executable, "-c", code, "{path}"), "1")


@pytest.mark.parametrize(
    ("label", "format_", "technique", "expected"),
    [
        ("benign", "pickle", "gadget-like", "benign"),
        ("malicious", "joblib", "gadget-novel/exec/a.b", "gadget-novel"),
        ("malicious", "pytorch-zip", "zip-bad-crc", "tricks: pickle"),
        ("malicious", "7z", "7z-container", "tricks: containers"),
        ("malicious", "gguf", "gguf-ssti", "tricks: other formats"),
    ],
    ids=["benign", "gadget", "pickle", "container", "other"],
)
def test_groups_by_technique_then_format(
    label: str, format_: str, technique: str, expected: str
) -> None:
    assert family(label, format_, technique) == expected


@pytest.mark.parametrize(
    ("code", "errors", "expected"),
    [
        (0, b"", Verdict.CLEAN),
        (1, b"", Verdict.DETECTED),
        (3, b"", Verdict.UNREAD),
        (-9, b"", Verdict.UNREAD),
        (1, b"Traceback (most recent call last):\n", Verdict.UNREAD),
        (None, b"", Verdict.TIMEOUT),
    ],
    ids=["clean", "detected", "incomplete", "killed", "crashed", "late"],
)
def test_an_exit_code_is_a_verdict(code: int | None, errors: bytes, expected: Verdict) -> None:
    assert verdict(code, errors) is expected


def test_reads_the_labels_of_a_corpus(tmp_path: Path) -> None:
    rows = ["path\tlabel\tformat\ttechnique", 'o1/m.pkl\tmalicious\tpickle\ta "quoted" trick']
    (tmp_path / "labels.tsv").write_text("\n".join(rows), encoding="utf-8")
    assert list(labelled(tmp_path)) == [
        Sample(tmp_path / "o1/m.pkl", "o1/m.pkl", "malicious", "tricks: pickle", 'a "quoted" trick')
    ]


def test_honest_files_are_those_that_could_be_a_model(tmp_path: Path) -> None:
    (tmp_path / "doc").mkdir()
    for name in ("w.bin", "config.json", "code.py", "README.md", "LICENSE", "RECORD", "doc/w.bin"):
        (tmp_path / name).write_bytes(b"x")
    (tmp_path / "empty.bin").touch()
    (tmp_path / "link.bin").symlink_to("w.bin")
    names = [sample.path.relative_to(tmp_path).as_posix() for sample in honest(tmp_path)]
    assert names == ["LICENSE", "config.json", "w.bin"]


def test_an_alarm_is_right_on_code() -> None:
    assert why_right(CODE.name)
    assert why_right(REAL.name) is None


def test_a_rate_names_part_whole_and_per_cent() -> None:
    found = [Verdict.UNREAD, Verdict.TIMEOUT, Verdict.CLEAN]
    assert rate(found, SILENT) == "2 of 3 (66.7 %)"
    assert rate([], SILENT) == "-"


def test_the_table_has_a_line_for_each_figure() -> None:
    found = answers(Verdict.DETECTED, Verdict.CLEAN, Verdict.UNREAD, Verdict.DETECTED)
    assert table([AIBOM], SAMPLES, found, {"aibom": 0.254}) == (
        "|  | aibom 1 |\n"
        "| --- | --- |\n"
        "| **detected, all malicious samples** | 1 of 1 (100.0 %) |\n"
        "| detected: gadget-known | 1 of 1 (100.0 %) |\n"
        "| **false alarms: benign samples of the corpus** | 0 of 1 (0.0 %) |\n"
        "| **false alarms: honest files, real** | 0 of 1 (0.0 %) |\n"
        "| alarms that are right: honest files that carry code | 1 of 1 (100.0 %) |\n"
        "| no answer: malicious | 0 of 1 (0.0 %) |\n"
        "| no answer: benign and honest | 1 of 3 (33.3 %) |\n"
        "| seconds a file: median of 10, tools in turn | 0.25 |\n"
    )


def test_the_document_names_misses_alarms_and_files_not_read() -> None:
    found = answers(Verdict.CLEAN, Verdict.DETECTED, Verdict.UNREAD, Verdict.DETECTED)
    text = document(SAMPLES, found, "| the table |")
    assert "\n| the table |\n" in text
    assert [line for line in text.splitlines() if line.startswith(("##", "- "))] == [
        "## aibom: malicious and not detected: 1",
        "- `a` (gadget-known/exec/os.system): clean",
        "## aibom: benign or honest and flagged: 2",
        "- `b`: detected",
        "- `gen/dill/d.pkl`: detected; rightly: dill wrote a function's byte code into it",
        "## aibom: benign or honest and not wholly read: 1",
        "- `real/c.pkl`: unread",
    ]


def test_a_tool_is_found_beside_its_own_python_and_can_be_overridden(tmp_path: Path) -> None:
    command = tmp_path / "hayward"
    command.write_text("#!/bin/sh\n", encoding="utf-8")
    command.chmod(0o755)
    (tool,) = find_tools([tmp_path], [], ["hayward"])
    assert tool == Tool("hayward", (str(command), "scan", "{path}"), "?")
    (tool,) = find_tools([], ["mine=mine --file {path}"], ["mine"])
    assert tool == Tool("mine", ("mine", "--file", "{path}"), "?")


def test_a_tool_gets_the_path_and_its_exit_code_counts(tmp_path: Path) -> None:
    path = tmp_path / "bad"
    tool = python("import sys; sys.exit(sys.argv[1].endswith('bad'))")
    assert ask(tool, path, timeout=30) is Verdict.DETECTED
    assert ask(tool, tmp_path, timeout=30) is Verdict.CLEAN


def test_a_tool_that_hangs_is_ended(tmp_path: Path) -> None:
    tool = python("import time; time.sleep(60)")
    assert ask(tool, tmp_path, timeout=0.2) is Verdict.TIMEOUT


def test_answers_of_rivals_are_kept_until_the_file_changes(tmp_path: Path) -> None:
    path, kept = tmp_path / "m.pkl", tmp_path / "results"
    path.write_bytes(b"one")
    sample = Sample(path, "m.pkl", "honest", "real")
    first = Results(kept).ask(python("raise SystemExit(1)"), 30, sample)
    again = python("raise SystemExit(0)")
    assert Results(kept).ask(again, 30, sample) == first
    path.write_bytes(b"two")
    assert Results(kept).ask(again, 30, sample) is Verdict.CLEAN


def test_tools_are_timed_in_turn(tmp_path: Path) -> None:
    sample = Sample(tmp_path, "x", "honest", "real")
    found = in_turn([python(""), python("import time; time.sleep(0.3)")], [sample], 30)
    assert list(found) == ["probe"]
    assert found["probe"] > 0
