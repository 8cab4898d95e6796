"""What other clients believe and we refuse: every row of `LENIENT` in `test_threats`, by number.

cosign and gh are not here to be tried; what is said of them follows from their source.
"""

from __future__ import annotations

import base64
import json
import shutil
import subprocess
from typing import TYPE_CHECKING, Any

import pytest
from cryptography import x509
from cryptography.x509.oid import ExtendedKeyUsageOID

from aibom.layout import OMS_NAME
from aibom.signatures import SignatureError, build_manifest, sign, signer_from_uri
from aibom.signatures.identity import Identity
from aibom.verify import verify_model_signature
from tests.aibom.test_model_signing import CLIENT, accepts, verifying
from tests.helpers.models import Keys, make_keys, write_model
from tests.local_sigstore import GITHUB_ISSUER, der
from tests.local_sigstore.js_client import SigstoreJs, installed
from tests.signatures import test_authority_trust as authority
from tests.signatures.examples import Document, dump, sha256
from tests.signatures.keyless_examples import (
    RELEASE,
    WORKFLOW,
    keyless_bundle,
    refusal,
    sigstore_python_accepts,
    stamps,
    trust,
)
from tests.signatures.test_threats import LENIENT, names_of_tests

if TYPE_CHECKING:
    from pathlib import Path

    from aibom.signatures import Trust
    from tests.local_sigstore import LocalSigstore

ALICE = Identity.of(name="alice@example.com", issuer=GITHUB_ISSUER)
ANYBODY = Identity.of(pattern=".*", issuer=GITHUB_ISSUER)
NOT_HERE = {3, 7}  # of cosign and gh alone


@pytest.fixture
def keys(tmp_path: Path) -> Keys:
    return make_keys(tmp_path)


@pytest.fixture
def model(tmp_path: Path) -> Path:
    return write_model(tmp_path / "demo")


@pytest.fixture
def js(tmp_path: Path) -> SigstoreJs:
    return SigstoreJs(installed(), tmp_path)


def hashed(model: Path) -> dict[str, str]:
    files = [each for each in model.rglob("*") if each.is_file() and each.name[:4] != ".git"]
    return {each.relative_to(model).as_posix(): sha256(each.read_bytes()) for each in files}


def manifest(model: Path) -> Document:
    payload: Document = json.loads(
        build_manifest(
            model="demo", files=hashed(model), ignored=[".git", ".gitattributes", OMS_NAME]
        )
    )
    return payload


def put(model: Path, keys: Keys, payload: bytes) -> Path:
    place = model / OMS_NAME
    place.write_bytes(sign(payload, signer_from_uri(str(keys.private))))
    return place


def refused(model: Path, trust: Trust) -> str:
    with pytest.raises(SignatureError) as caught:
        verify_model_signature(model, trust)
    return caught.value.code


def test_32_model_signing_takes_statements_of_its_type_before_1_0(model: Path, keys: Keys) -> None:
    (model / ".gitattributes").unlink()
    old = {
        "_type": "https://in-toto.io/Statement/v1",
        "subject": [
            {"name": name, "digest": {"sha256": digest}} for name, digest in hashed(model).items()
        ],
        "predicateType": "https://model_signing/Digests/v0.1",
        "predicate": {"unused": "Unused, just passed due to API requirements"},
    }
    put(model, keys, dump(old))
    elsewhere = (model / OMS_NAME).rename(model.parent / OMS_NAME)
    assert accepts(model, keys, elsewhere)
    shutil.copy(elsewhere, model)
    assert refused(model, keys.trust) == "predicate-type"


def test_34_model_signing_reads_above_the_model(model: Path, keys: Keys) -> None:
    (model.parent / "outside").write_bytes(b"outside")
    payload = manifest(model)
    names = {each["name"]: each for each in payload["predicate"]["resources"]}
    names["LICENSE"] |= {"name": "../outside", "digest": sha256(b"outside")}
    payload["predicate"]["resources"] = [names["LICENSE"]]
    payload["subject"][0]["digest"] = {"sha256": sha256(bytes.fromhex(sha256(b"outside")))}
    place = put(model, keys, dump(payload))
    believing = verifying.Config().use_elliptic_key_verifier(public_key=keys.public)
    believing.set_ignore_unsigned_files(True).verify(model, place)  # raises nothing
    assert refused(model, keys.trust) == "bad-name"


def test_39_model_signing_takes_the_last_of_two_equal_keys(model: Path, keys: Keys) -> None:
    payload = dump(manifest(model)).replace(b'{"_type":', b'{"predicateType":"x","_type":', 1)
    place = put(model, keys, payload)
    assert accepts(model, keys, place)
    assert refused(model, keys.trust) == "json-duplicate-key"


def test_46_model_signing_does_not_look_at_a_second_signature(model: Path, keys: Keys) -> None:
    place = put(model, keys, dump(manifest(model)))
    document = json.loads(place.read_bytes())
    document["dsseEnvelope"]["signatures"].append({"sig": base64.b64encode(b"junk").decode()})
    place.write_bytes(dump(document))
    assert accepts(model, keys, place)
    assert refused(model, keys.trust) == "signature-count"


def certified(model: Path, **leaf: Any) -> list[str | Path]:  # noqa: ANN401 - as `authority.leaf`
    """Sign `model` by a certificate; return the client's command that verifies it."""
    payload = dump(manifest(model))
    document = authority.signed(
        authority.leaf(**leaf), authority.ISSUING.certificate, payload=payload
    )
    document["verificationMaterial"]["tlogEntries"] = []
    (model / OMS_NAME).write_bytes(dump(document))
    root = model.parent / "root.pem"
    root.write_bytes(authority.pem(authority.ROOT.certificate))
    given: list[str | Path] = ["verify", "certificate", "--certificate_chain", root]
    return [CLIENT, *given, "--signature", model / OMS_NAME, model]


def test_63_model_signing_believes_certificates_that_ran_out(model: Path) -> None:
    command = certified(model, hours=0.5)  # of an hour that it would have to last
    assert ran(command) == (0, "Verification succeeded\n")
    assert refused(model, authority.trust()) == "signing-time"


def test_64_model_signing_believes_certificates_for_tls_servers(model: Path) -> None:
    command = certified(model, use=ExtendedKeyUsageOID.SERVER_AUTH)
    assert ran(command) == (0, "Verification succeeded\n")
    assert refused(model, authority.trust()) == "certificate-use"


def ran(command: list[str | Path]) -> tuple[int, str]:
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=120)
    return done.returncode, done.stdout


def test_49_sigstore_js_takes_unknown_members(sigstore: LocalSigstore, js: SigstoreJs) -> None:
    document = {**keyless_bundle(sigstore), "surprise": 1}
    policy = {"subjectAlternativeName": "^.*$", "extensions": {"issuer": GITHUB_ISSUER}}
    assert js.verify(dump(document), sigstore.trusted_root(), policy=policy) == WORKFLOW
    assert refusal(document, trust(sigstore)) == "bundle-malformed"


def test_56_sigstore_python_ignores_a_foreign_timestamp(sigstore: LocalSigstore) -> None:
    document, other = keyless_bundle(sigstore), keyless_bundle(sigstore)
    stamps(document)[:] = stamps(other)
    assert sigstore_python_accepts(document, sigstore.trusted_root())
    assert refusal(document, trust(sigstore)) == "timestamp"


@pytest.mark.parametrize("name", ["acme", WORKFLOW[:-1], ".*"], ids=["part", "prefix", "all"])
def test_59_sigstore_js_finds_the_name_anywhere(
    sigstore: LocalSigstore, js: SigstoreJs, name: str
) -> None:
    document = keyless_bundle(sigstore)
    policy = {"subjectAlternativeName": name, "extensions": {"issuer": GITHUB_ISSUER}}
    assert js.verify(dump(document), sigstore.trusted_root(), policy=policy) == WORKFLOW
    demanded = Identity.of(name=name, issuer=GITHUB_ISSUER)
    assert refusal(document, trust(sigstore, demanded)) == "identity"


USER = x509.ObjectIdentifier("1.3.6.1.4.1.57264.1.7")  # Fulcio's type of a user name
MISTYPED: dict[str, x509.GeneralName] = {
    "a workflow as a host": x509.DNSName(WORKFLOW),
    "a workflow as a user": x509.OtherName(USER, der.text(WORKFLOW)),
    "an address as a URI": x509.UniformResourceIdentifier("alice@example.com"),
    "an address as a host": x509.DNSName("alice@example.com"),
    "a user as a host": x509.DNSName("alice!example.com"),
}


@pytest.mark.parametrize("name", MISTYPED.values(), ids=MISTYPED)
def test_58_sigstore_python_does_not_look_at_the_type_of_a_name(
    sigstore: LocalSigstore, monkeypatch: pytest.MonkeyPatch, name: x509.GeneralName
) -> None:
    """What certifies any host to whoever runs it must not speak for a workflow."""
    mistyped = x509.SubjectAlternativeName([name])

    def instead(_: object) -> x509.SubjectAlternativeName:
        return mistyped

    monkeypatch.setattr(x509, "SubjectAlternativeName", instead)
    document = keyless_bundle(sigstore)
    monkeypatch.undo()
    for demand in (RELEASE, ALICE, ANYBODY):
        assert refusal(document, trust(sigstore, demand)) == "identity"
    root, is_lenient = sigstore.trusted_root(), isinstance(name, x509.UniformResourceIdentifier)
    assert sigstore_python_accepts(document, root, "alice@example.com") == is_lenient


def test_every_row_has_its_test() -> None:
    names = names_of_tests("tests/signatures/test_lenient_clients.py")
    tests = {name.split("_")[1] for name in names if name.startswith("test_")}
    assert {str(number) for number in LENIENT.keys() - NOT_HERE} <= tests
