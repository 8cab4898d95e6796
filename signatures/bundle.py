"""Sigstore bundle v0.3: a DSSE envelope and what is needed to verify it, as JSON.

Specification: https://github.com/sigstore/protobuf-specs, ``sigstore_bundle.proto``. The reader
takes only what this package can vouch for; it opens a bundle, it does not verify it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeAlias

from . import dsse
from .dsse import from_base64, members
from .errors import SignatureError
from .strictjson import JSON, dumps, loads

MEDIA_TYPE = "application/vnd.dev.sigstore.bundle.v0.3+json"

_KINDS = {"publicKey", "certificate", "x509CertificateChain"}
_EVIDENCE = {"tlogEntries", "timestampVerificationData"}


@dataclass(frozen=True, slots=True)
class KeyHint:
    """A bare key signed; `text` says which, by the signer's word alone."""

    text: str


@dataclass(frozen=True, slots=True)
class Certificates:
    """A certified key signed; `chain` is DER, the signer's own certificate first."""

    chain: tuple[bytes, ...]


Material: TypeAlias = KeyHint | Certificates


@dataclass(frozen=True, slots=True, kw_only=True)
class Bundle:
    """An opened bundle. Nothing in it is true before a `Trust` has checked it."""

    raw: bytes
    envelope: dsse.Envelope
    material: Material
    log_entries: tuple[dict[str, JSON], ...]  # of a transparency log, as they stand
    timestamps: tuple[bytes, ...]  # RFC 3161 responses, DER


def write(envelope: dsse.Envelope, material: Mapping[str, JSON]) -> bytes:
    """Return the bundle of `envelope` as JSON; `material` is its `verificationMaterial`.

    Raises:
        SignatureError: As `read` would: no bundle is written that this package refuses.
    """
    raw = dumps(
        {
            "mediaType": MEDIA_TYPE,
            "verificationMaterial": {"tlogEntries": [], **material},
            "dsseEnvelope": dsse.to_json(envelope),
        }
    )
    return read(raw).raw


def read(raw: bytes) -> Bundle:
    """Open a bundle.

    Raises:
        SignatureError: `json-*`, `bundle-media-type`, `no-dsse`, `payload-type`,
            `signature-count` or `bundle-malformed`.
    """
    value = loads(raw)
    found = value.get("mediaType") if isinstance(value, dict) else None
    if not isinstance(value, dict) or found != MEDIA_TYPE:
        raise SignatureError(
            "bundle-media-type", f"media type is {found!r:.80}, expected {MEDIA_TYPE}"
        )
    if "dsseEnvelope" not in value:
        raise SignatureError("no-dsse", "the bundle has no dsseEnvelope")
    parts = members(value, "bundle", {"mediaType", "verificationMaterial", "dsseEnvelope"})
    evidence = members(
        parts.get("verificationMaterial"), "verificationMaterial", _KINDS | _EVIDENCE
    )
    return Bundle(
        raw=raw,
        envelope=dsse.from_json(parts["dsseEnvelope"]),
        material=_material(evidence),
        log_entries=_log_entries(evidence),
        timestamps=_timestamps(evidence),
    )


def _material(evidence: dict[str, JSON]) -> Material:
    kinds = sorted(evidence.keys() & _KINDS)
    if len(kinds) != 1:
        raise SignatureError(
            "bundle-malformed", f"verification material is {kinds}, expected exactly one kind"
        )
    kind = kinds[0]
    value = evidence[kind]
    if kind == "publicKey":
        hint = members(value, kind, {"hint"}).get("hint", "")
        if not isinstance(hint, str):
            raise SignatureError("bundle-malformed", "publicKey.hint is not text")
        return KeyHint(hint)
    if kind == "certificate":
        return Certificates((_raw_bytes(value, kind),))
    chain = _list(members(value, kind, {"certificates"}).get("certificates"), "certificates")
    if not chain:
        raise SignatureError("bundle-malformed", "the chain has no certificate")
    return Certificates(tuple(_raw_bytes(item, "certificates[]") for item in chain))


def _log_entries(evidence: dict[str, JSON]) -> tuple[dict[str, JSON], ...]:
    entries: list[dict[str, JSON]] = []
    for entry in _list(evidence.get("tlogEntries"), "tlogEntries"):
        if not isinstance(entry, dict):
            raise SignatureError("bundle-malformed", "tlogEntries[] is not a JSON object")
        entries.append(entry)
    return tuple(entries)


def _timestamps(evidence: dict[str, JSON]) -> tuple[bytes, ...]:
    value = evidence.get("timestampVerificationData")
    if value is None:
        return ()
    key = "rfc3161Timestamps"
    stamps = _list(members(value, "timestampVerificationData", {key}).get(key), key)
    return tuple(
        from_base64(members(stamp, f"{key}[]", {"signedTimestamp"}).get("signedTimestamp"), key)
        for stamp in stamps
    )


def _raw_bytes(value: JSON, what: str) -> bytes:
    return from_base64(members(value, what, {"rawBytes"}).get("rawBytes"), what)


def _list(value: JSON, what: str) -> list[JSON]:
    if value is None:  # protobuf's JSON leaves empty lists out
        return []
    if not isinstance(value, list):
        raise SignatureError("bundle-malformed", f"{what} is not a JSON list")
    return value
