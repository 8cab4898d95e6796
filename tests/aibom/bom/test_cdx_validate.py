"""The validator of cdxgen, written by others in another language, takes what aibom writes.

Its lock leaves out what is optional in cdxgen: programs for single systems that validate nothing.
"""

from __future__ import annotations

import json
import subprocess
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from jsonschema import Draft202012Validator

from aibom import bom
from aibom.bom import validate
from aibom.bom.lint import lint
from aibom.bom.spdx import export
from aibom.sandbox import without_isolation
from aibom.scan import scan_target
from tests.helpers import npm
from tests.helpers.models import write_model

from . import whole
from .examples import small

if TYPE_CHECKING:
    from aibom.report import Report

VERSIONS = ("1.6", "1.7")
WHEN = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)

pytestmark = pytest.mark.slow  # installs 54 MB, once


@pytest.fixture(scope="module")
def models(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Report]:
    folder = tmp_path_factory.mktemp("models")
    paths = (whole.write(folder / "whole"), write_model(folder / "plain"))
    scanned = {path.name: scan_target(path, sandbox=without_isolation()) for path in paths}
    return {**scanned, "small": small()}


@pytest.fixture(scope="module")
def program() -> Path:
    found = npm.installed(Path(__file__).parent / "cdx_validate")
    return found / "node_modules" / "@cyclonedx" / "cdxgen" / "bin" / "validate.js"


def judged(program: Path, file: Path) -> tuple[bool, bool]:
    """Return whether it finds the schema kept, and then package URLs, references and metadata."""
    report = file.with_suffix(".report")
    options = ["--report", "json", "--report-file", report.name, "--no-include-manual"]
    subprocess.run(
        ["node", str(program), "--input", file.name, *options],  # noqa: S607 - wherever it is
        cwd=file.parent,
        capture_output=True,
        check=False,
        timeout=120,
    )
    found: dict[str, Any] = json.loads(report.read_text())
    return found["schemaValid"], found["deepValid"]


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("name", ["whole", "plain", "small"])
def test_everybody_takes_what_aibom_writes(
    program: Path, models: dict[str, Report], tmp_path: Path, name: str, version: str
) -> None:
    data = bom.to_json(bom.build(models[name]), WHEN, version)
    file = tmp_path / "m.cdx.json"
    file.write_bytes(data)
    assert judged(program, file) == (True, True)
    errors: Any = validate.load(version).validate_str(data.decode(), all_errors=True)
    assert errors is None
    assert lint(data).problems == ()


def test_the_schema_of_spdx_takes_what_is_exported(
    program: Path, models: dict[str, Report]
) -> None:
    schema = json.loads((program.parents[1] / "data" / "spdx-export.schema.json").read_text())
    validator: Any = Draft202012Validator(schema)  # its types are those of JSON, in part unknown
    for report in models.values():
        exported = json.loads(export(bom.to_json(bom.build(report), WHEN)).data)
        assert list(validator.iter_errors(exported)) == []
    assert list(validator.iter_errors({"@graph": []})) != []


def test_it_refuses_what_is_wrong(program: Path, tmp_path: Path) -> None:
    for change, wanted in (
        ({"bogus": 1}, (False, True)),
        ({"dependencies": [{"ref": "subject"}]}, (False, False)),  # without dependsOn it throws
    ):
        file = tmp_path / "bad.cdx.json"
        document = json.loads(bom.to_json(bom.build(small()), WHEN))
        file.write_text(json.dumps({**document, **change}))
        assert judged(program, file) == wanted
