"""The comparison of BOMs finds values wherever a program puts them, and judges each alike."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING

import pytest

from benchmarks.bom_fields import fields
from benchmarks.bom_results import Cell, Result, document
from benchmarks.boms import examine, find, generate, judge, score, truth, version_of

if TYPE_CHECKING:
    from pathlib import Path

    from benchmarks.bom_fields import Spelled

BOM = {
    "bomFormat": "CycloneDX",
    "specVersion": "1.6",
    "metadata": {"component": {"type": "application", "name": "m", "purl": "pkg:generic/m"}},
    "components": [
        {
            "type": "machine-learning-model",
            "name": "w",
            "purl": "pkg:huggingface/a/b",
            "licenses": [{"license": {"id": "MIT"}}],
            "hashes": [{"alg": "SHA-256", "content": "5e"}, {"alg": "MD5", "content": "ff"}],
            "modelCard": {
                "modelParameters": {
                    "task": "t",
                    "modelArchitecture": {"type": "unknown"},
                    "datasets": [{"ref": "d"}, {"type": "dataset", "name": "inline"}],
                    "inputs": [{"format": "x: FLOAT[1]"}],
                },
                "properties": [
                    {"name": "theirs:paramCount", "value": "7"},
                    {"name": "theirs:languages", "value": "en,de"},
                ],
            },
        },
        {"type": "data", "bom-ref": "d", "group": "o", "name": "used"},
        {
            "type": "data",
            "name": "tested",
            "properties": [{"name": "x:role", "value": "evaluation"}],
        },
        {"type": "data", "name": "some file"},
        {"type": "library", "name": "torch"},
    ],
}


def test_values_are_found_wherever_they_stand() -> None:
    assert {name: values for name, values in fields(BOM).items() if values} == {
        "package URL": [("pkg:huggingface/a/b",)],
        "licence": [("MIT",)],
        "task": [("t",)],
        "inputs": [("x",)],
        "parameters": [("7",)],
        "language": [("en",), ("de",)],
        "digests of weights": [("5e",)],
        "libraries": [("torch",)],
        "training data": [("used", "o/used"), ("inline",)],
        "evaluation data": [("tested",)],
    }


@pytest.mark.parametrize(
    ("found", "true", "is_text", "cell"),
    [
        ([("mit",)], [("MIT",)], False, Cell.RIGHT),
        ([("b", "a/b")], [("a/b",)], False, Cell.RIGHT),
        ([("a",)], [("a",), ("b",)], False, Cell.PART),
        ([("a",)], [("a",), ("?b",)], False, Cell.RIGHT),
        ([("b",)], [("a",), ("?b",)], False, Cell.MISSING),
        ([], [("a",)], False, Cell.MISSING),
        ([("c",)], [("a",)], False, Cell.WRONG),
        ([("c",)], [], False, Cell.WRONG),
        ([], [], False, Cell.SILENT),
        ([], [("?a",)], False, Cell.SILENT),
        ([("It does much",)], [("It  does much, and more.",)], True, Cell.RIGHT),
        ([("Own words",)], [("It does much.",)], True, Cell.MISSING),
    ],
    ids=[
        *("case", "a spelling", "one of two", "what nobody need say", "only that"),
        *("nothing", "another", "an invention", "silence", "silence on that"),
        *("a cut text", "own words"),
    ],
)
def test_a_field_is(found: list[Spelled], true: list[Spelled], is_text: bool, cell: Cell) -> None:
    assert judge(found, true, is_text=is_text)[0] is cell


def test_every_row_of_the_table_has_a_value() -> None:
    assert set(truth()) == {"all-minilm-l6-v2", "magika-standard-v3-3", "silero-vad", "demo"}
    assert all(all(spelled) for rows in truth().values() for v in rows.values() for spelled in v)


def test_a_document_is_held_against_what_is_true(tmp_path: Path) -> None:
    model = tmp_path / "m"
    model.mkdir()
    (model / "w.onnx").write_bytes(b"w")
    out = tmp_path / "bom.json"
    code = f"import sys; open(sys.argv[1], 'w').write({json.dumps(BOM)!r})"
    script = tmp_path / "generator.py"
    script.write_text(code)
    result = Result(*generate(f"{sys.executable} {script} {{out}} {{path}}", model, out))
    examine(result, model, out, {"task": [("t",)], "licence": [("ISC",)]})
    shown = {name: result.cells[name] for name in ("task", "licence", "digests of weights")}
    assert shown == {
        "task": Cell.RIGHT,
        "licence": Cell.WRONG,
        "digests of weights": Cell.MISSING,
    }
    assert result.wrong["licence"] == ["MIT"]
    result.scores = {"a scorer": 50.5}
    silent = Result(why="no JSON")
    results = {"it": {"m": result, "n": silent}, "that": {"m": silent, "n": silent}}
    page = document(results, {"it": "1", "that": "2"}, ["other"])
    assert "| a scorer | 50.5 | - |" in page
    assert "| m | a scorer | 50.5 | - |\n| n | a scorer | - | - |" in page
    assert "| m | licence | **wrong** | - |" in page
    assert "- it, m, licence: `MIT`" in page
    assert "Not installed, so not compared: other." in page


def test_a_generator_that_writes_no_json_says_why(tmp_path: Path) -> None:
    script = tmp_path / "generator.py"
    script.write_text("print('no'); raise SystemExit(3)")
    found = generate(f"{sys.executable} {script}", tmp_path, tmp_path / "bom.json")
    assert found == (None, "no JSON, exit code 3")


def test_generators_that_are_not_installed_are_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", "")
    (tmp_path / "airom").write_text("#!/bin/sh\n")
    (tmp_path / "airom").chmod(0o755)
    commands, missing = find([tmp_path])
    assert list(commands) == ["aibom", "airom"]
    assert commands["airom"][1] == "?"
    assert missing == ["cdxgen", "aisbom", "ai-bom", "toolkit-mlsbom", "aibom-guard"]


def test_scorers_of_others_are_asked(tmp_path: Path) -> None:
    aisbom = tmp_path / "aisbom"
    aisbom.write_text("#!/bin/sh\necho '{\"overall\": 50.5}'\n")
    aisbom.chmod(0o755)
    models = tmp_path / "owasp" / "src" / "models"
    models.mkdir(parents=True)
    (models / "__init__.py").write_text("raise ImportError('a framework')")
    (models / "scoring.py").write_text(
        "def calculate_completeness_score(bom, validate):\n    return {'total_score': bom['n']}\n"
    )
    bom = tmp_path / "bom.json"
    bom.write_text('{"n": 7}')
    assert score(bom, str(aisbom), tmp_path / "owasp") == {
        "OWASP's scorer": 7.0,
        "aisbom score": 50.5,
    }
    assert score(bom, None, None) == {}


def test_the_version_of_a_program_of_npm_stands_in_its_package(tmp_path: Path) -> None:
    package = tmp_path / "node_modules" / "@cyclonedx" / "cdxgen"
    (package / "bin").mkdir(parents=True)
    (package / "package.json").write_text('{"name": "@cyclonedx/cdxgen", "version": "1.2.3"}')
    assert version_of("cdxgen", str(package / "bin" / "cdxgen.js")) == "1.2.3"
