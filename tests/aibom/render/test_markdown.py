"""Markdown for a summary: what is alike stands together."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aibom.render import renderer
from tests.helpers.outcomes import LICENCE, outcome_of, remote_code, template
from tests.helpers.reports import report_of

if TYPE_CHECKING:
    from aibom.scanners.artifact import Artifact


def rows(*artifacts: Artifact) -> list[str]:
    document = renderer("markdown")([outcome_of(report_of(LICENCE, *artifacts))])
    return [line for line in document.splitlines() if line.startswith("| 🟥") or "🟨" in line]


def test_equal_findings_share_a_row() -> None:
    files = [template(f"{number}.json") for number in range(8)]
    places = "<br>".join(f"`model/{number}.json › chat_template`" for number in (7, 6, 5, 4, 3))
    (row,) = rows(*files)
    assert f"| {places}<br>and 3 more |" in row


def test_others_have_one_each() -> None:
    assert (
        len(rows(template("a.json"), remote_code("b.json", "x"), remote_code("c.json", "y"))) == 3
    )


def test_what_to_do_is_said_once_for_each_rule() -> None:
    found = [remote_code("a.json"), template("b.json"), remote_code("c.json")]
    document = renderer("markdown")([outcome_of(report_of(LICENCE, *found))])
    assert document.count("<summary>remote-code: what to do") == 1
