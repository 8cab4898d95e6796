"""Key pairs in PEM, and the two signature schemes that every verifier knows.

ECDSA on P-256 with SHA-256 is the default. Ed25519 is accepted, and P-384 with a warning, because
some Sigstore clients verify neither. ``cryptography`` is imported when a key is first touched.
"""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeAlias

from .errors import SignatureError

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ec import (
        ECDSA,
        EllipticCurvePrivateKey,
        EllipticCurvePublicKey,
    )
    from cryptography.hazmat.primitives.asymmetric.ed25519 import (
        Ed25519PrivateKey,
        Ed25519PublicKey,
    )

_AnyPrivate: TypeAlias = "EllipticCurvePrivateKey | Ed25519PrivateKey"
_AnyPublic: TypeAlias = "EllipticCurvePublicKey | Ed25519PublicKey"

Password: TypeAlias = Callable[[], bytes]

MAX_PEM = 64 << 10  # bytes; a P-256 key has 241
P384_WARNING = "some verifiers (sigstore-js) refuse keys on P-384; P-256 is verified everywhere"

_BEGIN = b"-----BEGIN "
_SUPPORTED = "ECDSA on P-256 (best) or P-384, or Ed25519"


@dataclass(frozen=True, slots=True)
class PublicKey:
    """A key that verifies."""

    hint: str  # SHA-256, hex, of the PEM; a label in bundles, as OpenSSF Model Signing spells it
    warnings: tuple[str, ...]
    _key: _AnyPublic = field(repr=False)

    @property
    def hash_name(self) -> str:
        """The hash of its ECDSA, as hashlib calls it: for whoever signs a digest elsewhere."""
        return "sha384" if P384_WARNING in self.warnings else "sha256"

    def verify(self, signature: bytes, data: bytes) -> None:
        """Raise unless this key's other half made `signature` over `data`.

        Raises:
            SignatureError: `signature`.
        """
        from cryptography.exceptions import InvalidSignature  # noqa: PLC0415 - costs 0.2 s
        from cryptography.hazmat.primitives.asymmetric import ec  # noqa: PLC0415

        try:
            if isinstance(self._key, ec.EllipticCurvePublicKey):
                self._key.verify(signature, data, _ecdsa(self._key))
            else:
                self._key.verify(signature, data)
        except InvalidSignature as error:
            raise SignatureError("signature", f"not signed by the key {self.hint}") from error


@dataclass(frozen=True, slots=True)
class PrivateKey:
    """A key that signs."""

    public: PublicKey
    _key: _AnyPrivate = field(repr=False)

    def sign(self, data: bytes) -> bytes:
        """Return the signature over `data`: DER for ECDSA, 64 raw bytes for Ed25519."""
        from cryptography.hazmat.primitives.asymmetric import ec  # noqa: PLC0415 - costs 0.2 s

        if isinstance(self._key, ec.EllipticCurvePrivateKey):
            return self._key.sign(data, _ecdsa(self._key))
        return self._key.sign(data)


def generate_keys(password: bytes | None = None) -> tuple[bytes, bytes]:
    """Return a new P-256 key pair in PEM: private (PKCS #8) and public.

    With `password` the private key is encrypted. Whoever writes it makes the file with `O_EXCL` and
    mode 0600, so that no one else ever reads it and no other key is lost.

    Raises:
        SignatureError: `key-password` if the password is empty.
    """
    from cryptography.hazmat.primitives import serialization  # noqa: PLC0415 - costs 0.2 s
    from cryptography.hazmat.primitives.asymmetric import ec  # noqa: PLC0415

    if password == b"":
        raise SignatureError("key-password", "the password is empty; give none, or a real one")
    key = ec.generate_private_key(ec.SECP256R1())
    private = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption()
        if password is None
        else serialization.BestAvailableEncryption(password),
    )
    return private, _pem(key.public_key())


def load_public(pem: bytes) -> PublicKey:
    """Read a public key.

    Raises:
        SignatureError: `key-malformed` or `key-type`.
    """
    from cryptography.exceptions import UnsupportedAlgorithm  # noqa: PLC0415 - costs 0.2 s
    from cryptography.hazmat.primitives import serialization  # noqa: PLC0415

    _check_pem(pem, "public key")
    if b"PRIVATE KEY-----" in pem:
        raise SignatureError(
            "key-malformed",
            "this is a private key, which signs: keep it secret, and give its public half "
            "(`openssl pkey -in KEY -pubout` writes it)",
        )
    try:
        key = serialization.load_pem_public_key(pem)
    except (ValueError, UnsupportedAlgorithm) as error:
        raise SignatureError("key-malformed", "the PEM holds no public key") from error
    return _public(key)


def load_publics(pem: bytes) -> tuple[PublicKey, ...]:
    """Read all public keys of a file, in their order, each once; there is at least one.

    Raises:
        SignatureError: `key-malformed` or `key-type`, of any of them.
    """
    _check_pem(pem, "file of public keys")
    blocks = [_BEGIN + block for block in pem.split(_BEGIN)[1:]]
    if len(blocks) <= 1:
        return (load_public(pem),)
    found: dict[str, PublicKey] = {}
    for at, block in enumerate(blocks, 1):
        try:
            key = load_public(block)
        except SignatureError as error:
            told = f"key {at} of {len(blocks)} in the file: {error}"
            raise SignatureError(error.code, told) from error
        found.setdefault(key.hint, key)
    return (*found.values(),)


def load_private(pem: bytes, password: Password | None = None) -> PrivateKey:
    """Read a private key; `password` is called only if it is encrypted.

    Raises:
        SignatureError: `key-malformed`, `key-type` or `key-password`.
    """
    from cryptography.hazmat.primitives.asymmetric import ec, ed25519  # noqa: PLC0415 - 0.2 s

    _check_pem(pem, "private key")
    key = _decrypted(pem, password)
    if isinstance(key, ec.EllipticCurvePrivateKey | ed25519.Ed25519PrivateKey):
        return PrivateKey(_public(key.public_key()), key)
    raise _unsupported(key)


def _decrypted(pem: bytes, password: Password | None) -> object:
    from cryptography.exceptions import UnsupportedAlgorithm  # noqa: PLC0415 - costs 0.2 s
    from cryptography.hazmat.primitives.serialization import load_pem_private_key  # noqa: PLC0415

    try:
        return load_pem_private_key(pem, None)
    except TypeError:  # it is encrypted
        pass
    except (ValueError, UnsupportedAlgorithm) as error:
        raise SignatureError("key-malformed", "the PEM holds no private key") from error
    secret = password() if password else b""
    if not secret:
        raise SignatureError("key-password", "the private key is encrypted and no password given")
    try:
        return load_pem_private_key(pem, secret)
    except (ValueError, UnsupportedAlgorithm) as error:
        raise SignatureError("key-password", "the password does not open the key") from error


def _public(key: object) -> PublicKey:
    from cryptography.hazmat.primitives.asymmetric import ec, ed25519  # noqa: PLC0415 - 0.2 s

    warnings: tuple[str, ...] = ()
    if isinstance(key, ec.EllipticCurvePublicKey):
        if not isinstance(key.curve, ec.SECP256R1 | ec.SECP384R1):
            raise _unsupported(key, f" on {key.curve.name}")
        if isinstance(key.curve, ec.SECP384R1):
            warnings = (P384_WARNING,)
    elif not isinstance(key, ed25519.Ed25519PublicKey):
        raise _unsupported(key)
    return PublicKey(hashlib.sha256(_pem(key)).hexdigest(), warnings, key)


def _unsupported(key: object, detail: str = "") -> SignatureError:
    kind = type(key).__name__.removesuffix("PublicKey").removesuffix("PrivateKey")
    return SignatureError(
        "key-type", f"keys of the kind {kind}{detail} are not supported; use {_SUPPORTED}"
    )


def _ecdsa(key: "EllipticCurvePrivateKey | EllipticCurvePublicKey") -> "ECDSA":
    from cryptography.hazmat.primitives import hashes  # noqa: PLC0415 - costs 0.2 s
    from cryptography.hazmat.primitives.asymmetric import ec  # noqa: PLC0415

    return ec.ECDSA(hashes.SHA384() if isinstance(key.curve, ec.SECP384R1) else hashes.SHA256())


def _pem(key: _AnyPublic) -> bytes:
    from cryptography.hazmat.primitives import serialization  # noqa: PLC0415 - costs 0.2 s

    return key.public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )


def _check_pem(pem: bytes, what: str) -> None:
    if len(pem) > MAX_PEM:
        raise SignatureError("key-malformed", f"a {what} has at most {MAX_PEM} bytes")
