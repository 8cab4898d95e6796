"""Keys in the key services of clouds, and in HashiCorp Vault: the service signs.

The clients are those of ``securesystemslib`` (the extra ``aibom[kms]``); who may sign is for the
service's own ambient credentials to say. The services get a digest, but for Vault, which gets all.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from typing import Any

from .errors import SignatureError
from .keys import PublicKey, load_public
from .signer import HeldKeySigner


@dataclass(frozen=True, slots=True)
class _Service:
    client: str  # its class in securesystemslib.signer
    form: re.Pattern[str]  # of what follows the scheme; the groups name the key to the client
    example: str
    faults: tuple[str, ...]  # what its client library raises: dotted names


_SERVICES = {
    "awskms": _Service(
        "AWSSigner",
        re.compile(r"((?:arn:|alias/)?[A-Za-z0-9:/_-]+)"),
        "awskms:alias/release",
        ("botocore.exceptions.BotoCoreError", "botocore.exceptions.ClientError"),
    ),
    "gcpkms": _Service(
        "GCPSigner",
        re.compile(r"(projects/[^?#]+/cryptoKeyVersions/[0-9]+)"),
        "gcpkms:projects/P/locations/L/keyRings/R/cryptoKeys/K/cryptoKeyVersions/1",
        ("google.api_core.exceptions.GoogleAPIError", "google.auth.exceptions.GoogleAuthError"),
    ),
    "azurekms": _Service(
        "AzureSigner",
        re.compile(r"//([A-Za-z0-9-]+)\.vault\.azure\.net/keys/([A-Za-z0-9-]+)"),
        "azurekms://VAULT.vault.azure.net/keys/NAME",
        ("azure.core.exceptions.AzureError",),
    ),
    "hv": _Service(
        "VaultSigner",
        re.compile(r"([A-Za-z0-9._-]+)"),
        "hv:NAME",
        ("hvac.exceptions.VaultError", "requests.exceptions.RequestException"),
    ),
}


def service_signer(uri: str) -> HeldKeySigner:
    """Return who signs with the key at `uri`; the service is asked for its public half at once.

    Raises:
        SignatureError: `key-uri`, `key-extra`, `key-type` or `signing-service`.
    """
    scheme, _, name = uri.partition(":")
    service = _SERVICES[scheme.lower()]
    match = service.form.fullmatch(name)
    if match is None:
        raise SignatureError("key-uri", f"{uri!r:.200} names no key; expected {service.example}")
    try:
        library = import_module("securesystemslib.signer")
    except ImportError as error:
        raise _missing() from error
    client: Any = getattr(library, service.client)
    try:
        place, key = _asked(lambda: client.import_(*match.groups()), service)
    except SignatureError as error:
        if scheme.lower() == "hv" and type(error.__cause__) is ValueError:  # of the bytes of a key
            raise SignatureError(
                "key-type", f"{uri!r:.200} names a key of another kind, expected an Ed25519 key"
            ) from error
        raise
    signer = _asked(lambda: client.from_priv_key_uri(place, key), service)

    def ask(pae: bytes) -> bytes:
        signature: str = _asked(lambda: signer.sign(pae), service).signature
        return bytes.fromhex(signature)

    return HeldKeySigner(_public(key), ask)


def _asked(question: Callable[[], Any], service: _Service) -> Any:  # noqa: ANN401 - any client's
    from securesystemslib.exceptions import UnsupportedLibraryError  # noqa: PLC0415

    try:
        return question()
    except UnsupportedLibraryError as error:
        raise _missing() from error
    except _faults(service) as error:
        raise SignatureError(
            "signing-service", f"the key service refused: {type(error).__name__} {error!s:.300}"
        ) from error


def _faults(service: _Service) -> tuple[type[Exception], ...]:
    """Return what the client raises. Asked for when it raised, so its library is there."""
    from securesystemslib.exceptions import Error  # noqa: PLC0415

    found: list[type[Exception]] = [Error, OSError, ValueError, KeyError]
    for dotted in service.faults:
        module, _, name = dotted.rpartition(".")
        found.append(getattr(import_module(module), name))
    return tuple(found)


def _missing() -> SignatureError:
    return SignatureError(
        "key-extra", "this needs packages of key services: pip install 'aibom[kms]'"
    )


def _public(key: Any) -> PublicKey:  # noqa: ANN401 - securesystemslib's
    """Return the public key as the service tells it: PEM, or for Ed25519 its bytes in hex."""
    from cryptography.hazmat.primitives import serialization  # noqa: PLC0415 - costs 0.2 s
    from cryptography.hazmat.primitives.asymmetric.ed25519 import (  # noqa: PLC0415
        Ed25519PublicKey,
    )

    told: str = key.keyval["public"]
    if key.keytype != "ed25519":
        return load_public(told.encode())
    return load_public(
        Ed25519PublicKey.from_public_bytes(bytes.fromhex(told)).public_bytes(
            serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
        )
    )
