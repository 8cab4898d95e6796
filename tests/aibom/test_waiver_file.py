"""Waivers as files: whole, or refused with a reason."""

from __future__ import annotations

import json
from datetime import date
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aibom.errors import AibomError, TargetError
from aibom.waiver import Baseline, Known, Waiver
from aibom.waiver_file import (
    baseline_bytes,
    last_day,
    read_baseline,
    read_waivers,
)

if TYPE_CHECKING:
    from pathlib import Path

TODAY = date(2026, 11, 26)
WHOLE = """
- rule: template-runs-code
  paths: config.json
  fingerprint: 0123456789ab
  reason: we read the code
  owner: ml@example.org
  expires: 2027-01-31
"""


def read(path: Path, text: str) -> tuple[Waiver, ...]:
    path.write_text(text)
    return read_waivers(str(path), today=TODAY, max_days=180)


def test_reads_a_whole_waiver(tmp_path: Path) -> None:
    (waiver,) = read(tmp_path / "w", WHOLE)
    assert waiver == Waiver(
        "template-runs-code",
        "we read the code",
        "ml@example.org",
        date(2027, 1, 31),
        ("config.json",),
        "0123456789ab",
    )


def test_an_empty_file_waives_nothing(tmp_path: Path) -> None:
    assert read(tmp_path / "w", "# none yet\n") == ()


@pytest.mark.parametrize(
    ("change", "why"),
    [
        (("rule: template-runs-code", "x: 1\n  rule: y"), "'x' is unknown; known are rule, paths"),
        (("  owner: ml@example.org\n", ""), r"\[0\] has no owner"),
        (("  reason: we read the code\n", ""), r"\[0\] has no reason"),
        (("  expires: 2027-01-31\n", ""), r"\[0\] has no expires"),
        (("  paths: config.json\n", ""), r"\[0\] has no paths"),
        (("template-runs-code", "remote-code"), r"\[0\] has no digest, which 'remote-code' must"),
        (("  fingerprint: 0123456789ab\n", ""), "has neither fingerprint nor digest"),
        (("0123456789ab", "0123"), "fingerprint is '0123', expected 12 to 64 hexadecimal digits"),
        (("we read the code", "ok"), "reason is 'ok', expected a text of 10 characters or more"),
        (("2027-01-31", "soon"), "expires is 'soon', expected a day, such as"),
        (("2027-01-31", "2027-12-31"), "expires after 2027-05-25, which the policy forbids"),
        (("paths: config.json", "paths: []"), "paths is \\[\\], expected a path or a list"),
        (("fingerprint: 0123456789ab", "digest: abc"), "digest is 'abc', expected a SHA-256"),
        (("- rule", "rule"), "no plain YAML|expected a list"),
    ],
    ids=[
        "unknown", "owner", "reason", "expires", "paths", "code", "mark", "short mark",
        "short reason", "no day", "too far", "no path", "short digest", "no list",
    ],
)  # fmt: skip
def test_what_is_not_whole_is_refused(tmp_path: Path, change: tuple[str, str], why: str) -> None:
    text = WHOLE.replace(*change)
    assert text != WHOLE
    with pytest.raises(TargetError, match=why):
        read(tmp_path / "w", text)


@pytest.mark.parametrize("text", ["- 1", "a: b", "x"])
def test_what_is_no_list_of_waivers_is_refused(tmp_path: Path, text: str) -> None:
    with pytest.raises(TargetError, match="expected"):
        read(tmp_path / "w", text)


@pytest.mark.parametrize(
    ("said", "day"),
    [("90d", date(2027, 2, 24)), ("1w", date(2026, 12, 3)), ("2026-12-24", date(2026, 12, 24))],
)
def test_a_day_or_a_span_says_until_when(said: str, day: date) -> None:
    assert last_day(said, today=TODAY, max_days=180) == day


@pytest.mark.parametrize("said", ["soon", "0d", "181d", "2026-11-25", "9999w", "12h", ""])
def test_other_ends_are_refused(said: str) -> None:
    with pytest.raises(TargetError, match="--expires is"):
        last_day(said, today=TODAY, max_days=180)


MARKS = st.text("0123456789abcdef", min_size=64, max_size=64)


KNOWN = st.builds(
    Known,
    rule=st.sampled_from(["remote-code", "licence-missing"]),
    path=st.lists(st.text(max_size=9), max_size=3).map(tuple),
    fingerprint=MARKS,
    digest=MARKS | st.just(""),
)


@given(known=st.lists(KNOWN, unique=True))
def test_a_baseline_is_read_as_it_was_written(
    tmp_path_factory: pytest.TempPathFactory, known: list[Known]
) -> None:
    place = tmp_path_factory.mktemp("b") / "b"
    place.write_bytes(baseline_bytes(Baseline(tuple(known))))
    assert set(read_baseline(str(place)).known) == set(known)
    assert baseline_bytes(Baseline(tuple(reversed(known)))) == place.read_bytes()


def test_a_baseline_names_what_it_knows_for_people_to_review() -> None:
    known = Known("pickle-spawns-process", ("a.zip", "data.pkl"), "0" * 64, "1" * 64)
    assert json.loads(baseline_bytes(Baseline((known,)))) == {
        "$schema": "urn:aibom:schema:baseline:2",
        "findings": [
            {
                "rule": "pickle-spawns-process",
                "path": ["a.zip", "data.pkl"],
                "fingerprint": "0" * 64,
                "sha256": "1" * 64,
            }
        ],
    }


def test_a_baseline_of_hashes_alone_is_to_be_written_anew(tmp_path: Path) -> None:
    findings = [{"fingerprint": "0" * 64, "sha256": "1" * 64}]
    earlier = {"$schema": "urn:aibom:schema:baseline:1", "findings": findings}
    (tmp_path / "b").write_text(json.dumps(earlier))
    with pytest.raises(TargetError, match="write it anew with --write-baseline, and review it"):
        read_baseline(str(tmp_path / "b"))


@pytest.mark.parametrize(
    "text",
    [
        "{",
        "[]",
        "{}",
        "[" * 100_000,
        '{"$schema": "urn:aibom:schema:baseline:2"}',
        '{"$schema": "urn:aibom:schema:baseline:2", "findings": [1]}',
        '{"$schema": "urn:aibom:schema:baseline:2", "findings": [{"rule": "x", "path": []}]}',
        '{"$schema": "urn:aibom:schema:baseline:2", "findings": [{"rule": "", "path": [1]}]}',
    ],
    ids=["cut", "list", "empty", "deep", "nothing", "number", "no mark", "no path"],
)
def test_what_is_no_baseline_is_refused(tmp_path: Path, text: str) -> None:
    (tmp_path / "b").write_text(text)
    with pytest.raises(AibomError, match="baseline"):
        read_baseline(str(tmp_path / "b"))
