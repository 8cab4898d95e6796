"""Validation in slices refuses what the library refuses whole, and what the schema cannot say."""

from __future__ import annotations

import copy
import json
import re
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from importlib.resources import files
from typing import TYPE_CHECKING, Any

import pytest

from aibom.bom import validate
from aibom.errors import BomError

from .examples import faults, file, report, small, written

if TYPE_CHECKING:
    from collections.abc import Callable

Change = tuple[str, "Callable[[dict[str, Any]], Any]"]

INVALID: list[Change] = [
    ("an unknown key", lambda d: d.update(bogus=1)),
    ("an unknown key of a component", lambda d: d["components"][30].update(bogus=1)),
    ("a component without a name", lambda d: d["components"][30].pop("name")),
    ("a bad hash", lambda d: d["components"][30]["hashes"][0].update(content="f")),
    ("an unknown hash", lambda d: d["components"][30]["hashes"][0].update(alg="SHA-0")),
    ("a bad media type", lambda d: d["components"][30].update({"mime-type": "no"})),
    ("a number for a text", lambda d: d["components"][30]["properties"][0].update(value=1)),
    ("an empty reference", lambda d: d["components"][30].update({"bom-ref": ""})),
    ("a bad licence", lambda d: d["components"][30].update(licenses=[{"license": {"id": "x"}}])),
    ("a bad severity", lambda d: d["vulnerabilities"][0]["ratings"][0].update(severity="bad")),
    ("a bad serial number", lambda d: d.update(serialNumber="urn:uuid:0")),
    ("a bad time", lambda d: d["metadata"].update(timestamp="today")),
    ("a number to depend on", lambda d: d["dependencies"][0]["dependsOn"].append(7)),
    ("a bad aggregate", lambda d: d["compositions"][0].update(aggregate="most")),
    ("a number for a composition", lambda d: d["compositions"][0]["assemblies"].append(7)),
    (
        "no address",
        lambda d: d["components"][30].update(externalReferences=[{"type": "vcs", "url": ":// "}]),
    ),
]
INCONSISTENT: list[Change] = [
    ("a component twice", lambda d: d["components"].append(d["components"][0])),
    ("a reference twice", lambda d: d["components"][30].update({"bom-ref": "subject"})),
    ("a dependency twice", lambda d: d["dependencies"][0]["dependsOn"].append("file:0")),
    ("a dangling dependency", lambda d: d["dependencies"][0]["dependsOn"].append("file:no")),
    ("a dangling composition", lambda d: d["compositions"][0]["assemblies"].append("file:no")),
    ("a dangling finding", lambda d: d["vulnerabilities"][0]["affects"][0].update(ref="no")),
]


def large() -> dict[str, Any]:
    """Return a valid document of more than one slice."""
    given = small()
    files = [file(str(number)) for number in range(60)]
    return written(report(*files, *given.artifacts, findings=given.findings))


def parametrized(changes: list[Change]) -> pytest.MarkDecorator:
    return pytest.mark.parametrize(
        "change", [change for _, change in changes], ids=[name for name, _ in changes]
    )


@parametrized(INVALID)
def test_slices_refuse_what_the_library_refuses(change: Callable[[dict[str, Any]], Any]) -> None:
    document = large()
    change(document)
    assert faults(json.dumps(document).encode()) != []
    with pytest.raises(BomError, match="would not be valid"):
        validate.check(document)


@parametrized(INCONSISTENT)
def test_refuses_references_that_do_not_hold(change: Callable[[dict[str, Any]], Any]) -> None:
    document = copy.deepcopy(large())
    change(document)
    with pytest.raises(BomError, match=r"bom-ref|twice|nowhere"):
        validate.check(document)


def test_slices_hold_the_whole_document() -> None:
    document = large()
    parts = list(validate.slices(document))
    for key in ("components", "vulnerabilities"):
        assert [item for part in parts for item in part.get(key, [])] == document[key]
    depends = [
        ref for part in parts for d in part.get("dependencies", []) for ref in d["dependsOn"]
    ]
    depends = [ref for ref in depends if not ref.isdecimal()]  # a number stands for a list
    assert depends == document["dependencies"][0]["dependsOn"]
    assert max(len(part.get("components", [])) for part in parts) == validate.SLICE


def test_tells_the_first_problems_and_where() -> None:
    document = large()
    for component in document["components"][:9]:
        component["bogus"] = "x" * 1000
    with pytest.raises(BomError) as caught:
        validate.check(document)
    assert str(caught.value).count("$.components") == validate.SHOWN
    assert len(str(caught.value)) < 1000


def test_a_document_of_nothing_is_valid() -> None:
    validate.check({"bomFormat": "CycloneDX", "specVersion": "1.6"})


def test_what_is_written_is_valid_in_both_versions() -> None:
    for version in ("1.6", "1.7"):
        schema = f"http://cyclonedx.org/schema/bom-{version}.schema.json"
        document = large() | {"$schema": schema, "specVersion": version}
        validate.check(document)
        errors: Any = validate.load(version).validate_str(json.dumps(document), all_errors=True)
        assert errors is None


def test_threads_share_one_validator() -> None:
    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(validate.load, ["1.6", "1.7"] * 8))
    assert {id(each) for each in found} == {id(validate.load("1.6")), id(validate.load("1.7"))}


LATE = """
import sys
import aibom.bom
assert not {"jsonschema", "cyclonedx", "cryptography", "aibom.signatures"} & set(sys.modules)
aibom.bom.validate.load()
assert "jsonschema" in sys.modules
assert not {"rfc3987_syntax", "rfc3986_validator", "license_expression"} & set(sys.modules)
aibom.bom.validate.load("1.6")
from jsonschema import Draft7Validator, FormatChecker
checker = Draft7Validator.FORMAT_CHECKER
assert checker.conforms("a/é", "iri-reference")
assert not checker.conforms("://", "iri-reference")
assert "rfc3987_syntax" in sys.modules
assert checker.conforms("https://a/b", "uri")
assert not checker.conforms("a b", "uri")
assert not checker.conforms("x", "json-pointer")
"""

ALONE = """
import sys
import aibom.bom
aibom.bom.validate.load(alone=True)
assert not set(aibom.bom.validate.UNUSED_FORMATS) & set(sys.modules)
from jsonschema import Draft7Validator
known = set(Draft7Validator.FORMAT_CHECKER.checkers)
assert {"date", "date-time", "idn-email", "iri-reference", "uri"} <= known, known
"""


PLAIN_ADDRESSES = """
import sys
from aibom import bom
from tests.aibom.bom.examples import small
assert b"externalReferences" in bom.to_json(bom.build(small()))
assert "rfc3987_syntax" not in sys.modules
"""


def test_names_of_files_are_addresses_that_need_no_grammar() -> None:
    done = [sys.executable, "-c", PLAIN_ADDRESSES]
    subprocess.run(done, check=True, env={"PYTHONPATH": ":".join(sys.path)})


def test_what_is_slow_to_import_is_imported_late_and_works_all_the_same() -> None:
    subprocess.run([sys.executable, "-c", LATE], check=True, env={"PYTHONPATH": ":".join(sys.path)})


def test_a_program_of_its_own_leaves_out_checks_of_formats_that_no_schema_names() -> None:
    done = [sys.executable, "-c", ALONE]
    subprocess.run(done, check=True, env={"PYTHONPATH": ":".join(sys.path)})


def test_no_schema_of_cyclonedx_names_a_format_that_is_left_out() -> None:
    schemas = files("cyclonedx.schema") / "_res"
    texts = [each.read_text("utf-8") for each in schemas.iterdir() if each.name.endswith(".json")]
    named = {name for text in texts for name in re.findall(r'"format"\s*:\s*"([^"]+)"', text)}
    left_out = {name for names in validate.UNUSED_FORMATS.values() for name in names}

    assert "iri-reference" in named
    assert not named & left_out


FAULTS: list[tuple[dict[str, Any], list[str]]] = [
    ({"components": {}}, ["$.components is no list"]),
    ({"dependencies": "x"}, ["$.dependencies is no list"]),
    (
        {"compositions": [{"aggregate": "complete", "assemblies": {}}]},
        ["$.compositions[0] is no object, or its assemblies no list"],
    ),
    (
        {"dependencies": [1]},
        ["$.dependencies[0] is no object, or its dependsOn no list"],
    ),
    (
        {"compositions": [{"aggregate": "unknown", "assemblies": ["x"]}] * 2},
        ["$.compositions[1] stands there before"],
    ),
    (
        {"compositions": [{"aggregate": "unknown", "assemblies": [x]} for x in "xy"]},
        [],
    ),
    ({"version": "one"}, ["$.version: 'one' is not of type 'integer'"]),
]


@pytest.mark.parametrize(
    ("change", "told"),
    FAULTS,
    ids=["components", "dependencies", "assemblies", "no object", "equal", "alike", "schema"],
)
def test_faults_of_anybody_s_document_are_told(change: dict[str, Any], told: list[str]) -> None:
    document = {"bomFormat": "CycloneDX", "specVersion": "1.7"}
    assert list(validate.faults(document)) == []
    assert list(validate.faults(document | change)) == told
