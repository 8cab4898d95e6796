"""Who signs: one interface for keys in files, tokens and clouds, for certificates and keyless."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Protocol

from . import bundle, dsse
from .errors import SignatureError
from .keys import PrivateKey, PublicKey
from .strictjson import JSON


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


@dataclass(frozen=True, slots=True)
class HeldKeySigner:
    """Signs with a key that never leaves the place that holds it: a token, or a key service.

    What comes back is verified before it is used: the place may hash otherwise, or hold two keys.
    """

    public: PublicKey
    ask: Callable[[bytes], bytes]  # PAE -> signature; DER for ECDSA

    @property
    def warnings(self) -> tuple[str, ...]:
        """What is unwise about the key."""
        return self.public.warnings

    def sign(self, pae: bytes) -> Signature:
        """Have it signed; the material is the hint of the public key, a mere label.

        Raises:
            SignatureError: `signing-service`, or `signature` if the answer does not verify.
        """
        value = self.ask(pae)
        try:
            self.public.verify(value, pae)
        except SignatureError as error:
            raise SignatureError(
                error.code,
                "the holder of the key gave a signature that its own public key does not verify: "
                "it holds another key, or hashed otherwise",
            ) from error
        return Signature(value, {"publicKey": {"hint": self.public.hint}})


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
