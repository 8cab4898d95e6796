"""PKCS #11 URIs, which name a key in a token: RFC 7512.

``pkcs11:token=build;object=release?module-path=/usr/lib/softhsm/libsofthsm2.so``
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import unquote_to_bytes

from .errors import SignatureError

_PATH = {"token", "serial", "manufacturer", "model", "object", "id", "type", "slot-id"}
_QUERY = {"module-path", "pin-source"}
_SECRET = {"pin-value"}
_ATTRIBUTE = re.compile(r"([a-z0-9-]+)=((?:[A-Za-z0-9._~:\[\]@!$'()*+,=/&?|-]|%[0-9A-Fa-f]{2})*)")


@dataclass(frozen=True, slots=True, kw_only=True)
class TokenUri:
    """Which key in which token, by which library; None and empty mean any."""

    token: Mapping[
        str, str
    ]  # token, serial, manufacturer, model: what the token must say of itself
    slot: int | None = None
    label: str | None = None  # of the key
    id: bytes | None = None  # of the key
    module: str | None = None  # path of the token's library
    pin_source: str | None = None  # path of a file that holds the PIN


def parse_token_uri(uri: str) -> TokenUri:
    """Read a ``pkcs11:`` URI.

    Raises:
        SignatureError: `key-uri`: it is none, has parts that are not understood, or holds a PIN.
    """
    path, _, query = uri.partition(":")[2].partition("?")
    named = _attributes(path, ";", _PATH) | _attributes(query, "&", _QUERY)
    if named.get("type", b"private") != b"private":
        raise SignatureError("key-uri", "the PKCS #11 URI names no private key")
    if not named.keys() & {"object", "id"}:
        raise SignatureError("key-uri", "the PKCS #11 URI names no key: give object= or id=")
    identity = named.pop("id", None)
    texts = {name: _text(name, value) for name, value in named.items()}
    slot = texts.get("slot-id")
    if slot is not None and not re.fullmatch(r"[0-9]{1,18}", slot):
        raise SignatureError("key-uri", "slot-id in the PKCS #11 URI is no number")
    source = texts.get("pin-source")
    if source is not None and source.startswith("|"):
        raise SignatureError("key-uri", "pin-source is a command, which is never run; name a file")
    return TokenUri(
        token={name: texts[name] for name in texts.keys() & _PATH - {"object", "type", "slot-id"}},
        slot=None if slot is None else int(slot),
        label=texts.get("object"),
        id=identity,
        module=texts.get("module-path"),
        pin_source=None if source is None else source.removeprefix("file:").removeprefix("//"),
    )


def _attributes(text: str, separator: str, known: set[str]) -> dict[str, bytes]:
    named: dict[str, bytes] = {}
    for part in text.split(separator) if text else ():
        match = _ATTRIBUTE.fullmatch(part)
        name = match[1] if match else part.partition("=")[0]
        if name in _SECRET:
            raise SignatureError(
                "key-uri",
                "a PIN in the URI is seen by every process; give it when asked, or by pin-source",
            )
        if match is None or name not in known or name in named:
            raise SignatureError(
                "key-uri", f"{name!r:.80} in the PKCS #11 URI is unknown, malformed or there twice"
            )
        named[name] = unquote_to_bytes(match[2])
    return named


def _text(name: str, value: bytes) -> str:
    try:
        return value.decode()
    except UnicodeDecodeError as error:
        raise SignatureError("key-uri", f"{name} in the PKCS #11 URI is not UTF-8") from error
