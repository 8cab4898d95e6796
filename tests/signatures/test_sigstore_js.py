"""sigstore-js, which shares no code with us, believes our bundles, and we believe its."""

from __future__ import annotations

import base64
import json
import re
from typing import TYPE_CHECKING

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed25519

from aibom.signatures import KeyTrust, sign, verify
from aibom.signatures.keyless_signer import Instance, KeylessSigner
from aibom.signatures.statement import parse_statement
from tests.local_sigstore import GITHUB_ISSUER
from tests.local_sigstore.js_client import SigstoreJs, installed
from tests.signatures.examples import BOM_NAME, PUBLIC, code_of, dump, sha256, signed
from tests.signatures.keyless_examples import (
    PAYLOAD,
    WORKFLOW,
    keyless_bundle,
    on_github,
    refusal,
    stamps,
    trust,
)
from tests.signatures.test_keys import pems

if TYPE_CHECKING:
    from pathlib import Path

    from tests.local_sigstore import LocalSigstore

VERSIONS = pytest.mark.parametrize("rekor", [1, 2], ids=["Rekor v1", "Rekor v2"])
# It takes the name for a regular expression and searches with it: `.*`, or a prefix, would do.
POLICY = {
    "subjectAlternativeName": f"^{re.escape(WORKFLOW)}$",
    "extensions": {"issuer": GITHUB_ISSUER},
}


@pytest.fixture(scope="module")
def modules() -> Path:
    return installed()


@pytest.fixture
def js(modules: Path, tmp_path: Path) -> SigstoreJs:
    return SigstoreJs(modules, tmp_path)


@VERSIONS
def test_it_verifies_our_keyless_bundles(
    sigstore: LocalSigstore, js: SigstoreJs, rekor: int
) -> None:
    instance = Instance(config=dump(sigstore.trust_config(rekor)))
    raw = sign(PAYLOAD, KeylessSigner(instance, lambda _: sigstore.github_token()))
    root = sigstore.trusted_root()
    assert js.verify(raw, root, policy=POLICY) == WORKFLOW
    other = {**POLICY, "extensions": {"issuer": "https://accounts.google.com"}}
    assert js.verify(raw, root, policy=other).startswith("UNTRUSTED_SIGNER_ERROR")
    edited = json.loads(raw)
    edited["dsseEnvelope"]["payload"] = "e30="
    assert js.verify(dump(edited), root, policy=POLICY).startswith("TLOG_BODY_ERROR")


def test_it_verifies_our_bundles_by_key(js: SigstoreJs) -> None:
    assert js.verify_by_key(signed(PAYLOAD), PUBLIC) == "a key"
    private, public = pems(ed25519.Ed25519PrivateKey.generate())
    assert js.verify_by_key(signed(PAYLOAD, private), public) == "a key"
    assert js.verify_by_key(signed(PAYLOAD), public).startswith("SIGNATURE_ERROR")


def test_it_does_not_verify_keys_on_p384(js: SigstoreJs) -> None:
    """As the warning says that we give for such keys."""
    private, public = pems(ec.generate_private_key(ec.SECP384R1()))
    raw = signed(PAYLOAD, private)
    assert verify(raw, KeyTrust.from_pem(public)).payload == PAYLOAD
    assert js.verify_by_key(raw, public).startswith("SIGNATURE_ERROR")


def test_it_refuses_a_foreign_timestamp_as_we_do(sigstore: LocalSigstore, js: SigstoreJs) -> None:
    document, other = keyless_bundle(sigstore), keyless_bundle(sigstore)
    stamps(document)[:] = stamps(other)
    root = sigstore.trusted_root()
    assert js.verify(dump(document), root, policy=POLICY).startswith("TIMESTAMP_ERROR")
    assert refusal(document, trust(sigstore)) == "timestamp"


def test_we_verify_its_bundles(sigstore: LocalSigstore, js: SigstoreJs) -> None:
    raw = js.sign(PAYLOAD, sigstore.url, sigstore.github_token())
    assert verify(raw, trust(sigstore)).payload == PAYLOAD
    document = json.loads(raw)
    document["dsseEnvelope"]["payload"] = base64.b64encode(b"{}").decode()
    assert refusal(document, trust(sigstore)) == "signature"


ATTESTATIONS = {
    "provenance": "https://slsa.dev/provenance/v1",
    "a BOM": "https://cyclonedx.org/bom",
}


@pytest.mark.parametrize("predicate_type", ATTESTATIONS.values(), ids=ATTESTATIONS)
def test_we_verify_the_signature_of_a_github_attestation(
    sigstore: LocalSigstore, js: SigstoreJs, predicate_type: str
) -> None:
    """GitHub's action signs with sigstore-js; its statement names files, not a model."""
    payload = dump(
        {
            "_type": "https://in-toto.io/Statement/v1",
            "subject": [{"name": "model.safetensors", "digest": {"sha256": sha256(b"weights")}}],
            "predicateType": predicate_type,
            "predicate": {"bomFormat": "CycloneDX", "specVersion": "1.6"},
        }
    )
    raw = js.sign(payload, sigstore.url, sigstore.github_token(runner="github-hosted"))
    believed = trust(sigstore, on_github(repository="acme/model", runner="github-hosted"))
    assert verify(raw, believed).payload == payload
    expected = "no-root-subject" if predicate_type.endswith("/bom") else "predicate-type"
    assert code_of(lambda: parse_statement(payload, bom_name=BOM_NAME)) == expected


def test_we_refuse_an_attestation_of_a_private_repository(
    sigstore: LocalSigstore, js: SigstoreJs
) -> None:
    """GitHub logs none of these; without a log nobody can see that an identity was misused."""
    document = keyless_bundle(sigstore)
    document["verificationMaterial"]["tlogEntries"] = []
    root, lenient = sigstore.trusted_root(), {"tlogThreshold": 0, "timestampThreshold": 1}
    assert js.verify(dump(document), root, policy=POLICY, thresholds=lenient) == WORKFLOW
    assert refusal(document, trust(sigstore)) == "log-entry-count"
