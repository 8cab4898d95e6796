"""One path of several that cannot be opened takes no report from the others."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from aibom.errors import Exit, TargetError
from aibom.policy import Policy
from aibom.render import FORMS, renderer
from aibom.scan import scan_target
from aibom.several import outcomes_of
from fixtures.hostile import calling_pickle
from tests.helpers.command import aibom
from tests.helpers.models import write_model

if TYPE_CHECKING:
    from pathlib import Path

LAX = Policy(not_read_fails=False)


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a folder, in which the process is, with a good and a bad model."""
    write_model(tmp_path / "good")
    (tmp_path / "evil").mkdir()
    (tmp_path / "evil" / "model.pkl").write_bytes(calling_pickle("posix", "system"))
    (tmp_path / "empty").mkdir()
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.usefixtures("here")
def test_it_is_incomplete_even_if_the_policy_lets_pass_what_was_not_read() -> None:
    outcomes, errors = outcomes_of(["no", "good", "empty"], scan_target, LAX)
    assert [str(each) for each in errors] == [
        "no: no such file or folder.",
        "empty: there is no file in this folder, nothing to scan.",
    ]
    assert [(each.path, each.verdict.exit_code) for each in outcomes] == [
        ("no", Exit.INCOMPLETE),
        ("good", Exit.OK),
        ("empty", Exit.INCOMPLETE),
    ]
    ((artifact, fact),) = outcomes[0].report.unread
    assert (artifact.path, fact.detail) == (("no",), "no such file or folder.")
    assert json.loads(renderer("json")(outcomes).splitlines()[0])["complete"] is False


@pytest.mark.usefixtures("here")
@pytest.mark.parametrize("form", FORMS)
def test_every_form_names_it(form: str) -> None:
    outcomes, _ = outcomes_of(["good", "n\x1bo"], scan_target, LAX)
    told = renderer(form)(outcomes)
    assert "no such file or folder" in told
    assert "\x1b" not in told


@pytest.mark.usefixtures("here")
def test_where_none_can_be_opened_there_is_no_report() -> None:
    with pytest.raises(TargetError, match=r"^no: no such file or folder\.\nempty: there is no"):
        outcomes_of(["no", "empty"], scan_target, LAX)


@pytest.mark.parametrize(("path", "code"), [("good", 3), ("evil", 1)], ids=["clean", "danger"])
def test_no_finding_is_lost_and_no_baseline_written(here: Path, path: str, code: int) -> None:
    options = ("--format", "json", "--write-baseline", "b.json")
    ended = aibom("scan", path, "no", *options, cwd=here)
    found = [json.loads(line)["verdict"]["exit_code"] for line in ended.out.splitlines()]
    assert (ended.code, found) == (code, [code % 3, 3])
    assert ended.err == (
        "error: no: no such file or folder.\n"
        "error: b.json is not written, since not every PATH could be opened.\n"
    )
    assert not (here / "b.json").exists()
