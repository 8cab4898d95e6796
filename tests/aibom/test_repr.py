"""What a person sees of a result at a prompt: a line, not every byte of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import aibom
from aibom.waiver import Accepted
from tests.helpers import command
from tests.helpers.models import write_model
from tests.helpers.outcomes import LICENCE, unread
from tests.helpers.reports import report_of

if TYPE_CHECKING:
    from pathlib import Path


def test_results_are_told_in_a_line(tmp_path: Path) -> None:
    model, key = write_model(tmp_path / "model"), tmp_path / "k"
    assert command.aibom("keys", "generate", "-o", key).code == 0
    report = aibom.scan_target(model)
    assert repr(report) == "<Report of 'model': 6 files, 1 findings>"
    verdict = aibom.Policy().apply(report, Accepted())
    assert repr(verdict) == "<Verdict: exit code 0, 0 failing, 0 not read, 0 waived>"
    attestation = aibom.attest_target(model, report, f"{key}.key")
    assert repr(attestation).startswith(f"<Attestation: wrote {model / 'aibom.cdx.json'}, ")
    again = aibom.attest_target(model, report, f"{key}.key")
    assert len(repr(again)) < len(repr(attestation)) + 1
    shown = repr(aibom.verify_target(model, f"{key}.pub"))
    assert shown.startswith("<Verification of 'model': 5 files, 'key ")


def test_a_report_of_what_was_not_read_says_so() -> None:
    report = report_of(LICENCE, unread("a"), name="x\x1b")
    assert repr(report) == r"<Report of 'x\x1b': 2 files, 0 findings, not all was read>"
