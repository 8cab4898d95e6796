"""A clock that can be moved, and certificate authorities."""

from __future__ import annotations

import contextlib
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from cryptography.x509.oid import NameOID

if TYPE_CHECKING:
    from collections.abc import Generator

ORGANIZATION = "sigstore.test"
DAY = timedelta(days=1)


class Clock:
    """The time that all services go by."""

    def __init__(self) -> None:
        self._offset = timedelta()

    def now(self) -> datetime:
        return datetime.now(UTC) + self._offset

    def second(self) -> datetime:
        return self.now().replace(microsecond=0)

    @contextlib.contextmanager
    def moved(self, *, minutes: float = 0, days: float = 0) -> Generator[None]:
        """Let every service live that much later; negative is earlier."""
        step = timedelta(minutes=minutes, days=days)
        self._offset += step
        try:
            yield
        finally:
            self._offset -= step


@dataclass(frozen=True)
class Authority:
    """A key that signs certificates, and its own certificate."""

    key: ec.EllipticCurvePrivateKey
    certificate: x509.Certificate


def public_der(key: ec.EllipticCurvePrivateKey | ec.EllipticCurvePublicKey) -> bytes:
    public = key.public_key() if isinstance(key, ec.EllipticCurvePrivateKey) else key
    return public.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)


def name(common: str) -> x509.Name:
    return x509.Name(
        [
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, ORGANIZATION),
            x509.NameAttribute(NameOID.COMMON_NAME, common),
        ]
    )


def key_usage(*, signs: bool, certifies: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=signs,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=certifies,
        crl_sign=certifies,
        encipher_only=False,
        decipher_only=False,
    )


def certify(  # noqa: PLR0913 - one for each field of a certificate
    subject: x509.Name,
    public: ec.EllipticCurvePublicKey,
    issuer: Authority | None,
    key: ec.EllipticCurvePrivateKey,
    *,
    starts: datetime,
    ends: datetime,
) -> x509.CertificateBuilder:
    """Return a certificate without uses, to be signed with `key`, the issuer's."""
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer.certificate.subject if issuer else subject)
        .public_key(public)
        .serial_number(x509.random_serial_number())
        .not_valid_before(starts)
        .not_valid_after(ends)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(public), critical=False)
        .add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_public_key(key.public_key()), critical=False
        )
    )


def authority(
    common: str,
    issuer: Authority | None = None,
    *,
    path_length: int | None = None,
    use: x509.ObjectIdentifier | None = None,
) -> Authority:
    """Return a new authority: a root, or below `issuer`. Valid from yesterday for ten years."""
    key = ec.generate_private_key(ec.SECP384R1())
    signing = issuer.key if issuer else key
    now = datetime.now(UTC)
    builder = (
        certify(
            name(common), key.public_key(), issuer, signing, starts=now - DAY, ends=now + 3650 * DAY
        )
        .add_extension(x509.BasicConstraints(ca=True, path_length=path_length), critical=True)
        .add_extension(key_usage(signs=False, certifies=True), critical=True)
    )
    if use is not None:
        builder = builder.add_extension(x509.ExtendedKeyUsage([use]), critical=False)
    return Authority(key, builder.sign(signing, hashes.SHA384()))
