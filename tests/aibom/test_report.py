"""The report as JSON: its published schema, and the way back."""

import json
from pathlib import Path

import jsonschema
import pytest

from aibom.errors import AibomError
from aibom.report import Ignored, Report, as_dict, from_json, to_json, worst
from aibom.sandbox import without_isolation
from aibom.scan import scan_target
from aibom.scanners.artifact import Artifact
from aibom.scanners.facts import Metadata, Reason, Unread
from fixtures.hostile import write_folder
from tests.helpers.checkout import ROOT
from tests.helpers.reports import report_of

SCHEMA = json.loads((ROOT / "docs" / "report-schema.json").read_text())


@pytest.fixture(scope="module")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> Report:
    folder = tmp_path_factory.mktemp("hostile")
    write_folder(folder)
    (folder / "cut.gguf").write_bytes(b"GGUF")
    (folder / ".git").mkdir()
    return scan_target(folder, sandbox=without_isolation())


def test_the_schema_is_one() -> None:
    jsonschema.Draft202012Validator.check_schema(SCHEMA)


def test_a_report_of_everything_is_as_the_schema_says(hostile: Report) -> None:
    jsonschema.validate(json.loads(to_json(hostile)), SCHEMA)
    assert hostile.findings
    assert hostile.unread
    assert hostile.ignored


def test_a_field_that_the_schema_lacks_is_refused(hostile: Report) -> None:
    document = {**as_dict(hostile), "surprise": 1}
    with pytest.raises(jsonschema.ValidationError, match="surprise"):
        jsonschema.validate(document, SCHEMA)


def test_a_saved_report_is_judged_again(hostile: Report) -> None:
    assert from_json(to_json(hostile)) == hostile


@pytest.mark.parametrize(
    "text",
    ["", "{}", "[]", "null", '{"schema_version": 2}', '{"schema_version": 1}', "[" * 100_000],
)
def test_anything_else_is_no_report(text: str) -> None:
    with pytest.raises(AibomError, match="report"):
        from_json(text)


def test_it_is_plain_ascii_whatever_a_file_says() -> None:
    fact = Metadata(key="\x1b[2J", value="\u202e\U0001f600")
    text = to_json(report_of(Artifact(("a\n",), 1, facts=(fact,))))
    assert text.isascii()
    assert "\x1b" not in text


def test_each_file_counts_once() -> None:
    unread = (Unread(reason=Reason.LIMIT, detail="x"),)
    report = report_of(
        Artifact(("a",), 1, formats=("json",)),
        Artifact(("b",), 2),
        Artifact(("c",), 4, formats=("zip",), parts=(Artifact(("c", "m"), 1, facts=unread),)),
        ignored=(Ignored(".git", "history"),),
    )
    seen = report.coverage
    assert (seen.files, seen.size) == (3, 7)
    assert (seen.clean, seen.flagged, seen.unread, seen.unknown) == (1, 0, 1, 1)
    assert worst(report) is None


def test_the_documented_example_works(tmp_path: Path) -> None:
    import aibom  # noqa: PLC0415 - the example's own line

    path = tmp_path / "model.safetensors"
    path.write_bytes(b"\x02\0\0\0\0\0\0\0{}")
    report = aibom.scan_target(path)
    assert report.findings == ()
    assert aibom.Policy().apply(report).passed is report.is_complete
    assert all(hasattr(aibom, name) for name in aibom.__all__)
