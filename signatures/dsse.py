"""DSSE: one signature over a payload and its type, https://github.com/secure-systems-lab/dsse.

What is signed is the pre-authentication encoding (PAE)::

    DSSEv1 <length of type> <type> <length of payload> <payload>
"""

import base64
import binascii
from dataclasses import dataclass

from .errors import SignatureError
from .strictjson import JSON

PAYLOAD_TYPE = "application/vnd.in-toto+json"


@dataclass(frozen=True, slots=True)
class Envelope:
    """A payload of type `PAYLOAD_TYPE` and the one signature over its PAE; not yet verified."""

    payload: bytes
    signature: bytes


def pae(payload: bytes, payload_type: str = PAYLOAD_TYPE) -> bytes:
    """Return the bytes that a signature of `payload` covers."""
    kind = payload_type.encode()
    return b"DSSEv1 %d %s %d %s" % (len(kind), kind, len(payload), payload)


def payload_of(encoding: bytes) -> bytes:
    """Return the payload inside a PAE that `pae` made, for signers that take no PAE."""
    head = pae(b"").removesuffix(b"0 ")
    _, _, payload = encoding.removeprefix(head).partition(b" ")
    return payload


def to_json(envelope: Envelope) -> dict[str, JSON]:
    """Return the envelope as a JSON object."""
    return {
        "payload": to_base64(envelope.payload),
        "payloadType": PAYLOAD_TYPE,
        "signatures": [{"sig": to_base64(envelope.signature), "keyid": ""}],
    }


def from_json(value: JSON) -> Envelope:
    """Read an envelope; the key id is a label that nobody signed, so it is dropped.

    Raises:
        SignatureError: `payload-type`, `signature-count` or `bundle-malformed`.
    """
    envelope = members(value, "dsseEnvelope", {"payload", "payloadType", "signatures"})
    if envelope.get("payloadType") != PAYLOAD_TYPE:
        found = envelope.get("payloadType")
        raise SignatureError(
            "payload-type", f"payload type is {found!r:.80}, expected {PAYLOAD_TYPE}"
        )
    signatures = envelope.get("signatures")
    if not isinstance(signatures, list) or len(signatures) != 1:
        count = len(signatures) if isinstance(signatures, list) else 0
        raise SignatureError("signature-count", f"{count} signatures, expected exactly one")
    signature = members(signatures[0], "signatures[0]", {"sig", "keyid"})
    return Envelope(
        payload=from_base64(envelope.get("payload"), "payload"),
        signature=from_base64(signature.get("sig"), "sig"),
    )


def members(value: JSON, what: str, allowed: set[str]) -> dict[str, JSON]:
    """Return `value` if it is an object with no other keys than `allowed`.

    Raises:
        SignatureError: `bundle-malformed`.
    """
    if not isinstance(value, dict):
        raise SignatureError("bundle-malformed", f"{what} is not a JSON object")
    unknown = value.keys() - allowed
    if unknown:
        raise SignatureError("bundle-malformed", f"{what} has the unknown key {min(unknown)!r:.80}")
    return value


def to_base64(raw: bytes) -> str:
    """Return `raw` in the standard alphabet, padded."""
    return base64.b64encode(raw).decode()


def from_base64(text: JSON, what: str) -> bytes:
    """Decode base64 that is spelled in the one canonical way; `what` names it in the error.

    Raises:
        SignatureError: `bundle-malformed`.
    """
    if not isinstance(text, str):
        raise SignatureError("bundle-malformed", f"{what} is not text in base64")
    try:
        raw = binascii.a2b_base64(text)  # skips what is no base64, which is seen below
    except ValueError as error:
        raise SignatureError("bundle-malformed", f"{what} is not base64: {error}") from error
    if to_base64(raw) != text:
        raise SignatureError("bundle-malformed", f"{what} is not canonical base64")
    return raw
