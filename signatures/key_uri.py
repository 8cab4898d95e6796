"""Where a private key is, as one text: a file's path, or a URI that says who holds it.

====================== ==========================================================================
``release.key``        a PEM file
``env:NAME``           a variable with PEM, also ``env://NAME``
``pkcs11:…``           a hardware token, RFC 7512
``awskms:…``           AWS Key Management Service: ``awskms:alias/NAME``
``gcpkms:…``           Google Cloud KMS: ``gcpkms:projects/…/cryptoKeyVersions/1``
``azurekms:…``         Azure Key Vault: ``azurekms://VAULT.vault.azure.net/keys/NAME``
``hv:…``               HashiCorp Vault, transit engine: ``hv:NAME``
====================== ==========================================================================
"""

import os
import re
import stat

from .errors import SignatureError
from .keys import MAX_PEM, Password, load_private
from .signer import KeySigner, Signer

_SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.-]+):")  # two letters at least: C:\\ is a path
_SERVICES = frozenset({"awskms", "gcpkms", "azurekms", "hv"})


def signer_from_uri(uri: str, password: Password | None = None) -> Signer:
    """Return the signer at `uri`, which is a file's path if it has no scheme.

    `password` is called only if the key is encrypted, or the token wants a PIN.

    Raises:
        SignatureError: `key-*`, or `signing-service` if the holder of the key refuses.
    """
    scheme = _scheme(uri)
    if scheme == "pkcs11":
        from .token_signer import token_signer  # noqa: PLC0415 - an extra

        return token_signer(uri, password)
    if scheme in _SERVICES:
        from .service_signer import service_signer  # noqa: PLC0415 - an extra

        return service_signer(uri)
    return KeySigner(load_private(_pem_at(uri), password))


def key_file(uri: str) -> str | None:
    """Return the path of the private key at `uri` if it lies in a file, else None."""
    return None if _SCHEME.match(uri) else uri


def is_exposed(uri: str) -> bool:
    """Return whether the private key at `uri` lies in a file that others may read or change."""
    path = key_file(uri)
    try:
        return path is not None and os.name == "posix" and bool(os.stat(path).st_mode & 0o077)  # noqa: PTH116 - `path` is a text
    except (OSError, ValueError):  # whoever reads it says so
        return False


def look_at_key(uri: str) -> bool:
    """Return whether the signer at `uri` has something to ask: a password, a PIN, or a service.

    A cheap look before long work; `signer_from_uri` may still refuse the key.

    Raises:
        SignatureError: `key-not-found`, `key-scheme` or `key-malformed`.
    """
    if _scheme(uri) in {"pkcs11", *_SERVICES}:
        return True
    pem = _pem_at(uri)
    if b"PRIVATE KEY-----" not in pem:
        raise SignatureError("key-malformed", f"{uri!r} holds no private key in PEM")
    return b"ENCRYPTED" in pem


def _scheme(uri: str) -> str | None:
    scheme = _SCHEME.match(uri)
    return scheme[1].lower() if scheme else None


def _pem_at(uri: str) -> bytes:
    scheme = _scheme(uri)
    if scheme is None:
        return _pem_in_file(uri)
    if scheme == "env":
        return _pem_in_variable(uri.split(":", 1)[1].removeprefix("//"))
    known = ", ".join(f"{each}:" for each in ["env", "pkcs11", *sorted(_SERVICES)])
    raise SignatureError(
        "key-scheme", f"keys by {scheme}: are unknown; give a PEM file, or {known}"
    )


def _pem_in_variable(name: str) -> bytes:
    pem = os.environ.get(name)
    if not pem:
        raise SignatureError("key-not-found", f"the variable {name!r} is not set")
    return pem.encode(errors="surrogateescape")


def _without_waiting(path: str, flags: int) -> int:
    return os.open(path, flags | getattr(os, "O_NONBLOCK", 0))


def _pem_in_file(path: str) -> bytes:
    try:
        with open(path, "rb", opener=_without_waiting) as file:
            mode = os.fstat(file.fileno()).st_mode
            if stat.S_ISREG(mode):
                return file.read(MAX_PEM + 1)
    except (OSError, ValueError) as error:  # ValueError: a NUL in the path
        why = getattr(error, "strerror", None) or str(error)
        raise SignatureError("key-not-found", f"{path!r}: {why.lower()}") from error
    kind = "a pipe, which can be read once only" if stat.S_ISFIFO(mode) else "no regular file"
    raise SignatureError("key-not-found", f"{path!r} is {kind}: give a file, or env:NAME")
