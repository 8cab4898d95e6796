"""Attestations of GitHub's: every file is a subject, every subject a file."""

from __future__ import annotations

from typing import Any

import pytest

from aibom.signatures import SignatureError
from aibom.signatures.attestation import Attestation, is_attestation, parse_attestation
from aibom.signatures.statement import compare_bom
from tests.signatures.examples import Document, code_of, dump, sha256, signed, statement

CONFIG, TOKENS, WEIGHTS = (sha256(each) for each in (b"config", b"tokens", b"weights"))
FOREIGN = {"bomFormat": "CycloneDX", "specVersion": "1.6"}  # lists no files by their paths


def attestation(*subjects: tuple[str, str], bom: object = FOREIGN) -> Document:
    return {
        "_type": "https://in-toto.io/Statement/v1",
        "subject": [{"name": name, "digest": {"sha256": digest}} for name, digest in subjects],
        "predicateType": "https://cyclonedx.org/bom",
        "predicate": bom,
    }


def parsed(*subjects: tuple[str, str], bom: object = FOREIGN) -> Attestation:
    return parse_attestation(dump(attestation(*subjects, bom=bom)))


def ours(**files: str) -> Document:
    components = [
        {
            "type": "file",
            "name": name,
            "hashes": [{"alg": "SHA-256", "content": digest}],
            "properties": [{"name": "aibom:path", "value": name.replace("__", "/")}],
        }
        for name, digest in files.items()
    ]
    return {**FOREIGN, "components": components}


BY_NAME = (("config.json", CONFIG), ("config.json", TOKENS), ("w.bin", WEIGHTS))
BY_PATH = (("config.json", CONFIG), ("sub/config.json", TOKENS), ("w.bin", WEIGHTS))
FILES = {"config.json": CONFIG, "sub/config.json": TOKENS, "w.bin": WEIGHTS}


@pytest.mark.parametrize("subjects", [BY_NAME, BY_PATH], ids=["by name", "by path"])
def test_believes_the_files_that_are_its_subjects(subjects: tuple[tuple[str, str], ...]) -> None:
    found = parsed(*subjects)
    found.compare(FILES)
    assert found.bom == FOREIGN
    assert bool(found.warnings) == (subjects is BY_NAME)


CHANGED: dict[str, tuple[dict[str, str], str]] = {
    "changed": ({**FILES, "w.bin": CONFIG}, "digest-mismatch"),
    "added": ({**FILES, "evil.py": CONFIG}, "extra-file"),
    "removed": ({name: FILES[name] for name in ("config.json", "w.bin")}, "missing-file"),
    "renamed": ({**{n: d for n, d in FILES.items() if n != "w.bin"}, "x": WEIGHTS}, "missing-file"),
}


@pytest.mark.parametrize("subjects", [BY_NAME, BY_PATH], ids=["by name", "by path"])
@pytest.mark.parametrize(("files", "code"), CHANGED.values(), ids=CHANGED)
def test_refuses_a_file_that_was(
    files: dict[str, str], code: str, subjects: tuple[tuple[str, str], ...]
) -> None:
    assert code_of(lambda: parsed(*subjects).compare(files)) == code


EXCHANGED = {**FILES, "config.json": TOKENS, "sub/config.json": CONFIG}


def test_tells_files_of_one_name_apart_by_path_or_by_our_bom() -> None:
    parsed(*BY_NAME).compare(EXCHANGED)  # what the warning is about
    assert code_of(lambda: parsed(*BY_PATH).compare(EXCHANGED)) == "digest-mismatch"
    listing = ours(**{"config.json": CONFIG, "sub__config.json": TOKENS, "w.bin": WEIGHTS})
    found = parsed(*BY_NAME, bom=listing)
    found.compare(FILES)
    assert (found.warnings, code_of(lambda: found.compare(EXCHANGED))) == ((), "digest-mismatch")
    copied = {**FILES, "more/w.bin": WEIGHTS}
    assert code_of(lambda: found.compare(copied)) == "extra-file"


def test_a_bom_need_not_list_itself() -> None:
    found = parsed(("w.bin", WEIGHTS), ("bom.json", CONFIG), bom=ours(**{"w.bin": WEIGHTS}))
    files = {"w.bin": WEIGHTS, "bom.json": CONFIG}
    found.compare(files, unlisted={"bom.json"})
    assert code_of(lambda: found.compare(files)) == "extra-file"


def test_a_bom_may_stand_in_another_order_but_say_nothing_else() -> None:
    compare_bom("bom.json", dump(dict(reversed(FOREIGN.items()))), {**FOREIGN})
    assert (
        code_of(lambda: compare_bom("b", b'{"a":true}', {"a": 1})) == "bom-differs-from-predicate"
    )


REFUSED: dict[str, tuple[dict[str, Any], str]] = {
    "no subjects": ({"subject": []}, "no-subjects"),
    "subjects that are a text": ({"subject": "w.bin"}, "no-subjects"),
    "another predicate": ({"predicateType": "https://slsa.dev/provenance/v1"}, "predicate-type"),
    "a BOM of SPDX": ({"predicate": {"spdxVersion": "SPDX-2.3"}}, "not-a-bom"),
    "a name that leads out": (attestation(("../x", WEIGHTS)), "bad-name"),
    "a name of a whole": (attestation(("w/", WEIGHTS)), "bad-name"),
    "a digest of nothing": (attestation(("w.bin", "")), "digest-algorithm"),
}


@pytest.mark.parametrize(("changes", "code"), REFUSED.values(), ids=REFUSED)
def test_refuses_a_statement_with(changes: dict[str, Any], code: str) -> None:
    document: Document = {**attestation(("w.bin", WEIGHTS)), **changes}
    payload = dump(document)
    assert code_of(lambda: parse_attestation(payload)) == code


NAMELESS: Document = {"subject": [{"digest": {}}]}
UNLISTED: Document = {"subject": {"name": "w.bin"}}


@pytest.mark.parametrize(
    ("payload", "expected"),
    [
        (dump(attestation(("w.bin", WEIGHTS))), True),
        (dump(statement()), False),
        (dump({**attestation(), **NAMELESS}), False),
        (dump({**attestation(), **UNLISTED}), False),
        (b"{}", False),
    ],
    ids=["files alone", "a model", "no name", "no list", "something else"],
)
def test_knows_its_kind_of_statement(payload: bytes, *, expected: bool) -> None:
    assert is_attestation(signed(payload)) == expected


def test_a_broken_bundle_is_for_the_other_verification_to_tell() -> None:
    assert not is_attestation(b"{")
    with pytest.raises(SignatureError):
        parse_attestation(b"{")


def test_knows_which_files_its_subjects_may_name() -> None:
    by_name, by_path = parsed(*BY_NAME), parsed(*BY_PATH)
    assert [by_name.names_file(each) for each in ("x/w.bin", "x")] == [True, False]
    assert [by_path.names_file(each) for each in ("w.bin", "x/w.bin")] == [True, False]
