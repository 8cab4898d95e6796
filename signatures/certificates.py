"""X.509 certificates of signers: what they say, and whether they may sign.

Parsed by ``cryptography``, which is imported when a certificate is first touched. What Fulcio adds
stands in extensions: https://github.com/sigstore/fulcio/blob/main/docs/oid-info.md.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING

from .errors import SignatureError
from .keys import PublicKey, load_public

if TYPE_CHECKING:
    from cryptography.x509 import Certificate, GeneralName

MAX_CERTIFICATE = 64 << 10  # bytes; one of Fulcio's has about 2,000
MAX_CERTIFICATES = 1 << 20  # bytes of PEM that an operator gives

_FULCIO = "1.3.6.1.4.1.57264.1."
_ISSUER, _USERNAME, _ISSUER_TEXT = "1", "7", "8"
_BARE = {"1", "2", "3", "4", "5", "6"}  # the oldest extensions hold bare text, the others DER
_UTF8_STRING = 0x0C
_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:")  # how a URI begins, RFC 3986


class NameType(StrEnum):
    """The types of names that a certificate can have for its holder."""

    URI = "a URI"
    EMAIL = "an e-mail address"
    USER = "a user name"  # Fulcio's, NAME!DOMAIN
    HOST = "a host"

    @classmethod
    def by_form(cls, text: str) -> "NameType":
        """Return the one type that a name of this form can have."""
        if _SCHEME.match(text):
            return cls.URI
        if "@" in text:
            return cls.EMAIL
        return cls.USER if "!" in text else cls.HOST


@dataclass(frozen=True, slots=True)
class SignerName:
    """One subject alternative name of a certificate."""

    type: NameType
    text: str

    def check(self) -> None:
        """Raise if the text has the form of another type, as which nobody checked who holds it.

        An authority that certifies any host, or any user, would else certify addresses of all.

        Raises:
            SignatureError: `identity`.
        """
        form = NameType.by_form(self.text)
        if self.type is not form:
            raise SignatureError(
                "identity", f"{self.text!r:.300} is certified as {self.type}, but looks like {form}"
            )


@dataclass(frozen=True, slots=True, kw_only=True)
class Leaf:
    """The certificate of a signer. Nothing in it is true before its chain is verified."""

    names: tuple[SignerName, ...]  # subject alternative names
    claims: Mapping[str, str]  # number of a Fulcio extension -> its text
    starts: datetime
    ends: datetime  # the last moment at which it is valid
    public: PublicKey
    certificate: "Certificate" = field(repr=False)

    @property
    def issuer(self) -> str | None:
        """The URL of the identity provider that vouched for the signer, if Fulcio names one."""
        return self.claims.get(_ISSUER_TEXT, self.claims.get(_ISSUER))

    def check_time(self, moments: tuple[datetime, ...]) -> None:
        """Raise unless the certificate was valid at each of `moments`, at least one.

        Raises:
            SignatureError: `signing-time`.
        """
        if not moments:
            raise SignatureError("signing-time", "nobody vouches for the time of the signature")
        for moment in moments:
            if not self.starts <= moment <= self.ends:
                raise SignatureError(
                    "signing-time",
                    f"signed at {moment:%Y-%m-%d %H:%M:%S}, but the certificate was valid "
                    f"from {self.starts:%Y-%m-%d %H:%M:%S} to {self.ends:%Y-%m-%d %H:%M:%S} UTC",
                )


def read_leaf(der: bytes) -> Leaf:
    """Read a signer's certificate and see that it is made for signing.

    Raises:
        SignatureError: `certificate-malformed` or `certificate-use`.
    """
    certificate = read_der(der)
    try:
        names, claims = _names(certificate), _claims(certificate)
        use = _misuse(certificate)
    except _faults() as error:
        raise _malformed(error) from error
    if use:
        raise SignatureError("certificate-use", f"the signer's certificate {use}")
    return Leaf(
        names=names,
        claims=claims,
        starts=certificate.not_valid_before_utc,
        ends=certificate.not_valid_after_utc,
        public=_public(certificate),
        certificate=certificate,
    )


def read_der(der: bytes) -> "Certificate":
    """Read one certificate of whatever use.

    Raises:
        SignatureError: `certificate-malformed`.
    """
    from cryptography import x509  # noqa: PLC0415 - costs 0.2 s

    if len(der) > MAX_CERTIFICATE:
        raise SignatureError(
            "certificate-malformed",
            f"a certificate of {len(der)} bytes, the limit is {MAX_CERTIFICATE}",
        )
    try:
        certificate = x509.load_der_x509_certificate(der)
        _ = certificate.subject, certificate.extensions  # parsed when first asked for
    except _unreadable() as error:
        raise _malformed(error) from error
    return certificate


def read_pem(pem: bytes, what: str) -> "tuple[Certificate, ...]":
    """Read the certificates that an operator gives as PEM; `what` says for what, in the error.

    Raises:
        SignatureError: `trust-root`.
    """
    from cryptography import x509  # noqa: PLC0415 - costs 0.2 s

    if len(pem) > MAX_CERTIFICATES:
        raise SignatureError("trust-root", f"{what}: more than {MAX_CERTIFICATES} bytes")
    try:
        return tuple(x509.load_pem_x509_certificates(pem))
    except _unparsable() as error:
        raise SignatureError("trust-root", f"{what}: no certificates in PEM") from error


def is_authority(certificate: "Certificate") -> bool:
    """Whether a certificate may sign others."""
    from cryptography import x509  # noqa: PLC0415 - costs 0.2 s

    try:
        return certificate.extensions.get_extension_for_class(x509.BasicConstraints).value.ca
    except x509.ExtensionNotFound:
        return False


def _unreadable() -> tuple[type[Exception], ...]:
    """What reading a certificate raises; the last is of a text of an odd type."""
    return (*_unparsable(), *_faults(), TypeError)


def _unparsable() -> tuple[type[Exception], ...]:
    """What parsing a hostile certificate raises; a version that is unknown is no `ValueError`."""
    from cryptography import x509  # noqa: PLC0415 - costs 0.2 s

    return ValueError, x509.InvalidVersion


def _faults() -> tuple[type[Exception], ...]:
    """What reading an extension of a hostile certificate raises."""
    from cryptography import x509  # noqa: PLC0415 - costs 0.2 s

    return ValueError, x509.DuplicateExtension, x509.UnsupportedGeneralNameType


def _malformed(error: Exception) -> SignatureError:
    return SignatureError(
        "certificate-malformed", f"the signer's certificate cannot be read: {str(error)!r:.200}"
    )


def _misuse(certificate: "Certificate") -> str | None:
    """Return what keeps a certificate from signing, or None."""
    from cryptography import x509  # noqa: PLC0415 - costs 0.2 s
    from cryptography.x509.oid import ExtendedKeyUsageOID  # noqa: PLC0415

    if is_authority(certificate):
        return "is an authority's"
    try:
        usage = certificate.extensions.get_extension_for_class(x509.KeyUsage).value
        uses = certificate.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value
    except x509.ExtensionNotFound:
        return "does not say what it is for"
    if not usage.digital_signature:
        return "is not for digital signatures"
    if ExtendedKeyUsageOID.CODE_SIGNING not in uses:
        return "is not for signing code"
    return None


def _names(certificate: "Certificate") -> tuple[SignerName, ...]:
    from cryptography import x509  # noqa: PLC0415 - costs 0.2 s

    try:
        found = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName)
    except x509.ExtensionNotFound:
        return ()
    return tuple(map(_name, found.value))


def _name(name: "GeneralName") -> SignerName:
    from cryptography import x509  # noqa: PLC0415 - costs 0.2 s

    match name:
        case x509.UniformResourceIdentifier():
            return SignerName(NameType.URI, name.value)
        case x509.RFC822Name():
            return SignerName(NameType.EMAIL, name.value)
        case x509.DNSName():
            return SignerName(NameType.HOST, name.value)
        case x509.OtherName() if name.type_id.dotted_string == _FULCIO + _USERNAME:
            return SignerName(NameType.USER, _utf8_string(name.value))
        case _:
            raise ValueError(f"a name of the kind {type(name).__name__}")


def _claims(certificate: "Certificate") -> dict[str, str]:
    from cryptography import x509  # noqa: PLC0415 - costs 0.2 s

    claims: dict[str, str] = {}
    for extension in certificate.extensions:
        dotted = extension.oid.dotted_string
        value = extension.value
        if dotted.startswith(_FULCIO) and isinstance(value, x509.UnrecognizedExtension):
            number = dotted.removeprefix(_FULCIO)
            bare = number in _BARE
            claims[number] = value.value.decode() if bare else _utf8_string(value.value)
    return claims


def _utf8_string(der: bytes) -> str:
    """Read one ASN.1 UTF8String of up to 65,535 bytes, in DER."""
    for head in (2, 3, 4):
        content = der[head:]
        if der == _der_text(content):
            return content.decode()
    raise ValueError("an extension is no UTF8String")


def _der_text(content: bytes) -> bytes:
    size = len(content)
    if size < 0x80:  # noqa: PLR2004 - DER's short form
        return bytes([_UTF8_STRING, size]) + content
    length = size.to_bytes((size.bit_length() + 7) // 8)
    return bytes([_UTF8_STRING, 0x80 | len(length)]) + length + content


def _public(certificate: "Certificate") -> PublicKey:
    from cryptography.exceptions import UnsupportedAlgorithm  # noqa: PLC0415 - costs 0.2 s
    from cryptography.hazmat.primitives import serialization  # noqa: PLC0415

    try:
        pem = certificate.public_key().public_bytes(
            serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
        )
    except (ValueError, UnsupportedAlgorithm) as error:
        raise _malformed(error) from error
    try:
        return load_public(pem)
    except SignatureError as error:
        raise SignatureError("certificate-use", f"the signer's certificate: {error}") from error
