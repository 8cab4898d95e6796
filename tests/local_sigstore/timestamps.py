"""A timestamp authority: RFC 3161 over HTTP, or asked in JSON as sigstore-js does."""

from __future__ import annotations

import base64
import hashlib
import json
import secrets
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import ExtendedKeyUsageOID

from . import der
from .authority import DAY, authority, certify, key_usage, name

if TYPE_CHECKING:
    from collections.abc import Mapping

    from .authority import Clock

SHA256 = der.sequence(der.oid("2.16.840.1.101.3.4.2.1"))
ECDSA_WITH_SHA256 = der.sequence(der.oid("1.2.840.10045.4.3.2"))
SIGNED_DATA = der.oid("1.2.840.113549.1.7.2")
TST_INFO = der.oid("1.2.840.113549.1.9.16.1.4")
POLICY = der.oid("1.3.6.1.4.1.57264.2")
CONTENT_TYPE = der.oid("1.2.840.113549.1.9.3")
MESSAGE_DIGEST = der.oid("1.2.840.113549.1.9.4")
SIGNING_CERTIFICATE_V2 = der.oid("1.2.840.113549.1.9.16.2.47")


@dataclass(frozen=True)
class Request:
    """What is to be stamped."""

    imprint: bytes  # the whole MessageImprint, DER
    nonce: bytes  # DER, or nothing
    with_certificate: bool


class TimestampAuthority:
    def __init__(self, clock: Clock) -> None:
        self.clock = clock
        self.root = authority("test timestamp root")
        self.key = ec.generate_private_key(ec.SECP256R1())
        now = datetime.now(UTC)
        self.certificate = (
            certify(
                name("test timestamps"),
                self.key.public_key(),
                self.root,
                self.root.key,
                starts=now - DAY,
                ends=now + 3650 * DAY,
            )
            .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
            .add_extension(key_usage(signs=True, certifies=False), critical=True)
            .add_extension(
                x509.ExtendedKeyUsage([ExtendedKeyUsageOID.TIME_STAMPING]), critical=True
            )
            .sign(self.root.key, hashes.SHA384())
        )

    def answer(self, body: bytes, headers: Mapping[str, str]) -> bytes:
        is_json = headers.get("Content-Type", "").startswith("application/json")
        return self.stamp(_asked_in_json(body) if is_json else _asked(body))

    def stamp(self, request: Request) -> bytes:
        """Return a TimeStampResp, granted."""
        info = der.sequence(
            der.integer(1),
            POLICY,
            request.imprint,
            der.integer(secrets.randbits(63)),
            der.time(self.clock.second()),
            request.nonce,
        )
        certificate = self.certificate.public_bytes(Encoding.DER)
        signed = der.sequence(
            der.integer(3),
            der.set_of(SHA256),
            der.sequence(TST_INFO, der.tagged(0, der.octets(info))),
            der.tagged(0, certificate) if request.with_certificate else b"",
            der.set_of(self._signer(info, certificate)),
        )
        return der.sequence(
            der.sequence(der.integer(0)), der.sequence(SIGNED_DATA, der.tagged(0, signed))
        )

    def _signer(self, info: bytes, certificate: bytes) -> bytes:
        binding = der.sequence(
            der.sequence(der.sequence(der.octets(hashlib.sha256(certificate).digest())))
        )
        attributes = [
            der.sequence(CONTENT_TYPE, der.set_of(TST_INFO)),
            der.sequence(MESSAGE_DIGEST, der.set_of(der.octets(hashlib.sha256(info).digest()))),
            der.sequence(SIGNING_CERTIFICATE_V2, der.set_of(binding)),
        ]
        signature = self.key.sign(der.set_of(*attributes), ec.ECDSA(hashes.SHA256()))
        issuer = self.certificate.issuer.public_bytes()
        return der.sequence(
            der.integer(1),
            der.sequence(issuer, der.integer(self.certificate.serial_number)),
            SHA256,
            der.tagged(0, *sorted(attributes)),
            ECDSA_WITH_SHA256,
            der.octets(signature),
        )


def imprint_of(digest: bytes) -> bytes:
    return der.sequence(SHA256, der.octets(digest))


def _asked(body: bytes) -> Request:
    """Read a TimeStampReq: version, imprint, and up to three optional parts."""
    ((_, content, _),) = der.members(body)
    _, (_, _, imprint), *rest = der.members(content)
    nonce = next((whole for tag, _, whole in rest if tag == der.INTEGER), b"")
    return Request(imprint, nonce, with_certificate=any(tag == 1 for tag, _, _ in rest))


def _asked_in_json(body: bytes) -> Request:
    asked = json.loads(body)
    nonce = der.integer(asked["nonce"]) if "nonce" in asked else b""
    digest = base64.b64decode(asked["artifactHash"])
    return Request(imprint_of(digest), nonce, asked.get("certificates", True))
