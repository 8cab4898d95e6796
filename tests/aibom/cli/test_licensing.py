"""Options that name licences decide whether a scan passes, and whether a model is signed."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click
import pytest

from aibom.cli.licensing import with_licences
from aibom.policy import Policy
from aibom.scanners.licences.policy import Decision, LicencePolicy
from tests.helpers.command import aibom
from tests.helpers.models import make_keys

if TYPE_CHECKING:
    from pathlib import Path

CARD = "---\nlicense: llama3.1\n---\n# A model\n"
DENIED = (
    "'license' is 'llama3.1': LicenseRef-scancode-llama-3.1-license-2024: 'llama3.1' is on the"
    " list 'deny'"
)
UNNAMED = "'license' is 'llama3.1': LicenseRef-scancode-llama-3.1-license-2024: on no list"


@pytest.fixture
def model(tmp_path: Path) -> Path:
    folder = tmp_path / "model"
    folder.mkdir()
    (folder / "README.md").write_text(CARD)
    return folder


@pytest.mark.parametrize(
    ("options", "code", "finding", "evidence"),
    [
        (["--deny-licence", "llama3.1"], 1, "high[licence-denied]", DENIED),
        (["--deny-licence", "gpl", "--deny-licence", "llama3.1"], 1, "high[", DENIED),
        (["--allow-licence", "mit"], 0, "medium[licence-needs-review]", UNNAMED),
        (["--allow-licence", "mit", "--fail-on", "medium"], 1, "medium[", UNNAMED),
        (["--review-licence", "use=restricted"], 0, "medium[", "'use=restricted' is on the list"),
        (["--allow-licence", "llama3.1"], 0, "", ""),
        (["--deny-licence", "gpl"], 0, "", ""),
    ],
    ids=[
        *("denied", "second of two", "not allowed", "review fails if asked", "review by attribute"),
        *("allowed", "not denied"),
    ],
)
def test_a_scan_fails_as_the_lists_say(
    model: Path, options: list[str], code: int, finding: str, evidence: str
) -> None:
    ended = aibom("scan", model, *options)
    assert (ended.code, ended.err) == (code, "")
    assert finding in ended.out
    assert evidence in ended.out
    assert ("licence-" in ended.out) is bool(finding)


def test_a_name_that_means_no_licence_is_a_mistake(model: Path) -> None:
    ended = aibom("scan", model, "--deny-licence", "llamma")
    assert (ended.code, ended.out) == (2, "")
    assert "'llamma' means no licence. Give an id of SPDX or of the Hub." in ended.err


def test_what_is_denied_is_not_signed(model: Path, tmp_path: Path) -> None:
    key = make_keys(tmp_path).private
    before = sorted(path.name for path in model.iterdir())
    ended = aibom("attest", model, "--key", key, "--deny-licence", "llama3.1")
    assert ended.code == 1
    assert "licence-denied" in ended.err
    assert sorted(path.name for path in model.iterdir()) == before


def test_options_add_to_what_a_policy_demands() -> None:
    given = Policy(licences=(LicencePolicy(allow=("mit",)),))
    asked = LicencePolicy(deny=("gpl",), otherwise=Decision.ALLOW)
    assert with_licences(given, (), (), ("gpl",)).licences == (*given.licences, asked)
    assert with_licences(given, (), (), ()) is given


def test_a_misspelt_name_is_told_at_once() -> None:
    with pytest.raises(click.UsageError) as raised:
        with_licences(Policy(), ("mitt",), (), ())
    assert raised.value.message == "'mitt' means no licence. Give an id of SPDX or of the Hub."
