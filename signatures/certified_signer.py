"""Sign with a key that one's own certificate authority certified, and have the time vouched for.

The bundle carries the signer's certificate alone, as Sigstore's other clients want it, or with the
certificates between it and the root, if the operator gives them. The OpenSSF model signature always
has the chain.
"""

from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256, sha384, sha512
from typing import TYPE_CHECKING

from . import bundle
from .certificates import read_leaf, read_pem
from .dsse import to_base64
from .errors import SignatureError
from .extra import require_sigstore
from .keys import PublicKey
from .signer import Signature, Signer
from .timestamps import request_timestamp

if TYPE_CHECKING:
    from collections.abc import Mapping

    from cryptography.x509 import Certificate

    from .strictjson import JSON


@dataclass(frozen=True, slots=True, kw_only=True)
class CertifiedSigner:
    """Signs with the key of `signer`; verifiers need the authority and the certified name."""

    signer: Signer
    public: PublicKey
    chain: tuple[bytes, ...]  # DER, the signer's own certificate first
    as_chain: bool = False  # even if it is one certificate

    @property
    def warnings(self) -> tuple[str, ...]:
        """What is unwise about the key."""
        return self.public.warnings

    def sign(self, pae: bytes) -> Signature:
        """Sign; the material is the certificate, or the chain."""
        return Signature(self.signer.sign(pae).value, self.material)

    @property
    def material(self) -> "Mapping[str, JSON]":
        """What its bundles carry to be verified."""
        certificates: list[JSON] = [{"rawBytes": to_base64(each)} for each in self.chain]
        if self.as_chain or len(certificates) > 1:
            return {"x509CertificateChain": {"certificates": certificates}}
        return {"certificate": certificates[0]}


@dataclass(frozen=True, slots=True)
class StampedSigner:
    """Signs as `signer`, and has the timestamp authority at `url` vouch for the time."""

    signer: Signer
    url: str

    @property
    def public(self) -> object:
        """The lasting key of the signer, if it has one."""
        return getattr(self.signer, "public", None)

    @property
    def warnings(self) -> tuple[str, ...]:
        """What is unwise about the signer."""
        return self.signer.warnings

    def sign(self, pae: bytes) -> Signature:
        """Sign, and add the timestamp to the material.

        Raises:
            SignatureError: `signing-service`, `key-uri`, or whatever the signer raises.
        """
        check_address(self.url)
        signature = self.signer.sign(pae)
        stamp = request_timestamp(self.url, signature.value)
        return Signature(signature.value, {**signature.material, **_stamped((stamp,))})


def certified(signer: Signer, pem: bytes, now: datetime | None = None) -> CertifiedSigner:
    """Return who signs as `signer`, by the certificate in `pem` and those between it and a root.

    Raises:
        SignatureError: `key-certificate` if it is no certificate, or is for another key;
            `certificate-use`; `signing-time` if it is not valid `now`.
    """
    public = getattr(signer, "public", None)
    if not isinstance(public, PublicKey):
        raise SignatureError("key-certificate", "a signer without a lasting key has no certificate")
    try:
        chain = read_pem(pem, "certificate")
    except SignatureError as error:
        raise SignatureError("key-certificate", str(error)) from error
    leaf = read_leaf(_der(chain[0]))
    if leaf.public.hint != public.hint:
        raise SignatureError("key-certificate", "the first certificate is for another key")
    leaf.check_time((now or datetime.now(UTC),))
    return CertifiedSigner(signer=signer, public=public, chain=tuple(map(_der, chain)))


def is_as_wanted(signer: Signer, raw: bytes) -> bool:
    """Return whether the bundle `raw`, by the key of `signer`, is just what it would write.

    To the byte, but for the signature and the time in a stamp: whatever else was put in or taken
    out would be refused by those who verify. A stamp over the signature is never too much.

    Raises:
        SignatureError: As `bundle.read`.
    """
    opened = bundle.read(raw)
    stamps, value = opened.timestamps, opened.envelope.signature
    if isinstance(signer, StampedSigner):
        if not stamps:
            return False
        signer = signer.signer
    if len(stamps) > 1 or not all(_is_over(value, stamp) for stamp in stamps):
        return False
    return bundle.write(opened.envelope, {**_material(signer), **_stamped(stamps)}) == raw


def _material(signer: Signer) -> "Mapping[str, JSON]":
    if isinstance(signer, CertifiedSigner):
        return signer.material
    return {"publicKey": {"hint": getattr(getattr(signer, "public", None), "hint", "")}}


def _stamped(stamps: tuple[bytes, ...]) -> "Mapping[str, JSON]":
    """Return what a bundle carries for RFC 3161 responses (DER); nothing for none."""
    each: list[JSON] = [{"signedTimestamp": to_base64(stamp)} for stamp in stamps]
    return {"timestampVerificationData": {"rfc3161Timestamps": each}} if each else {}


def _is_over(signature: bytes, stamp: bytes) -> bool:
    """Return whether the response `stamp` says to be over `signature`; by whom is not asked."""
    require_sigstore()
    from rfc3161_client import decode_timestamp_response  # noqa: PLC0415 - an extra

    try:
        told = decode_timestamp_response(stamp).tst_info.message_imprint.message
    except ValueError:
        return False
    return told in {hash_of(signature).digest() for hash_of in (sha256, sha384, sha512)}


def check_address(url: str) -> None:
    """Raise unless `url` can be that of a timestamp authority. A secret in it is never shown.

    Raises:
        SignatureError: `key-uri`.
    """
    if "@" in url:
        raise SignatureError(
            "key-uri",
            "the timestamp authority's address holds a user name or a password (there is an @ in "
            "it), which every process can see; none is sent",
        )
    if not url.lower().startswith(("http://", "https://")):
        raise SignatureError("key-uri", f"{url!r:.200} is no address of a timestamp authority")


def for_model_signature(signer: Signer) -> Signer:
    """Return who signs as `signer` does, in the form that the reference client of OMS reads."""
    if isinstance(signer, StampedSigner):
        return StampedSigner(for_model_signature(signer.signer), signer.url)
    if isinstance(signer, CertifiedSigner):
        return CertifiedSigner(
            signer=signer.signer, public=signer.public, chain=signer.chain, as_chain=True
        )
    return signer


def _der(certificate: "Certificate") -> bytes:
    from cryptography.hazmat.primitives.serialization import Encoding  # noqa: PLC0415 - 0.2 s

    return certificate.public_bytes(Encoding.DER)
