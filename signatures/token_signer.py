"""Keys in hardware tokens, by PKCS #11: the token signs, the key never leaves it.

Needs the package ``python-pkcs11`` (the extra ``aibom[pkcs11]``) and the token's own library.
"""

import hashlib
import os
import stat
from typing import TYPE_CHECKING, Any

from .errors import SignatureError
from .keys import Password, load_public
from .signer import HeldKeySigner
from .token_uri import TokenUri, parse_token_uri

if TYPE_CHECKING:
    from .keys import PublicKey

MODULE_VARIABLE = "PKCS11_MODULE_PATH"  # as OpenSSL's engine and pkcs11-tool's users know it
MAX_PIN = 1 << 10  # bytes


def token_signer(uri: str, password: Password | None) -> HeldKeySigner:
    """Return who signs with the key at the ``pkcs11:`` URI; `password` asks for the PIN.

    Raises:
        SignatureError: `key-uri`, `key-extra`, `key-not-found`, `key-type`, `key-password` or
            `signing-service`.
    """
    wanted = parse_token_uri(uri)
    try:
        import pkcs11  # noqa: PLC0415 - an extra
    except ImportError as error:
        raise SignatureError(
            "key-extra", "this needs the package python-pkcs11: pip install 'aibom[pkcs11]'"
        ) from error
    try:
        return _signer(wanted, password)
    except (pkcs11.NoSuchToken, pkcs11.NoSuchKey) as error:
        raise SignatureError("key-not-found", "no token holds that key") from error
    except (pkcs11.MultipleTokensReturned, pkcs11.MultipleObjectsReturned) as error:
        raise SignatureError("key-not-found", "several keys have that name; say more") from error
    except (pkcs11.PinIncorrect, pkcs11.PinInvalid, pkcs11.PinLenRange) as error:
        raise SignatureError("key-password", "the PIN does not open the token") from error
    except pkcs11.PKCS11Error as error:
        raise _refused(error) from error


def _signer(wanted: TokenUri, password: Password | None) -> HeldKeySigner:
    from pkcs11 import ObjectClass  # noqa: PLC0415 - an extra
    from pkcs11.exceptions import PKCS11Error  # noqa: PLC0415

    token, pin = _token(wanted), _pin(wanted, password)
    with token.open(user_pin=pin) as session:
        _private(session, wanted)
        public = _public(_only(session, ObjectClass.PUBLIC_KEY, wanted))

    def ask(pae: bytes) -> bytes:
        digest = hashlib.new(public.hash_name, pae).digest()
        try:
            with token.open(user_pin=pin) as session:  # not kept open: others want the token too
                return _signature(_private(session, wanted), digest)
        except PKCS11Error as error:
            raise _refused(error) from error

    return HeldKeySigner(public, ask)


def _private(session: Any, wanted: TokenUri) -> Any:  # noqa: ANN401 - no types, see `_token`
    from pkcs11 import KeyType, ObjectClass  # noqa: PLC0415 - an extra

    key = _only(session, ObjectClass.PRIVATE_KEY, wanted)
    if key.key_type is not KeyType.EC:
        raise SignatureError("key-type", f"the token's key is {key.key_type.name}, not ECDSA")
    return key


def _only(session: Any, kind: object, wanted: TokenUri) -> Any:  # noqa: ANN401 - as above
    """Return the one object of that name. The search is read to its end, or it outlives us."""
    from pkcs11 import Attribute  # noqa: PLC0415 - an extra
    from pkcs11.exceptions import MultipleObjectsReturned, NoSuchKey  # noqa: PLC0415

    named = {Attribute.CLASS: kind, Attribute.LABEL: wanted.label, Attribute.ID: wanted.id}
    sought = {name: value for name, value in named.items() if value is not None}
    found = list(session.get_objects(sought))
    if len(found) != 1:
        raise (MultipleObjectsReturned if found else NoSuchKey)
    return found[0]


def _signature(key: Any, digest: bytes) -> bytes:  # noqa: ANN401 - as above
    from pkcs11 import Mechanism  # noqa: PLC0415 - an extra
    from pkcs11.util.ec import encode_ecdsa_signature  # noqa: PLC0415

    return encode_ecdsa_signature(key.sign(digest, mechanism=Mechanism.ECDSA))


def _token(wanted: TokenUri) -> Any:  # noqa: ANN401 - the library has no types for its C part
    """Return the one token that says of itself what is wanted."""
    from pkcs11 import lib  # noqa: PLC0415 - an extra
    from pkcs11.exceptions import (  # noqa: PLC0415
        MultipleTokensReturned,
        NoSuchToken,
    )

    module = wanted.module or os.environ.get(MODULE_VARIABLE)
    if not module:
        raise SignatureError(
            "key-uri", f"no library of the token is named: give module-path=, or {MODULE_VARIABLE}"
        )
    try:
        library: Any = lib(module)
    except RuntimeError as error:
        raise SignatureError("key-not-found", f"{module!r} is no PKCS #11 library") from error
    slots = [slot for slot in library.get_slots(token_present=True) if _is_slot(slot, wanted)]
    tokens = [token for token in (slot.get_token() for slot in slots) if _is_token(token, wanted)]
    if len(tokens) != 1:
        raise (MultipleTokensReturned if tokens else NoSuchToken)
    return tokens[0]


def _is_slot(slot: Any, wanted: TokenUri) -> bool:  # noqa: ANN401 - as above
    return wanted.slot is None or slot.slot_id == wanted.slot


def _is_token(token: Any, wanted: TokenUri) -> bool:  # noqa: ANN401 - as above
    from pkcs11 import TokenFlag  # noqa: PLC0415 - an extra

    said = {
        "token": token.label,
        "serial": token.serial.decode(errors="replace"),
        "manufacturer": token.manufacturer_id,
        "model": token.model,
    }
    return TokenFlag.TOKEN_INITIALIZED in token.flags and all(
        said[name].rstrip() == value for name, value in wanted.token.items()
    )


def _pin(wanted: TokenUri, password: Password | None) -> str:
    if wanted.pin_source is not None:
        return _pin_in(wanted.pin_source)
    if password is None:
        raise SignatureError("key-password", "the token wants a PIN and none was given")
    return password().decode(errors="replace")


def _pin_in(path: str) -> str:
    """Return the PIN in a file, which may be no pipe or device: those let wait, or never end."""
    flags = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_CLOEXEC", 0)
    try:
        with open(os.open(path, flags), "rb") as file:  # noqa: PTH123 - a descriptor
            if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
                raise SignatureError("key-password", "pin-source names no regular file")
            pin = file.read(MAX_PIN)
    except (OSError, ValueError) as error:
        raise SignatureError("key-password", "the file of pin-source cannot be read") from error
    return pin.decode(errors="replace").strip("\r\n")


def _public(key: Any) -> "PublicKey":  # noqa: ANN401 - as above
    from cryptography.exceptions import UnsupportedAlgorithm  # noqa: PLC0415 - costs 0.2 s
    from cryptography.hazmat.primitives import serialization  # noqa: PLC0415
    from pkcs11.util.ec import encode_ec_public_key  # noqa: PLC0415 - an extra

    try:
        found = serialization.load_der_public_key(encode_ec_public_key(key))
    except (ValueError, UnsupportedAlgorithm) as error:
        raise SignatureError("key-type", "the token's key is on no curve that is known") from error
    return load_public(
        found.public_bytes(
            serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
        )
    )


def _refused(error: Exception) -> SignatureError:
    return SignatureError("signing-service", f"the token refused: {type(error).__name__} {error}")
