"""What a Sigstore bundle claims to be; whether it holds is for `signatures`."""

from __future__ import annotations

import json
from base64 import b64encode
from typing import Any

import pytest

from aibom.scanners.dissect import dissect
from aibom.scanners.facts import Metadata
from aibom.scanners.format import Match
from aibom.scanners.formats.signature_bundle import FORMAT, MAX_BUNDLE
from aibom.scanners.limits import Budget, Exceeded, Limits
from aibom.scanners.source import BytesSource, Malformed
from tests.helpers.reading import damage, read, recognised

MEDIA_TYPE = "application/vnd.dev.sigstore.bundle.v0.3+json"
OMS = "https://model_signing/signature/v1.0"


def bundle(statement: object, **changes: object) -> bytes:
    payload = statement if isinstance(statement, str) else json.dumps(statement)
    whole: dict[str, Any] = {
        "dsseEnvelope": {
            "payload": b64encode(payload.encode()).decode(),
            "payloadType": "application/vnd.in-toto+json",
            "signatures": [{"sig": "AAAA"}],
        },
        "mediaType": MEDIA_TYPE,
        "verificationMaterial": {"certificate": {"rawBytes": "AAAA"}},
    }
    return json.dumps(whole | changes).encode()


STATEMENT: dict[str, Any] = {
    "_type": "https://in-toto.io/Statement/v1",
    "subject": [{"name": "model", "digest": {"sha256": "00" * 32}}],
    "predicateType": OMS,
    "predicate": {},
}
HONEST = bundle(STATEMENT)


def test_states_what_it_is_and_what_it_is_about() -> None:
    assert read(FORMAT, HONEST, "model.sig") == [
        Metadata(key="mediaType", value=MEDIA_TYPE),
        Metadata(key="verificationMaterial", value="certificate"),
        Metadata(key="predicateType", value=OMS),
        Metadata(key="subjects", value="1"),
    ]


def test_reads_several_one_behind_the_other() -> None:
    several = HONEST + b"\n" + HONEST + b"\n"
    assert read(FORMAT, several, "sha256.jsonl") == 2 * read(FORMAT, HONEST)
    artifact = dissect(BytesSource(several), ("sha256.jsonl",), Budget(Limits()))
    assert (artifact.formats, artifact.is_complete) == (("sigstore-bundle",), True)


def test_is_json_as_well() -> None:
    artifact = dissect(BytesSource(HONEST), ("model.sig",), Budget(Limits()))
    assert artifact.formats == ("sigstore-bundle", "json")


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (HONEST, Match.CERTAIN),
        (bundle({"x": "y" * 9000}), Match.CERTAIN),
        (b'{"mediaType": "application/vnd.oci.image.manifest.v1+json"}', Match.NO),
        (json.dumps(["mediaType", MEDIA_TYPE]).encode(), Match.NO),
        (json.dumps({"type": MEDIA_TYPE}).encode(), Match.NO),
        (HONEST + b" " * MAX_BUNDLE, Match.NO),
    ],
    ids=["bundle", "media type behind a long payload", "OCI", "a list", "another key", "too long"],
)
def test_tells_a_bundle_by_its_media_type(data: bytes, expected: Match) -> None:
    assert recognised(FORMAT, data) is expected


@pytest.mark.parametrize(
    "changes",
    [
        {"dsseEnvelope": None, "messageSignature": {"signature": "AAAA"}},
        {"dsseEnvelope": {"payloadType": "text/plain", "payload": 1}},
    ],
    ids=["a plain signature", "another payload"],
)
def test_says_no_more_of_what_is_no_statement(changes: dict[str, object]) -> None:
    assert read(FORMAT, bundle({}, **changes)) == [
        Metadata(key="mediaType", value=MEDIA_TYPE),
        Metadata(key="verificationMaterial", value="certificate"),
    ]


def test_says_nothing_of_what_is_not_there() -> None:
    bare = {"mediaType": None, "verificationMaterial": "none"}
    assert read(FORMAT, bundle({"subject": "many", "predicateType": 1}, **bare)) == []


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (b"{", "not JSON"),
        (b"[]", "not a JSON object"),
        (bundle("{"), "not JSON"),
        (bundle("[]"), "not a JSON object"),
        (
            bundle({}, dsseEnvelope={"payloadType": "application/vnd.in-toto+json"}),
            "not JSON",
        ),
        (
            bundle(
                {}, dsseEnvelope={"payloadType": "application/vnd.in-toto+json", "payload": "!!"}
            ),
            "no base64",
        ),
        (b'{"a":' * 100_000, "not JSON"),
        (HONEST + b"more", "not JSON"),
        (bundle("{}{}"), "more than 1 behind each other"),
        (b"{}" * 1001, "more than 1000 behind each other"),
    ],
    ids=[
        "cut",
        "a list",
        "cut inside",
        "a list inside",
        "no payload",
        "no base64",
        "deep",
        "words behind it",
        "two inside",
        "too many",
    ],
)
def test_refuses_what_has_another_shape(data: bytes, why: str) -> None:
    with pytest.raises(Malformed, match=why):
        read(FORMAT, data)


def test_a_document_may_not_be_too_long() -> None:
    with pytest.raises(Exceeded):
        read(FORMAT, HONEST, limits=Limits(text=8))


def test_survives_damage() -> None:
    damage(FORMAT, HONEST)
