"""Sigstore bundles: a signature with what is needed to verify it, such as a `model.sig`.

JSON, https://github.com/sigstore/protobuf-specs/blob/main/protos/sigstore_bundle.proto::

    mediaType             application/vnd.dev.sigstore.bundle…
    verificationMaterial  certificate, x509CertificateChain or publicKey; logs, timestamps
    dsseEnvelope          payloadType, payload (base64), signatures; or messageSignature

A file of attestations may hold several, one behind the other, as ``gh attestation download`` writes
them. Only what it claims is stated here, for people to see that it is there. Nothing is verified:
that takes somebody whom the verifier trusts, and is done by another part, which reads more
strictly.
"""

from __future__ import annotations

import json
from binascii import Error as NoBase64
from binascii import a2b_base64
from typing import TYPE_CHECKING, Any

from ..facts import Fact, Metadata, shorten
from ..format import Format, Match, Subject
from ..limits import MIB
from ..patterns import pattern
from ..shapes import is_list, is_object
from ..source import Malformed

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..limits import Budget

MAX_BUNDLE = 16 * MIB  # bytes; a manifest of ten thousand files has two million
MEDIA_TYPE = b"application/vnd.dev.sigstore.bundle"
KEYS = (b'"mediaType"', b'"verificationMaterial"', b'"dsseEnvelope"', b'"messageSignature"')
MATERIALS = ("certificate", "x509CertificateChain", "publicKey")
MOST = 1000  # bundles in one file
DECODER = json.JSONDecoder()
MORE = pattern(r"\S")
STATEMENT = "application/vnd.in-toto+json"


def recognise(subject: Subject) -> Match:
    """Tell a bundle by its media type, wherever that stands: the payload may come first."""
    head = subject.head.lstrip()
    if not head.startswith(b"{") or not any(key in head for key in KEYS):
        return Match.NO
    if subject.source.size > MAX_BUNDLE:
        return Match.NO
    whole = subject.source.read_at(0, subject.source.size)
    return Match.CERTAIN if MEDIA_TYPE in whole else Match.NO


def parse(subject: Subject, budget: Budget) -> Iterator[Fact]:
    """Yield what each bundle claims to be: its kind, and of a statement its type and subjects.

    Raises:
        Malformed: It is no JSON object of a bundle's shape.
        Exceeded: It is longer than a document may be.
    """
    size = subject.source.size
    budget.document(size)
    for bundle in _objects(subject.source.read_at(0, size), "bundle"):
        yield from _bundle(bundle)


def _bundle(bundle: dict[str, Any]) -> Iterator[Fact]:
    if isinstance(bundle.get("mediaType"), str):
        yield Metadata(key="mediaType", value=shorten(bundle["mediaType"], 200))
    material = bundle.get("verificationMaterial")
    for name in MATERIALS:
        if is_object(material) and name in material:
            yield Metadata(key="verificationMaterial", value=name)
    envelope = bundle.get("dsseEnvelope")
    if is_object(envelope) and envelope.get("payloadType") == STATEMENT:
        yield from _statement(envelope.get("payload"))


def _statement(payload: object) -> Iterator[Fact]:
    """Yield what kind of statement it is, and what it is about."""
    try:
        raw = a2b_base64(payload if isinstance(payload, str) else "", strict_mode=True)
    except (NoBase64, ValueError) as error:
        raise Malformed("payload", offset=0, why=f"no base64: {error}") from error
    (statement,) = _objects(raw, "statement", most=1)
    if isinstance(statement.get("predicateType"), str):
        yield Metadata(key="predicateType", value=shorten(statement["predicateType"], 200))
    subjects = statement.get("subject")
    if is_list(subjects):
        yield Metadata(key="subjects", value=str(len(subjects)))


def _objects(raw: bytes, what: str, most: int = MOST) -> list[dict[str, Any]]:
    """Return the JSON objects that stand one behind the other: at least one, at most `most`."""
    found: list[dict[str, Any]] = []
    try:
        text = raw.decode("utf-8").strip()
        at = 0
        while (at < len(text) or not found) and len(found) < most:
            value, at = DECODER.raw_decode(text, at)
            if not is_object(value):
                raise Malformed(what, offset=0, why="not a JSON object")
            found.append(value)
            more = MORE.search(text, at)
            at = more.start() if more else len(text)
    except (ValueError, RecursionError) as error:
        raise Malformed(what, offset=0, why=f"not JSON: {shorten(str(error), 100)}") from error
    if at < len(text):
        raise Malformed(what, offset=0, why=f"more than {most} behind each other")
    return found


FORMAT = Format(
    id="sigstore-bundle",
    title="Sigstore bundle",
    media_type="application/vnd.dev.sigstore.bundle+json",
    spec="https://github.com/sigstore/protobuf-specs/blob/main/protos/sigstore_bundle.proto",
    suffixes=(),
    recognise=recognise,
    parse=parse,
    refines=("json",),
)
