"""A comparison on the screen, as Markdown and as JSON: golden files in `screens`."""

from __future__ import annotations

import json
from hashlib import sha256
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from click import unstyle

from aibom.bom.diff import Comparison, diff
from aibom.bom.diff_kinds import Change, Grade
from aibom.render import changes, changes_json, changes_markdown
from tests.helpers.checkout import ROOT

Json = dict[str, Any]
SCREENS = Path(__file__).parent / "screens"
SCHEMA = json.loads((ROOT / "docs" / "diff-schema.json").read_text())


def component(path: str, content: str, **more: Any) -> Json:  # noqa: ANN401 - any field
    return {
        "type": "file",
        "bom-ref": f"file:{path}",
        "name": path,
        "hashes": [{"alg": "SHA-256", "content": sha256(content.encode()).hexdigest()}],
        "properties": [{"name": "aibom:path", "value": path}],
        **more,
    }


def bom(version: str, licence: str, *components: Json, **more: Any) -> Json:  # noqa: ANN401
    about = {
        "type": "machine-learning-model",
        "bom-ref": "subject",
        "name": "demo",
        "version": version,
        "licenses": [{"license": {"id": licence, "acknowledgement": "declared"}}],
    }
    return {
        "bomFormat": "CycloneDX",
        "specVersion": "1.7",
        "serialNumber": "urn:uuid:f08a6ccd-4dce-4759-bd84-c626675d60a7",
        "metadata": {"component": about},
        "components": list(components),
        **more,
    }


WEIGHTS = {"type": "machine-learning-model"}
OLD = bom("1", "MIT", component("config.json", "{}"), component("w.bin", "1", **WEIGHTS))
NEW = bom(
    "2",
    "GPL-3.0-only",
    component("sub/config|`.json", "{}"),
    component("w.bin", "2", **WEIGHTS),
    component("run\x1b[2J.pkl", "x"),
    vulnerabilities=[
        {
            "bom-ref": "finding:1",
            "id": "pickle-spawns-process",
            "ratings": [{"severity": "critical"}],
            "description": "REDUCE calls posix.system('<b>|`x`</b>\u202e')",
            "affects": [{"ref": "file:run\x1b[2J.pkl"}],
        }
    ],
)
MANY = Comparison(
    tuple(Change("file-added", "", f"f{n}", new=tuple("abcdefgh")) for n in range(150))
)


def test_the_screen() -> None:
    text = changes.render(diff(OLD, NEW), Grade.RELEASE_BLOCKING, "old.cdx.json", "new.cdx.json")
    assert unstyle(text) == (SCREENS / "diff.txt").read_text("utf-8")
    assert "\x1b" in text


def test_markdown() -> None:
    text = changes_markdown.render(diff(OLD, NEW), Grade.REVIEW_REQUIRED, "old.json", "new.json")
    assert text == (SCREENS / "diff.md").read_text("utf-8")


def test_json_is_as_its_schema_says() -> None:
    jsonschema.Draft202012Validator.check_schema(SCHEMA)
    sides = ("0" * 64, OLD), ("1" * 64, NEW)
    text = changes_json.render(diff(OLD, NEW), Grade.RELEASE_BLOCKING, *sides)
    assert text == (SCREENS / "diff.json").read_text("utf-8")
    document = json.loads(text)
    jsonschema.validate(document, SCHEMA)
    with pytest.raises(jsonschema.ValidationError, match="surprise"):
        jsonschema.validate({**document, "surprise": 1}, SCHEMA)


def test_json_of_two_that_do_not_say_what_they_are_about() -> None:
    empty: Json = {"bomFormat": "CycloneDX", "specVersion": "1.7"}
    document = json.loads(
        changes_json.render(diff(empty, empty), None, ("0" * 64, empty), ("1" * 64, empty))
    )
    jsonschema.validate(document, SCHEMA)
    assert (document["passed"], document["fail_on"], document["changes"]) == (True, "never", [])


@pytest.mark.parametrize(
    ("fail_on", "verdict"),
    [
        (Grade.RELEASE_BLOCKING, "PASS: no change at release-blocking or above"),
        (Grade.REVIEW_REQUIRED, "FAIL: 150 changes at review-required or above"),
        (None, "PASS: changes do not fail here"),
    ],
    ids=["blocking", "review", "never"],
)
def test_many_changes_are_cut_and_counted(fail_on: Grade | None, verdict: str) -> None:
    screen = unstyle(changes.render(MANY, fail_on, "a", "b")).splitlines()
    assert screen[-1] == verdict
    assert "   |  … and 138 more; `--format json` has all" in screen
    assert screen[1:9] == [
        "  --> f0",
        *(f"   +  {each}" for each in "abcdef"),
        "   +  … and 2 more",
    ]
    markdown = changes_markdown.render(MANY, fail_on, "a", "b")
    assert verdict.split(":")[1].strip(". ") in markdown
    assert "… and 50 more; `--format json` has all." in markdown
    assert "`f`<br>and 2 more" in markdown


def test_no_change_is_said() -> None:
    nothing = diff(OLD, OLD)
    assert changes.render(nothing, None, "a", "b").startswith("a -> b: no change. Neither BOM")
    assert changes_markdown.render(nothing, None, "a", "b").startswith("# `a` → `b`: no change\n")
