"""Transparency logs: one Merkle tree (RFC 6962), spoken to as Rekor v1 and as Rekor v2."""

from __future__ import annotations

import base64
import hashlib
import json
import secrets
import threading
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import rfc8785
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec

from .authority import public_der

if TYPE_CHECKING:
    from .authority import Clock


def base64_of(raw: bytes) -> str:
    return base64.b64encode(raw).decode()


@dataclass(frozen=True)
class Inclusion:
    """Where an entry stands, and the proof."""

    index: int
    size: int
    root: bytes
    path: list[bytes]
    checkpoint: str  # a signed note


class Log:
    """A log that appends and proves."""

    def __init__(self, clock: Clock, origin: str) -> None:
        self.clock, self.origin = clock, origin
        self.key = ec.generate_private_key(ec.SECP256R1())
        self.id = hashlib.sha256(public_der(self.key)).digest()
        self._leaves: list[bytes] = []
        self._lock = threading.Lock()
        for number in range(5):  # so that no proof is trivial
            self.append(b"filler %d" % number)

    def append(self, body: bytes) -> Inclusion:
        with self._lock:
            self._leaves.append(hashlib.sha256(b"\0" + body).digest())
            leaves = list(self._leaves)
        index, root = len(leaves) - 1, _root(leaves)
        note = f"{self.origin}\n{len(leaves)}\n{base64_of(root)}\n"
        signature = base64_of(self.id[:4] + self.sign(note.encode()))
        signed = f"{note}\n\N{EM DASH} {self.origin.split(' ')[0]} {signature}\n"
        return Inclusion(index, len(leaves), root, _path(index, leaves), signed)

    def sign(self, data: bytes) -> bytes:
        return self.key.sign(data, ec.ECDSA(hashes.SHA256()))


class RekorV1(Log):
    """Takes whole envelopes, keeps their hashes, promises inclusion at a time (SET)."""

    def answer(self, body: bytes) -> dict[str, Any]:
        request = json.loads(body)
        stored = rfc8785.dumps(_seen(request) if request["kind"] == "dsse" else request)
        found = self.append(stored)
        promised: dict[str, Any] = {
            "body": base64_of(stored),
            "integratedTime": int(self.clock.now().timestamp()),
            "logID": self.id.hex(),
            "logIndex": found.index,
        }
        proof = {
            "logIndex": found.index,
            "treeSize": found.size,
            "rootHash": found.root.hex(),
            "hashes": [each.hex() for each in found.path],
            "checkpoint": found.checkpoint,
        }
        promise = base64_of(self.sign(rfc8785.dumps(promised)))
        verification = {"signedEntryTimestamp": promise, "inclusionProof": proof}
        return {secrets.token_hex(40): {**promised, "verification": verification}}


class RekorV2(Log):
    """Takes a hash and a signature, and tells no time."""

    def answer(self, body: bytes) -> dict[str, Any]:
        request = json.loads(body)["hashedRekordRequestV002"]
        data = {"algorithm": "SHA2_256", "digest": request["digest"]}
        stored = rfc8785.dumps(
            {
                "apiVersion": "0.0.2",
                "kind": "hashedrekord",
                "spec": {"hashedRekordV002": {"data": data, "signature": request["signature"]}},
            }
        )
        found = self.append(stored)
        return {
            "logIndex": str(found.index),
            "logId": {"keyId": base64_of(self.id)},
            "kindVersion": {"kind": "hashedrekord", "version": "0.0.2"},
            "inclusionProof": {
                "logIndex": str(found.index),
                "rootHash": base64_of(found.root),
                "treeSize": str(found.size),
                "hashes": [base64_of(each) for each in found.path],
                "checkpoint": {"envelope": found.checkpoint},
            },
            "canonicalizedBody": base64_of(stored),
        }


def _seen(request: dict[str, Any]) -> dict[str, Any]:
    """Return what is kept of a DSSE envelope, once its signatures hold."""
    proposed = request["spec"]["proposedContent"]
    envelope = json.loads(proposed["envelope"])
    payload = base64.b64decode(envelope["payload"])
    kind = envelope["payloadType"].encode()
    signed = b"DSSEv1 %d %s %d %s" % (len(kind), kind, len(payload), payload)
    signatures: list[dict[str, str]] = []
    for signature, verifier in zip(envelope["signatures"], proposed["verifiers"], strict=True):
        certificate = x509.load_pem_x509_certificate(base64.b64decode(verifier))
        public = certificate.public_key()
        if not isinstance(public, ec.EllipticCurvePublicKey):
            raise TypeError("only keys on elliptic curves are logged here")
        public.verify(base64.b64decode(signature["sig"]), signed, ec.ECDSA(hashes.SHA256()))
        signatures.append({"signature": signature["sig"], "verifier": verifier})
    spec = {
        "envelopeHash": _hash(proposed["envelope"].encode()),
        "payloadHash": _hash(payload),
        "signatures": signatures,
    }
    return {"apiVersion": "0.0.1", "kind": "dsse", "spec": spec}


def _hash(data: bytes) -> dict[str, str]:
    return {"algorithm": "sha256", "value": hashlib.sha256(data).hexdigest()}


def _half(leaves: list[bytes]) -> int:
    return 1 << ((len(leaves) - 1).bit_length() - 1)


def _root(leaves: list[bytes]) -> bytes:
    if len(leaves) == 1:
        return leaves[0]
    at = _half(leaves)
    return hashlib.sha256(b"\1" + _root(leaves[:at]) + _root(leaves[at:])).digest()


def _path(index: int, leaves: list[bytes]) -> list[bytes]:
    if len(leaves) == 1:
        return []
    at = _half(leaves)
    if index < at:
        return [*_path(index, leaves[:at]), _root(leaves[at:])]
    return [*_path(index - at, leaves[at:]), _root(leaves[:at])]
