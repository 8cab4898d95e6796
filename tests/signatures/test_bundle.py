"""A bundle is opened strictly, and believed only in the way the caller demands."""

import json
import random

import pytest

from aibom.signatures import KeyTrust, SignatureError, check_statement, generate_keys, verify
from aibom.signatures import bundle as bundles
from aibom.signatures.bundle import Bundle, Certificates, KeyHint
from aibom.signatures.dsse import Envelope, pae
from aibom.signatures.keys import load_private, load_public
from tests.signatures.examples import (
    BOM,
    BOM_NAME,
    FILES,
    PRIVATE,
    PUBLIC,
    Change,
    Document,
    bundle,
    code_of,
    dump,
    signed,
    statement,
)

TRUST = KeyTrust.from_pem(PUBLIC)


def test_pae_is_that_of_the_specification() -> None:
    assert pae(b"hello world", "http://example.com/HelloWorld") == (
        b"DSSEv1 29 http://example.com/HelloWorld 11 hello world"
    )


def test_bundle_has_the_form_of_sigstore_v0_3() -> None:
    written = bundles.write(Envelope(b"{}", b"signature"), {"publicKey": {"hint": "h"}})
    assert json.loads(written) == {
        "mediaType": "application/vnd.dev.sigstore.bundle.v0.3+json",
        "verificationMaterial": {"tlogEntries": [], "publicKey": {"hint": "h"}},
        "dsseEnvelope": {
            "payload": "e30=",
            "payloadType": "application/vnd.in-toto+json",
            "signatures": [{"sig": "c2lnbmF0dXJl", "keyid": ""}],
        },
    }


def test_believes_the_key_that_signed() -> None:
    believed = verify(signed(b"payload"), TRUST)
    assert (believed.payload, believed.by) == (b"payload", f"key {load_public(PUBLIC).hint}")


def evidence(document: Document, **members: object) -> None:
    document["verificationMaterial"] = {"tlogEntries": [], **members}


def opened(**members: object) -> Bundle:
    document = bundle()
    evidence(document, **members)
    return bundles.read(dump(document))


def test_reads_one_certificate_with_its_log_entry_and_timestamp() -> None:
    found = opened(
        certificate={"rawBytes": "bGVhZg=="},
        tlogEntries=[{"logIndex": "1"}],
        timestampVerificationData={"rfc3161Timestamps": [{"signedTimestamp": "dGltZQ=="}]},
    )
    assert (found.material, found.log_entries, found.timestamps) == (
        Certificates((b"leaf",)),
        ({"logIndex": "1"},),
        (b"time",),
    )


def test_reads_a_chain_of_certificates_leaf_first() -> None:
    chain = {"certificates": [{"rawBytes": "bGVhZg=="}, {"rawBytes": "Y2E="}]}
    assert opened(x509CertificateChain=chain).material == Certificates((b"leaf", b"ca"))


def test_reads_empty_lists_that_protobuf_leaves_out() -> None:
    document = bundle()
    document["verificationMaterial"] = {"publicKey": {}, "timestampVerificationData": {}}
    found = bundles.read(dump(document))
    assert (found.material, found.log_entries, found.timestamps) == (KeyHint(""), (), ())


def envelope(**members: object) -> Change:
    return lambda document: document["dsseEnvelope"].update(members)


def material(**members: object) -> Change:
    return lambda document: evidence(document, **members)


def swap_signature(document: Document) -> None:
    other = json.loads(signed(b"{}"))
    document["dsseEnvelope"]["signatures"] = other["dsseEnvelope"]["signatures"]


def sign_by_a_stranger_with_our_hint(document: Document) -> None:
    stranger = json.loads(signed(dump(statement()), generate_keys()[0]))
    assert stranger["verificationMaterial"] != document["verificationMaterial"]
    document["dsseEnvelope"] = stranger["dsseEnvelope"]


def as_message(document: Document) -> None:
    del document["dsseEnvelope"]
    document["messageSignature"] = {}


CHANGED: dict[str, tuple[Change, str]] = {
    # 45
    "payload of another statement": (envelope(payload="e30="), "signature"),
    "signature of another payload": (swap_signature, "signature"),
    "signature that is no DER": (envelope(signatures=[{"sig": "AAAA"}]), "signature"),
    "empty signature": (envelope(signatures=[{"sig": ""}]), "signature"),
    "payload type of plain JSON": (envelope(payloadType="application/json"), "payload-type"),
    "no payload type": (lambda it: it["dsseEnvelope"].pop("payloadType"), "payload-type"),
    # 46
    "no signature": (envelope(signatures=[]), "signature-count"),
    "signatures missing": (lambda it: it["dsseEnvelope"].pop("signatures"), "signature-count"),
    "two signatures, one valid": (
        lambda it: it["dsseEnvelope"]["signatures"].append({"sig": "AAAA"}),
        "signature-count",
    ),
    # 47
    "a message instead of a statement": (as_message, "no-dsse"),
    "a message beside the statement": (
        lambda it: it.update(messageSignature={}),
        "bundle-malformed",
    ),
    # 48
    "junk in the payload": (envelope(payload="!!e30="), "bundle-malformed"),
    "newline in the payload": (envelope(payload="e30=\n"), "bundle-malformed"),
    "payload in the other alphabet": (envelope(payload="_-8="), "bundle-malformed"),
    "payload without padding": (envelope(payload="e30"), "bundle-malformed"),
    "payload with padding amid": (envelope(payload="e30=e30="), "bundle-malformed"),
    "payload with loose bits": (envelope(payload="e31="), "bundle-malformed"),
    "payload beyond ASCII": (envelope(payload="ée0="), "bundle-malformed"),
    "no payload": (lambda it: it["dsseEnvelope"].pop("payload"), "bundle-malformed"),
    "signature as a number": (envelope(signatures=[{"sig": 1}]), "bundle-malformed"),
    "signature as a text": (envelope(signatures=["AAAA"]), "bundle-malformed"),
    "envelope as a text": (lambda it: it.update(dsseEnvelope="x"), "bundle-malformed"),
    "an unknown key in the envelope": (envelope(extra=1), "bundle-malformed"),
    # 49
    "unknown media type": (lambda it: it.update(mediaType="x"), "bundle-media-type"),
    "no media type": (lambda it: it.pop("mediaType"), "bundle-media-type"),
    "unknown key": (lambda it: it.update(extra=1), "bundle-malformed"),
    # 51, 52
    "a stranger's signature, our hint": (sign_by_a_stranger_with_our_hint, "signature"),
    "a certificate for the key": (
        material(certificate={"rawBytes": "AAAA"}),
        "wrong-material",
    ),
    "a chain for the key": (
        material(x509CertificateChain={"certificates": [{"rawBytes": "AAAA"}]}),
        "wrong-material",
    ),
    "a chain of none": (material(x509CertificateChain={"certificates": []}), "bundle-malformed"),
    "a certificate beside the key": (
        lambda it: it["verificationMaterial"].update(certificate={"rawBytes": "AAAA"}),
        "bundle-malformed",
    ),
    "no material": (lambda it: it.pop("verificationMaterial"), "bundle-malformed"),
    "material of no kind": (material(), "bundle-malformed"),
    "material of an unknown kind": (material(dice="x"), "bundle-malformed"),
    "hint as a number": (material(publicKey={"hint": 1}), "bundle-malformed"),
    "key in the bundle": (material(publicKey={"rawBytes": ""}), "bundle-malformed"),
    "log as an object": (material(publicKey={}, tlogEntries={}), "bundle-malformed"),
    "log entry as a text": (material(publicKey={}, tlogEntries=[""]), "bundle-malformed"),
}


@pytest.mark.parametrize(("change", "code"), CHANGED.values(), ids=CHANGED)
def test_refuses_a_bundle_with(change: Change, code: str) -> None:
    document = bundle()
    change(document)
    assert code_of(lambda: verify(dump(document), TRUST)) == code


RAW = {
    "a list": (b"[]", "bundle-media-type"),
    "a key twice": (
        dump(bundle()).replace(b'"mediaType"', b'"mediaType":"x","mediaType"', 1),
        "json-duplicate-key",
    ),
    "two bundles": (dump(bundle()) * 2, "json-malformed"),
    "65 MiB": (b" " * (65 << 20), "json-too-big"),
}


@pytest.mark.parametrize(("raw", "code"), RAW.values(), ids=RAW)
def test_refuses_as_a_bundle(raw: bytes, code: str) -> None:
    assert code_of(lambda: verify(raw, TRUST)) == code


def test_refuses_the_bundle_of_another_key() -> None:
    stranger = KeyTrust.from_pem(generate_keys()[1])
    assert code_of(lambda: verify(dump(bundle()), stranger)) == "signature"


def test_the_hint_and_the_key_id_decide_nothing() -> None:
    document = bundle()
    document["verificationMaterial"]["publicKey"]["hint"] = "somebody else"
    document["dsseEnvelope"]["signatures"][0]["keyid"] = "somebody else"
    assert verify(dump(document), TRUST).payload == dump(statement())


def test_writes_no_bundle_that_it_would_not_read() -> None:
    one = Envelope(b"{}", b"s")
    assert code_of(lambda: bundles.write(one, {})) == "bundle-malformed"
    big = Envelope(bytes(49 << 20), b"s")
    assert code_of(lambda: bundles.write(big, {"publicKey": {}})) == "json-too-big"


def damaged(raw: bytes, dice: random.Random) -> bytes:
    """Return `raw` with a few bytes changed, cut, doubled or moved."""
    data = bytearray(raw)
    for _ in range(dice.randint(1, 3)):
        start = dice.randrange(len(data))
        end = min(len(data), start + dice.choice([1, 1, 1, 8, 200]))
        piece = bytes(data[start:end])
        match dice.randrange(4):
            case 0:
                data[start] ^= 1 << dice.randrange(8)
            case 1 if end - start < len(data):
                del data[start:end]
            case 2:
                data[start:start] = piece
            case _:
                data[start:end] = dice.choice([b'"', b"{", b"]", b",", b"null", b"0", b"\\u0000"])
    return bytes(data)


@pytest.mark.parametrize("seed", range(300))
def test_damage_to_a_bundle_raises_signature_error_or_changes_nothing_signed(seed: int) -> None:
    document = dump(bundle())
    try:
        believed = verify(damaged(document, random.Random(seed)), TRUST)
    except SignatureError:
        return
    assert believed.payload == dump(statement())  # only the hint or the key id was hit


@pytest.mark.parametrize("seed", range(300))
def test_damage_to_a_signed_statement_raises_signature_error_or_changes_no_file(seed: int) -> None:
    payload = damaged(dump(statement()), random.Random(seed))
    try:
        found = check_statement(payload, bom_name=BOM_NAME, bom=BOM, files=FILES)
    except SignatureError:
        return
    assert (found.files, dump(found.bom)) == (FILES, BOM)  # only the model's name was hit


def test_signs_what_it_verifies_over_the_same_bytes() -> None:
    document = bundles.read(dump(bundle()))
    private = load_private(PRIVATE)
    private.public.verify(document.envelope.signature, pae(document.envelope.payload))
    assert document.material == KeyHint(private.public.hint)
