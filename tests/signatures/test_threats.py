"""The 68 threats of the model that docs/threat-model.md tells, each as a user would meet it.

A case harms a signed model, runs the command line and expects exit code 4, a code, and the sentence
that goes with it. Where others are more lenient, `LENIENT` says who and how.
"""

import ast
import json
import os
import shutil
from pathlib import Path
from typing import Any

import pytest

from aibom.attest import Release, attest_target
from aibom.layout import BOM_NAME, BUNDLE_NAME
from aibom.sandbox import without_isolation
from aibom.scan import scan_target
from aibom.signatures import CODES, build_statement, generate_keys, sign, signer_from_uri
from tests.helpers.checkout import ROOT
from tests.helpers.models import Keys, make_keys, write_model
from tests.signatures import test_bundle, test_statement
from tests.signatures.examples import Document, dump
from tests.signatures.threat_cases import HARM, Act, Case, refused

THREATS = range(1, 69)


@pytest.fixture(scope="module")
def signed(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Keys]:
    keys = make_keys(tmp_path_factory.mktemp("keys"))
    model = write_model(tmp_path_factory.mktemp("models") / "demo")
    report = scan_target(model, sandbox=without_isolation())
    release = Release("1.0.0", "a" * 40)
    attest_target(model, report, signer_from_uri(str(keys.private)), release=release)
    return model, keys


@pytest.fixture
def case(
    signed: tuple[Path, Keys],
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> Case:
    model, keys = signed
    return Case(shutil.copytree(model, tmp_path / "demo"), keys, capsys, monkeypatch)


# --- 1-22: files and the BOM beside them ----------------------------------------------------------


@pytest.mark.parametrize(
    ("act", "code"), [each[2:] for each in HARM], ids=[f"{n}: {name}" for n, name, *_ in HARM]
)
def test_refuses(case: Case, act: Act, code: str) -> None:
    refused(case.verify(*(act(case) or ())), code)


def test_16_a_hard_link_to_a_file_outside_is_a_file(case: Case) -> None:
    outside = case.model.parent / "outside"
    (case.model / "LICENSE").rename(outside)
    os.link(outside, case.model / "LICENSE")
    code, _, told = case.verify()
    assert (code, told) == (0, "")
    outside.write_bytes(b"MIT\n")
    refused(case.verify(), "digest-mismatch")


@pytest.mark.parametrize("name", [BOM_NAME, BUNDLE_NAME])
def test_22_what_is_missing_is_no_wrong_usage(case: Case, name: str) -> None:
    (case.model / name).unlink()
    code, out, told = case.verify()
    assert (code, out) == (4, "")
    assert "cannot be read: no such file" in told


def test_28_a_signature_in_the_bom_is_not_signed_over(case: Case) -> None:
    (case.model / BUNDLE_NAME).unlink()
    bom = json.loads((case.model / BOM_NAME).read_bytes())
    (case.model / BOM_NAME).write_bytes(dump({**bom, "signature": {}}))
    code, out, told = case.run("sign", case.model / BOM_NAME, "--key", case.keys.private)
    assert (code, out) == (4, "")
    assert f"[embedded-signature]\n{CODES['embedded-signature']}\n" in told


def test_28_a_signature_in_the_bom_is_not_believed(case: Case) -> None:
    bom = dump({**json.loads((case.model / BOM_NAME).read_bytes()), "signature": {}})
    (case.model / BOM_NAME).write_bytes(bom)
    claims = json.loads(case.payload)
    files = {it["name"]: it["digest"]["sha256"] for it in claims["subject"][2:]}
    case.sign(
        build_statement(
            model="demo", bom_name=BOM_NAME, bom=bom, files=files, keep_embedded_signature=True
        )
    )
    code, out, _ = case.verify()
    assert code == 0
    assert "  ignored     the signature inside the BOM, which nobody here checks\n" in out


def test_65_a_policy_file_refuses_what_its_options_would(case: Case) -> None:
    policy = case.model.parent / "policy.yaml"
    policy.write_text("expect-version: 2.0.0\n")
    refused(case.verify("--policy", policy), "policy-version")
    policy.write_text("expect-version: 1.0.0\nno-findings: high\nrequire-complete: true\n")
    assert case.verify("--policy", policy)[0] == 0


def test_67_a_model_is_who_it_is_under_any_name(case: Case) -> None:
    """Identical files under another name verify; the BOM says whose they are."""
    moved = case.model.rename(case.model.with_name("other"))
    ended = case.run("verify", moved, "--key", case.keys.public, "--expect-model", "demo")
    assert ended[0] == 0


def test_68_a_key_that_lies_in_the_model_is_wrong_usage(case: Case) -> None:
    inside = shutil.copy(case.keys.public, case.model / "key.pub")
    code, out, told = case.run("verify", case.model, "--key", inside)
    assert (code, out) == (2, "")
    assert "the key lies in the model" in told


# --- 17, 23-44: what is signed --------------------------------------------------------------------

STATEMENTS: dict[int, tuple[str, ...]] = {  # threat -> changes of tests.signatures.test_statement
    17: ("names that differ in case", "composed and decomposed name"),
    23: (
        "predicate is not the BOM at hand",
        "predicate has true for 1",
        "predicate has 1.0 for 1",
    ),
    24: ("BOM has another hash",),
    25: ("BOM lacks a file", "BOM lists no files", "file is listed without its path"),
    26: (
        "BOM lists a ghost",
        "BOM lists a ghost inside another",
        "BOM is of a ghost",
        "BOM lists itself",
        "BOM lists a file twice",
        "BOM gives a file two paths",
        "BOM lists a path that leads out",
        "BOM lists a path that is no text",
        "metadata is a list",
        "components are an object",
        "component is a text",
        "properties are null",
        "hashes are a text",
    ),
    27: ("BOM is no subject", "no subject but the whole"),
    29: ("predicate is SPDX", "predicate is null"),
    30: ("CycloneDX of the future", "CycloneDX without version"),
    31: ("no subjects", "subjects missing", "subjects are an object"),
    32: ("predicate type of OMS", "predicate type with a version"),
    33: ("statement v0.1",),
    34: (
        "name leads out",
        "name is absolute",
        "name has a backslash",
        "name has a drive",
        "name has an empty part",
        "name starts with this folder",
        "name has a NUL",
        "name has a newline and an escape",
        "name is empty",
        "name is missing",
        "subject is a text",
        "model's name leads out",
    ),
    35: ("one name, two digests",),
    36: (
        "MD5 alone",
        "SHA-1 alone",
        "a second algorithm",
        "no digest",
        "digest is a text",
        "digest in upper case",
        "short digest",
        "digest and a newline",
        "digest is a number",
        "root by MD5",
        "BOM has no hash",
        "BOM has two hashes",
        "BOM has a hash without value",
    ),
    37: (
        "root subject missing",
        "root subject is a text",
        "root subject is a path",
        "root of another model",
    ),
    38: ("file subjects left out",),
}
PAYLOADS: dict[int, tuple[str, ...]] = {
    34: ("half a surrogate pair",),
    39: ("a second predicate type",),
    40: ("NaN",),
    41: ("no UTF-8", "a byte order mark", "bytes after the end"),
    42: ("100,000 nested lists",),
    44: ("an integer of 10,000 digits",),
    33: ("a list",),
}


def numbered(table: dict[int, tuple[str, ...]]) -> list[Any]:
    return [
        pytest.param(name, id=f"{number}: {name}")
        for number, names in table.items()
        for name in names
    ]


@pytest.mark.parametrize("name", numbered(STATEMENTS))
def test_refuses_a_statement_of_the_trusted_key(case: Case, name: str) -> None:
    change, code = test_statement.CHANGED[name]
    claims = json.loads(case.payload)
    change(claims)
    case.sign(dump(claims))
    refused(case.verify(), code)


@pytest.mark.parametrize("name", numbered(PAYLOADS))
def test_refuses_a_payload_of_the_trusted_key(case: Case, name: str) -> None:
    change, code = test_statement.PAYLOADS[name]
    case.sign(change(case.payload))
    refused(case.verify(), code)


# --- 39, 43, 45-52: the bundle --------------------------------------------------------------------

BUNDLES: dict[int, tuple[str, ...]] = {  # threat -> changes of tests.signatures.test_bundle
    45: (
        "payload of another statement",
        "signature of another payload",
        "signature that is no DER",
        "empty signature",
        "payload type of plain JSON",
        "no payload type",
    ),
    46: ("no signature", "signatures missing", "two signatures, one valid"),
    47: ("a message instead of a statement", "a message beside the statement"),
    48: (
        "junk in the payload",
        "newline in the payload",
        "payload in the other alphabet",
        "payload without padding",
        "payload with padding amid",
        "payload with loose bits",
        "payload beyond ASCII",
        "no payload",
        "signature as a number",
        "signature as a text",
        "envelope as a text",
        "an unknown key in the envelope",
    ),
    49: ("unknown media type", "no media type", "unknown key"),
    52: (
        "a certificate for the key",
        "a chain for the key",
        "a chain of none",
        "a certificate beside the key",
        "no material",
        "material of no kind",
        "material of an unknown kind",
        "hint as a number",
        "key in the bundle",
        "log as an object",
        "log entry as a text",
    ),
}
RAW: dict[int, tuple[str, ...]] = {
    39: ("a key twice",),
    41: ("two bundles",),
    43: ("65 MiB",),
    50: ("a list",),
}


@pytest.mark.parametrize("name", numbered(BUNDLES))
def test_refuses_a_bundle(case: Case, name: str) -> None:
    change, code = test_bundle.CHANGED[name]
    document: Document = json.loads((case.model / BUNDLE_NAME).read_bytes())
    change(document)
    (case.model / BUNDLE_NAME).write_bytes(dump(document))
    refused(case.verify(), code)


@pytest.mark.parametrize("name", numbered(RAW))
def test_refuses_as_a_bundle(case: Case, name: str) -> None:
    raw, code = test_bundle.RAW[name]
    (case.model / BUNDLE_NAME).write_bytes(raw)
    refused(case.verify(), code)


def test_51_a_strangers_signature_under_our_hint_is_refused(case: Case) -> None:
    signer = signer_from_uri(str(case.keys.private))
    stranger = case.model.parent / "stranger.key"
    stranger.write_bytes(generate_keys()[0])
    ours = json.loads(sign(case.payload, signer))
    theirs = json.loads(sign(case.payload, signer_from_uri(str(stranger))))
    theirs["verificationMaterial"] = ours["verificationMaterial"]
    (case.model / BUNDLE_NAME).write_bytes(dump(theirs))
    refused(case.verify(), "signature")


# --- 53-64, 66: certificates, logs, identities and time, with a whole Sigstore --------------------

CLI = "tests/aibom/cli/test_keyless_verify.py"
ELSEWHERE: dict[int, tuple[str, ...]] = {  # threat -> tests that end with the command line's code
    52: (f"{CLI}::test_a_key_is_no_identity_and_the_reverse",),
    53: (f"{CLI}::test_an_attack_on_the_bundle_ends_with_4_and_a_sentence",),
    54: (f"{CLI}::test_an_attack_on_the_bundle_ends_with_4_and_a_sentence",),
    55: (f"{CLI}::test_an_attack_on_the_bundle_ends_with_4_and_a_sentence",),
    56: (f"{CLI}::test_an_attack_on_the_bundle_ends_with_4_and_a_sentence",),
    57: (f"{CLI}::test_a_root_of_strangers_ends_with_4_and_a_sentence",),
    58: (f"{CLI}::test_refuses_by",),
    59: (f"{CLI}::test_refuses_by",),
    60: (f"{CLI}::test_refuses_by", f"{CLI}::test_refuses_a_pull_request"),
    61: (f"{CLI}::test_refuses_by",),
    62: (f"{CLI}::test_a_late_signature_ends_with_4_and_a_sentence",),
    63: (f"{CLI}::test_a_certificate_that_ran_out_needs_its_timestamp",),
    64: (f"{CLI}::test_a_certificate_ends_with_4_and_a_sentence",),
    65: (f"{CLI}::test_an_old_signature_is_known_by_the_time_that_others_vouch_for",),
    66: (f"{CLI}::test_an_old_root_is_believed_with_a_warning",),
    68: (f"{CLI}::test_whom_to_trust_may_not_lie_in_the_model",),
}

LENIENT: dict[int, str] = {  # as test_lenient_clients.py tries it, or as its source says
    3: "cosign and gh (not run here) verify one file, and do not look for others",
    7: "cosign and gh (not run here) ignore the names of subjects",
    32: "model_signing 1.1.1 still takes statements of its type before 1.0",
    34: "model_signing 1.1.1 reads ../x with --ignore_unsigned_files",
    39: "model_signing 1.1.1 takes the last of two equal keys",
    46: "model_signing 1.1.1 does not look at a second signature",
    49: "sigstore-js takes unknown media types and unknown members",
    56: "sigstore-python ignores a foreign timestamp where Rekor v1 vouches for the time",
    58: "sigstore-python takes an e-mail address that is certified as a URI",
    59: "sigstore-js takes the name for a regular expression that may match anywhere",
    63: "model_signing 1.1.1 believes certificates that ran out",
    64: "model_signing 1.1.1 believes certificates for TLS servers",
}


def names_of_tests(path: str) -> set[str]:
    tree = ast.parse((ROOT / path).read_text(encoding="utf-8"))
    return {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)}


def test_the_tests_elsewhere_are_there() -> None:
    named = {tuple(each.split("::")) for tests in ELSEWHERE.values() for each in tests}
    assert [(path, name) for path, name in named if name not in names_of_tests(path)] == []


def test_every_change_of_statement_and_bundle_has_its_number() -> None:
    for table, changes in (
        (STATEMENTS, test_statement.CHANGED),
        (PAYLOADS, test_statement.PAYLOADS),
        (BUNDLES, test_bundle.CHANGED),
        (RAW, test_bundle.RAW),
    ):
        used = {name for names in table.values() for name in names}
        assert changes.keys() - used <= {"a stranger's signature, our hint"}  # 51, above


def test_no_threat_is_left_out() -> None:
    numbers = [name.split("_")[1] for name in names_of_tests(__file__) if name.startswith("test_")]
    alone = {int(number) for number in numbers if number.isdigit()}
    tables = (STATEMENTS, PAYLOADS, BUNDLES, RAW, ELSEWHERE)
    covered = {number for number, *_ in HARM}.union(alone, *tables)
    assert (covered, LENIENT.keys() - covered) == (set(THREATS), set())
