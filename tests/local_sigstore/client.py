"""A signer that does as it is told, honest or not, and asks no other client's code."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding

from . import der
from .oidc import GITHUB_ISSUER, github_claims
from .rekor import base64_of
from .server import LocalSigstore
from .timestamps import Request, imprint_of

if TYPE_CHECKING:
    from cryptography import x509

PAYLOAD_TYPE = "application/vnd.in-toto+json"
MEDIA_TYPE = "application/vnd.dev.sigstore.bundle.v0.3+json"


@dataclass(frozen=True, kw_only=True)
class Client:
    """How to sign."""

    sigstore: LocalSigstore
    rekor: int = 1  # version of the log; 0 for none, as GitHub's instance for private repositories
    claims: Mapping[str, Any] = field(
        default_factory=lambda: {"iss": GITHUB_ISSUER, "sub": "repo:acme", **github_claims()}
    )
    late: float = 0  # minutes between certificate and signature
    is_stamped: bool = True
    key: ec.EllipticCurvePrivateKey = field(
        default_factory=lambda: ec.generate_private_key(ec.SECP256R1())
    )

    def sign(self, payload: bytes) -> dict[str, Any]:
        """Return a bundle."""
        certificate = self.sigstore.fulcio.issue(self.key.public_key(), self.claims)
        signature = self.key.sign(pae(payload), ec.ECDSA(hashes.SHA256()))
        envelope = {
            "payload": base64_of(payload),
            "payloadType": PAYLOAD_TYPE,
            "signatures": [{"sig": base64_of(signature)}],
        }
        with self.sigstore.clock.moved(minutes=self.late):
            material: dict[str, Any] = {
                "certificate": {"rawBytes": base64_of(certificate.public_bytes(Encoding.DER))},
            }
            if self.rekor:
                material["tlogEntries"] = [
                    self._entry1(envelope, certificate)
                    if self.rekor == 1
                    else self._entry2(payload, signature, certificate)
                ]
            if self.is_stamped:
                stamp = {"signedTimestamp": base64_of(self.stamp(signature))}
                material["timestampVerificationData"] = {"rfc3161Timestamps": [stamp]}
        return {
            "mediaType": MEDIA_TYPE,
            "verificationMaterial": material,
            "dsseEnvelope": envelope,
        }

    def stamp(self, signature: bytes) -> bytes:
        """Return a timestamp over a signature."""
        imprint = imprint_of(hashlib.sha256(signature).digest())
        request = Request(imprint, der.integer(1), with_certificate=True)
        return self.sigstore.timestamps.stamp(request)

    def _entry1(self, envelope: dict[str, Any], certificate: x509.Certificate) -> dict[str, Any]:
        proposed = {
            "envelope": json.dumps(envelope),
            "verifiers": [base64_of(certificate.public_bytes(Encoding.PEM))],
        }
        request = {"kind": "dsse", "apiVersion": "0.0.1", "spec": {"proposedContent": proposed}}
        (entry,) = self.sigstore.rekor1.answer(json.dumps(request).encode()).values()
        proof = entry["verification"]["inclusionProof"]
        return {
            "logIndex": str(entry["logIndex"]),
            "logId": {"keyId": _base64_of_hex(entry["logID"])},
            "kindVersion": {"kind": "dsse", "version": "0.0.1"},
            "integratedTime": str(entry["integratedTime"]),
            "inclusionPromise": {
                "signedEntryTimestamp": entry["verification"]["signedEntryTimestamp"]
            },
            "inclusionProof": {
                "logIndex": str(proof["logIndex"]),
                "rootHash": _base64_of_hex(proof["rootHash"]),
                "treeSize": str(proof["treeSize"]),
                "hashes": [_base64_of_hex(each) for each in proof["hashes"]],
                "checkpoint": {"envelope": proof["checkpoint"]},
            },
            "canonicalizedBody": entry["body"],
        }

    def _entry2(
        self, payload: bytes, signature: bytes, certificate: x509.Certificate
    ) -> dict[str, Any]:
        verifier = {
            "x509Certificate": {"rawBytes": base64_of(certificate.public_bytes(Encoding.DER))},
            "keyDetails": "PKIX_ECDSA_P256_SHA_256",
        }
        asked = {
            "digest": base64_of(hashlib.sha256(pae(payload)).digest()),
            "signature": {"content": base64_of(signature), "verifier": verifier},
        }
        request = {"hashedRekordRequestV002": asked}
        return self.sigstore.rekor2.answer(json.dumps(request).encode())


def pae(payload: bytes) -> bytes:
    kind = PAYLOAD_TYPE.encode()
    return b"DSSEv1 %d %s %d %s" % (len(kind), kind, len(payload), payload)


def _base64_of_hex(text: str) -> str:
    return base64.b64encode(bytes.fromhex(text)).decode()
