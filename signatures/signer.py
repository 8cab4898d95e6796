"""Who signs: one interface, for keys in files today, for certificates and clouds later."""

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from . import bundle, dsse
from .errors import SignatureError
from .keys import MAX_PEM, Password, PrivateKey, PublicKey, load_private
from .strictjson import JSON

_SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.-]+):")  # two letters at least: C:\ is a path
_PLANNED = {"pkcs11", "awskms", "gcpkms", "azurekms", "hv", "hsm"}


@dataclass(frozen=True, slots=True)
class Signature:
    """A signature and what a bundle must carry to verify it."""

    value: bytes
    material: Mapping[str, JSON]  # of the bundle's `verificationMaterial`


class Signer(Protocol):
    """Anything that signs a PAE.

    Signature and material come in one value, because a keyless signer knows its certificate, its
    log entry and its timestamp only after it has signed.
    """

    @property
    def warnings(self) -> tuple[str, ...]:
        """Sentences that the operator should read before signing."""
        ...

    def sign(self, pae: bytes) -> Signature:
        """Sign the pre-authentication encoding of a payload."""
        ...


@dataclass(frozen=True, slots=True)
class KeySigner:
    """Signs with a key pair; verifiers must have the public key by another way."""

    key: PrivateKey

    @property
    def public(self) -> PublicKey:
        """The half of the key that verifies."""
        return self.key.public

    @property
    def warnings(self) -> tuple[str, ...]:
        """What is unwise about the key."""
        return self.key.public.warnings

    def sign(self, pae: bytes) -> Signature:
        """Sign; the material is the hint of the public key, a mere label."""
        return Signature(self.key.sign(pae), {"publicKey": {"hint": self.key.public.hint}})


def sign(payload: bytes, signer: Signer) -> bytes:
    """Return a Sigstore bundle (JSON) with the statement `payload`, signed by `signer`.

    Raises:
        SignatureError: The signer failed, or the bundle would be too big to be read again.
    """
    signature = signer.sign(dsse.pae(payload))
    return bundle.write(dsse.Envelope(payload, signature.value), signature.material)


def payload_by(signer: Signer, raw: bytes) -> bytes | None:
    """Return what the bundle `raw` signs if the key of `signer` signed it, else None.

    A signer without a lasting key (keyless) knows none of its earlier signatures again.
    """
    public = getattr(signer, "public", None)
    if not isinstance(public, PublicKey):
        return None
    try:
        envelope = bundle.read(raw).envelope
        public.verify(envelope.signature, dsse.pae(envelope.payload))
    except SignatureError:
        return None
    return envelope.payload


def signer_from_uri(uri: str, password: Password | None = None) -> Signer:
    """Return the signer at `uri`: a PEM file's path, or ``env://NAME`` for a variable with PEM.

    `password` is called only if the key is encrypted.

    Raises:
        SignatureError: `key-not-found`, `key-scheme`, `key-malformed`, `key-type` or
            `key-password`.
    """
    return KeySigner(load_private(_pem_at(uri), password))


def key_file(uri: str) -> str | None:
    """Return the path of the private key at `uri` if it lies in a file, else None."""
    return None if _SCHEME.match(uri) else uri


def look_at_key(uri: str) -> bool:
    """Return whether the private key at `uri` is encrypted, without reading it as a key.

    A cheap look before long work; `signer_from_uri` may still refuse the key.

    Raises:
        SignatureError: `key-not-found`, `key-scheme` or `key-malformed`.
    """
    pem = _pem_at(uri)
    if b"PRIVATE KEY-----" not in pem:
        raise SignatureError("key-malformed", f"{uri!r} holds no private key in PEM")
    return b"ENCRYPTED" in pem


def _pem_at(uri: str) -> bytes:
    scheme = _SCHEME.match(uri)
    if scheme is None:
        return _pem_in_file(uri)
    if uri.startswith("env://"):
        return _pem_in_variable(uri.removeprefix("env://"))
    name = scheme[1].lower()
    fault = "are not yet in this version" if name in _PLANNED else "are unknown"
    raise SignatureError("key-scheme", f"keys by {name} {fault}; give a PEM file or env://NAME")


def _pem_in_variable(name: str) -> bytes:
    pem = os.environ.get(name)
    if not pem:
        raise SignatureError("key-not-found", f"the variable {name!r} is not set")
    return pem.encode(errors="surrogateescape")


def _pem_in_file(path: str) -> bytes:
    try:
        with Path(path).open("rb") as file:
            return file.read(MAX_PEM + 1)
    except (OSError, ValueError) as error:  # ValueError: a NUL in the path
        why = getattr(error, "strerror", None) or str(error)
        raise SignatureError("key-not-found", f"{path!r}: {why.lower()}") from error
