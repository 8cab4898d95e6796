"""Short-lived certificates for identities, and the log that saw them (RFC 6962)."""

from __future__ import annotations

import base64
import contextlib
import hashlib
import json
import struct
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, load_pem_public_key
from cryptography.x509.oid import ExtendedKeyUsageOID

from . import der
from .authority import authority, certify, key_usage, public_der

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator, Mapping

    from .authority import Clock
    from .oidc import IdentityProvider

FULCIO = "1.3.6.1.4.1.57264.1."  # https://github.com/sigstore/fulcio/blob/main/docs/oid-info.md
SCT_LIST = x509.ObjectIdentifier("1.3.6.1.4.1.11129.2.4.2")
GITHUB = "https://github.com/"

# claim -> (number of the old extension, number of the new one, what stands before the value)
CLAIMS = {
    "event_name": ("2", "20", ""),
    "sha": ("3", "13", ""),
    "workflow": ("4", "", ""),
    "repository": ("5", "12", GITHUB),
    "ref": ("6", "14", ""),
    "job_workflow_ref": ("", "9", GITHUB),
    "job_workflow_sha": ("", "10", ""),
    "runner_environment": ("", "11", ""),
    "repository_id": ("", "15", ""),
    "repository_owner": ("", "16", GITHUB),
    "repository_owner_id": ("", "17", ""),
    "workflow_ref": ("", "18", GITHUB),
    "workflow_sha": ("", "19", ""),
    "repository_visibility": ("", "22", ""),
}


class CertificateLog:
    """A certificate transparency log that promises to show every certificate."""

    def __init__(self) -> None:
        self.key = ec.generate_private_key(ec.SECP256R1())
        self.id = hashlib.sha256(public_der(self.key)).digest()

    def promise(self, certificate: bytes, issuer: bytes, milliseconds: int) -> bytes:
        """Return the SCT list for a certificate without one (its signed part, DER)."""
        entry = hashlib.sha256(issuer).digest() + struct.pack("!I", len(certificate))[1:]
        signed = struct.pack("!BBQH", 0, 0, milliseconds, 1) + entry + certificate + b"\0\0"
        signature = self.key.sign(signed, ec.ECDSA(hashes.SHA256()))
        sct = struct.pack("!B32sQHBBH", 0, self.id, milliseconds, 0, 4, 3, len(signature))
        sct += signature
        return der.octets(struct.pack("!HH", len(sct) + 2, len(sct)) + sct)


@dataclass(frozen=True)
class Profile:
    """How certificates are made; a test changes it to get a bad one."""

    minutes: float = 10
    use: x509.ObjectIdentifier | None = ExtendedKeyUsageOID.CODE_SIGNING
    signs: bool = True
    is_authority: bool = False
    is_logged: bool = True


class Fulcio:
    def __init__(self, clock: Clock, identities: IdentityProvider, log: CertificateLog) -> None:
        self.clock, self.identities, self.log = clock, identities, log
        self.root = authority("test root")
        self.intermediate = authority(
            "test intermediate", self.root, path_length=1, use=ExtendedKeyUsageOID.CODE_SIGNING
        )
        self.profile = Profile()

    @contextlib.contextmanager
    def issuing(self, **changes: Any) -> Generator[None]:  # noqa: ANN401 - of the profile's fields
        before, self.profile = self.profile, replace(self.profile, **changes)
        try:
            yield
        finally:
            self.profile = before

    def answer(self, body: bytes, headers: Mapping[str, str]) -> dict[str, Any]:
        request = json.loads(body)
        if "certificateSigningRequest" in request:  # sigstore-python
            wanted = x509.load_pem_x509_csr(base64.b64decode(request["certificateSigningRequest"]))
            if not wanted.is_signature_valid:
                raise ValueError("the request is not signed by its own key")
            public: object = wanted.public_key()
            token = headers["Authorization"].split(None, 1)[1]
        else:  # sigstore-js and cosign
            pem = request["publicKeyRequest"]["publicKey"]["content"]
            public = load_pem_public_key(pem.encode())
            token = request["credentials"]["oidcIdentityToken"]
        if not isinstance(public, ec.EllipticCurvePublicKey):
            raise TypeError("only keys on elliptic curves are certified here")
        leaf = self.issue(public, self.identities.claims(token))
        chain = [leaf, self.intermediate.certificate, self.root.certificate]
        pems = [each.public_bytes(Encoding.PEM).decode() for each in chain]
        return {"signedCertificateEmbeddedSct": {"chain": {"certificates": pems}}}

    def issue(
        self, public: ec.EllipticCurvePublicKey, claims: Mapping[str, Any]
    ) -> x509.Certificate:
        now, profile, issuer = self.clock.second(), self.profile, self.intermediate
        ends = now + timedelta(minutes=profile.minutes)
        builder = certify(
            x509.Name([]), public, issuer, issuer.key, starts=now, ends=ends
        ).add_extension(key_usage(signs=profile.signs, certifies=False), critical=True)
        if profile.use is not None:
            builder = builder.add_extension(x509.ExtendedKeyUsage([profile.use]), critical=False)
        if profile.is_authority:
            builder = builder.add_extension(
                x509.BasicConstraints(ca=True, path_length=0), critical=True
            )
        builder = builder.add_extension(x509.SubjectAlternativeName([_who(claims)]), critical=True)
        for number, value in _extensions(claims):
            builder = builder.add_extension(
                x509.UnrecognizedExtension(x509.ObjectIdentifier(FULCIO + number), value),
                critical=False,
            )
        if profile.is_logged:
            unlogged = builder.sign(issuer.key, hashes.SHA384())
            promise = self.log.promise(
                unlogged.tbs_certificate_bytes,
                public_der(issuer.key),
                int(now.timestamp() * 1000),
            )
            builder = builder.add_extension(
                x509.UnrecognizedExtension(SCT_LIST, promise), critical=False
            )
        return builder.sign(issuer.key, hashes.SHA384())


def _who(claims: Mapping[str, Any]) -> x509.GeneralName:
    if "email" in claims:
        return x509.RFC822Name(claims["email"])
    if "job_workflow_ref" in claims:  # of GitHub Actions the workflow signs, not the subject
        return x509.UniformResourceIdentifier(GITHUB + claims["job_workflow_ref"])
    return x509.UniformResourceIdentifier(claims["sub"])


def _extensions(claims: Mapping[str, Any]) -> Iterator[tuple[str, bytes]]:
    """Yield number and value; the first six are bare text, the later ones DER."""
    yield "1", claims["iss"].encode()
    yield "8", der.text(claims["iss"])
    for claim, (old, new, prefix) in CLAIMS.items():
        if claim in claims:
            value = str(claims[claim])
            if old:
                yield old, value.encode()
            if new:
                yield new, der.text(prefix + value)
    if "run_id" in claims:
        run = f"{claims['repository']}/actions/runs/{claims['run_id']}"
        yield "21", der.text(f"{GITHUB}{run}/attempts/{claims['run_attempt']}")
