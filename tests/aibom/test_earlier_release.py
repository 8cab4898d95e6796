"""What a replaced BOM said of the release is not lost in silence."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from aibom.earlier_release import no_longer_stated
from tests.helpers.command import aibom
from tests.helpers.models import write_model

if TYPE_CHECKING:
    from pathlib import Path

COMMIT = "0123456789" * 4


def bom(policy: str = "", **subject: object) -> bytes:
    told = [
        {"name": "aibom:policy:name", "value": policy},
        {"name": "aibom:policy:sha256", "value": "0" * 64},
    ]
    tool = {"name": "aibom", "properties": told if policy else []}
    metadata = {"component": subject, "tools": {"components": [tool]}}
    return json.dumps({"metadata": metadata}).encode()


FULL = bom("release", name="acme", version="2.0.0", pedigree={"commits": [{"uid": COMMIT}]})


def test_names_each_thing_that_is_lost() -> None:
    assert no_longer_stated(FULL, bom(name="model")) == (
        "version 2.0.0 is no longer stated",
        f"commit {COMMIT} is no longer stated",
        "policy release is no longer stated",
        "name acme is no longer stated: it is model now",
    )


def with_findings(*findings: tuple[str, str, str]) -> bytes:
    """Return a BOM with findings of a reference, a rule and an owner who answers for it, or ""."""
    told = [
        {
            "bom-ref": ref,
            "id": rule,
            "ratings": [{"severity": "medium"}],
            "properties": [{"name": "aibom:waiver:owner", "value": owner}] if owner else [],
        }
        for ref, rule, owner in findings
    ]
    return json.dumps({**json.loads(FULL), "vulnerabilities": told}).encode()


def test_names_the_waivers_that_are_lost_of_findings_that_are_there() -> None:
    before = with_findings(
        *((f"finding:{n}", "a", "ml@x") for n in range(2)),
        *(("gone", "a", "me"), ("solved", "a-b", "me"), ("kept", "a-b", "me")),
        *((f"other:{n}", f"b-{n}", "me") for n in range(6)),
    )
    now = with_findings(
        *((f"finding:{n}", "a", "") for n in range(2)),
        *(("new", "a", ""), ("kept", "a-b", "you")),
        *((f"other:{n}", f"b-{n}", "") for n in range(6)),
    )
    assert no_longer_stated(before, now) == (
        "the waiver of medium[a] by ml@x is no longer stated for 2 findings",
        *(f"the waiver of medium[b-{n}] by me is no longer stated" for n in range(4)),
        "2 more waivers are no longer stated",
    )


@pytest.mark.parametrize(
    ("before", "now"),
    [
        (None, FULL),
        (FULL, FULL),
        (bom(name="acme", version="2.0.0"), bom(name="acme", version="2.1.0")),
        (bom(name="acme"), FULL),
        (b"{", FULL),
        (b"[]", FULL),
        (b'{"metadata": []}', FULL),
        (bom(name=1, version=[], pedigree={"commits": [1, {"uid": 1}]}), FULL),
    ],
    ids=["none", "same", "next", "more", "cut", "list", "no subject", "other types"],
)
def test_says_nothing_where_nothing_is_lost(before: bytes | None, now: bytes) -> None:
    assert no_longer_stated(before, now) == ()


def test_attesting_without_the_options_of_before_warns(tmp_path: Path) -> None:
    write_model(tmp_path / "model")
    aibom("keys", "generate", "-o", "k", cwd=tmp_path)
    attest = ("attest", "model", "--key", "k.key")
    stated = ("--model-version", "2.0.0", "--name", "acme", "--commit", COMMIT)
    first = aibom(*attest, *stated, cwd=tmp_path)
    assert "no longer stated" not in first.err
    again = aibom(*attest, cwd=tmp_path)
    end = "as it was in the BOM that was replaced"
    assert [line for line in again.err.splitlines() if line.startswith("warning: ")] == [
        f"warning: version 2.0.0 is no longer stated, {end}",
        f"warning: commit {COMMIT} is no longer stated, {end}",
        f"warning: name acme is no longer stated: it is model now, {end}",
    ]


def test_a_bom_written_again_without_its_waivers_warns(tmp_path: Path) -> None:
    model = write_model(tmp_path / "model")
    (model / "config.json").write_text('{"auto_map": {"AutoModel": "x.Y"}}')
    answer = ("--reason", "we read every line", "--owner", "ml@x", "--expires", "30d")
    aibom("waive", "model", "--rule", "remote-code", *answer, "-o", "w.yaml", cwd=tmp_path)
    write = ("bom", "model", "-o", "a.cdx.json")
    assert "warning" not in aibom(*write, "--waivers", "w.yaml", cwd=tmp_path).err
    again = aibom(*write, "-q", cwd=tmp_path)
    assert again.err == (
        "warning: the waiver of medium[remote-code] by ml@x is no longer stated, as it was "
        "in the BOM that was replaced\n"
    )


def test_a_rotated_key_signs_the_bom_that_is_there(tmp_path: Path) -> None:
    write_model(tmp_path / "model")
    for name in ("old", "new"):
        aibom("keys", "generate", "-o", name, cwd=tmp_path)
    stated = ("--model-version", "2.0.0", "--name", "acme")
    aibom("attest", "model", "--key", "old.key", *stated, cwd=tmp_path)
    place = tmp_path / "model" / "aibom.cdx.json"
    before = place.read_bytes()
    signed = aibom("sign", place, "--key", "new.key", "--force", cwd=tmp_path)
    assert (signed.code, "no longer stated" in signed.err) == (0, False)
    assert place.read_bytes() == before
    expected = ("--expect-version", "2.0.0", "--expect-model", "acme")
    assert aibom("verify", "model", "--key", "new.pub", *expected, cwd=tmp_path).code == 0
