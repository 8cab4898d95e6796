"""Keyless bundles: who signed is believed only with certificate, log and time in order.

The numbers are those of the threat model.
"""

from __future__ import annotations

import base64
import json
import random
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID

from aibom.signatures import KeyTrust, SignatureError, verify
from aibom.signatures.identity import Identity
from tests.local_sigstore import GITHUB_ISSUER
from tests.signatures.examples import PUBLIC, Document, bundle, code_of, dump
from tests.signatures.keyless_examples import (
    PAYLOAD,
    WORKFLOW,
    entry,
    keyless_bundle,
    material,
    refusal,
    signatures,
    stamps,
    trust,
)
from tests.signatures.test_bundle import damaged

if TYPE_CHECKING:
    from tests.local_sigstore import LocalSigstore

VERSIONS = pytest.mark.parametrize("rekor", [1, 2], ids=["Rekor v1", "Rekor v2"])
Attack = Callable[[Document, Document], object]  # on a bundle; beside it, one of the same signer


@VERSIONS
def test_believes_the_workflow_that_signed(sigstore: LocalSigstore, rekor: int) -> None:
    found = verify(dump(keyless_bundle(sigstore, rekor)), trust(sigstore))
    details = dict(found.details)
    assert (found.payload, found.by) == (PAYLOAD, f"{WORKFLOW} (says {GITHUB_ISSUER})")
    assert list(details) == ["source", "log entry", "trust root"]
    assert len(found.times) == {1: 2, 2: 1}[rekor]
    assert details["source"] == (f"https://github.com/acme/model, refs/tags/v1, commit {'1' * 40}")
    assert details["log entry"].endswith(f" of {sigstore.url}")
    assert details["trust root"].startswith("the tests' root; its newest key is of 20")


def test_believes_a_person(sigstore: LocalSigstore) -> None:
    claims = {"iss": sigstore.url, "sub": "1", "email": "alice@example.com"}
    alice = Identity.of(name="alice@example.com", issuer=sigstore.url)
    found = verify(dump(keyless_bundle(sigstore, claims=claims)), trust(sigstore, alice))
    assert found.by == f"alice@example.com (says {sigstore.url})"
    assert [name for name, _ in found.details] == ["log entry", "trust root"]


def test_needs_no_timestamp_beside_the_promise_of_rekor_v1(sigstore: LocalSigstore) -> None:
    found = verify(dump(keyless_bundle(sigstore, is_stamped=False)), trust(sigstore))
    assert len(found.times) == 1


def flipped(text: str) -> str:
    """Return base64 of other bytes of the same length."""
    raw = bytearray(base64.b64decode(text))
    raw[len(raw) // 2] ^= 1
    return base64.b64encode(bytes(raw)).decode()


def take(*keys: str) -> Attack:
    """Put in what stands at `keys` in the other bundle."""

    def attack(document: Document, other: Document) -> None:
        at, source = document, other
        for key in keys[:-1]:
            at, source = at[key], source[key]
        at[keys[-1]] = source[keys[-1]]

    return attack


def flip(*keys: str, at: Callable[[Document], Document] = entry) -> Attack:
    """Change one bit of the bytes that stand at `keys`."""

    def attack(document: Document, _: Document) -> None:
        found = at(document)
        for key in keys[:-1]:
            found = found[key]
        found[keys[-1]] = flipped(found[keys[-1]])

    return attack


def set_in_entry(**values: Any) -> Attack:  # noqa: ANN401 - any JSON
    return lambda it, _: entry(it).update(values)


def edit_checkpoint(old: str, new: str) -> Attack:
    def attack(document: Document, _: Document) -> None:
        checkpoint = entry(document)["inclusionProof"]["checkpoint"]
        assert old in checkpoint["envelope"]
        checkpoint["envelope"] = checkpoint["envelope"].replace(old, new)

    return attack


MATERIAL = "verificationMaterial"
ATTACKS: dict[str, tuple[Attack, str]] = {
    # 45
    "payload of another statement": (
        lambda it, _: it["dsseEnvelope"].update(payload="e30="),
        "signature",
    ),
    "signature changed": (
        lambda it, _: signatures(it)[0].update(sig=flipped(signatures(it)[0]["sig"])),
        "signature",
    ),
    "signature of another bundle": (take("dsseEnvelope", "signatures"), "signature"),
    "payload type of plain JSON": (
        lambda it, _: it["dsseEnvelope"].update(payloadType="application/json"),
        "payload-type",
    ),
    # 46, 47, 49
    "no signature": (lambda it, _: signatures(it).clear(), "signature-count"),
    "two signatures": (lambda it, _: signatures(it).append(signatures(it)[0]), "signature-count"),
    "a message": (lambda it, _: it.pop("dsseEnvelope"), "no-dsse"),
    "media type of tomorrow": (
        lambda it, _: it.update(mediaType="application/vnd.dev.sigstore.bundle.v0.9+json"),
        "bundle-media-type",
    ),
    # 52
    "a hint in place of the certificate": (
        lambda it, _: material(it).update(
            publicKey={"hint": material(it).pop("certificate") and ""}
        ),
        "wrong-material",
    ),
    "a chain in place of the certificate": (
        lambda it, _: material(it).update(
            x509CertificateChain={"certificates": [material(it).pop("certificate")] * 2}
        ),
        "wrong-material",
    ),
    # 53
    "certificate of another bundle": (take(MATERIAL, "certificate"), "signature"),
    "no certificate": (
        lambda it, _: material(it).update(certificate={"rawBytes": "AAAA"}),
        "certificate-malformed",
    ),
    "an endless certificate": (
        lambda it, _: material(it).update(certificate={"rawBytes": "AAAA" * (32 << 10)}),
        "certificate-malformed",
    ),
    # 54
    "log entry of another bundle": (take(MATERIAL, "tlogEntries"), "log-entry"),
    # 55
    "no log entry": (lambda it, _: material(it).update(tlogEntries=[]), "log-entry-count"),
    "two log entries": (
        lambda it, _: material(it)["tlogEntries"].append(entry(it)),
        "log-entry-count",
    ),
    # 56
    "another size in the checkpoint": (edit_checkpoint("\n", "\n1"), "log-entry"),
    "another origin in the checkpoint": (edit_checkpoint("127.0.0.1", "127.0.0.2"), "log-entry"),
    "a checkpoint that nobody signed": (edit_checkpoint("\N{EM DASH}", "-"), "log-entry"),
    "a checkpoint without a note": (edit_checkpoint("\n\n", "\n"), "log-entry"),
    "another root": (flip("inclusionProof", "rootHash"), "log-entry"),
    "a proof of nothing": (
        lambda it, _: entry(it)["inclusionProof"].update(hashes=[]),
        "log-entry",
    ),
    "a proof beyond the tree": (
        lambda it, _: entry(it)["inclusionProof"].update(logIndex="9" * 9),
        "bundle-malformed",
    ),
    "no proof": (lambda it, _: entry(it).pop("inclusionProof"), "bundle-malformed"),
    "no checkpoint": (
        lambda it, _: entry(it)["inclusionProof"].pop("checkpoint"),
        "bundle-malformed",
    ),
    "another body": (flip("canonicalizedBody"), "log-entry"),
    "a body that is no JSON": (set_in_entry(canonicalizedBody="AAAA"), "log-entry"),
    "another log's id": (flip("logId", "keyId"), "log-entry"),
    "no log's id": (set_in_entry(logId=None), "log-entry"),
    "a log's id that is no base64": (set_in_entry(logId={"keyId": "!"}), "bundle-malformed"),
    "an entry of a kind for files": (
        set_in_entry(kindVersion={"kind": "hashedrekord", "version": "0.0.1"}),
        "log-entry",
    ),
    "an entry of an older kind": (
        set_in_entry(kindVersion={"kind": "intoto", "version": "0.0.2"}),
        "log-entry",
    ),
    "a kind that is a list": (
        set_in_entry(kindVersion={"kind": ["dsse"], "version": "0.0.1"}),
        "log-entry",
    ),
    "an entry with an unknown member": (set_in_entry(extra=1), "bundle-malformed"),
    # time
    "timestamp of another bundle": (take(MATERIAL, "timestampVerificationData"), "timestamp"),
    "one timestamp twice": (lambda it, _: stamps(it).append(stamps(it)[0]), "timestamp"),
    "timestamp changed": (flip("signedTimestamp", at=lambda it: stamps(it)[0]), "timestamp"),
    "timestamp that is none": (
        lambda it, _: stamps(it)[0].update(signedTimestamp="AAAA"),
        "timestamp",
    ),
    "more timestamps than anybody needs": (
        lambda it, _: stamps(it).extend({"signedTimestamp": "AAAA"} for _ in range(32)),
        "timestamp",
    ),
}


@VERSIONS
@pytest.mark.parametrize(("attack", "code"), ATTACKS.values(), ids=ATTACKS)
def test_refuses_a_bundle_with(
    sigstore: LocalSigstore, rekor: int, attack: Attack, code: str
) -> None:
    document, other = (keyless_bundle(sigstore, rekor) for _ in range(2))
    attack(document, other)
    assert refusal(document, trust(sigstore)) == code


OF_REKOR_V1: dict[str, tuple[Attack, str]] = {
    "another promise": (flip("inclusionPromise", "signedEntryTimestamp"), "log-entry"),
    "a promise of another second": (
        lambda it, _: entry(it).update(integratedTime=str(int(entry(it)["integratedTime"]) + 1)),
        "log-entry",
    ),
    "a promise of long ago": (set_in_entry(integratedTime="1"), "signing-time"),
    "a promise at no time": (set_in_entry(integratedTime="0"), "log-entry"),
    "a promise after all time": (set_in_entry(integratedTime="9" * 30), "log-entry"),
    "a promise at a word": (set_in_entry(integratedTime="٣"), "log-entry"),
    "a promise at a number": (set_in_entry(integratedTime=1), "log-entry"),
    "neither promise nor timestamp": (
        lambda it, _: (entry(it).pop("inclusionPromise"), stamps(it).pop()),
        "signing-time",
    ),
}


@pytest.mark.parametrize(("attack", "code"), OF_REKOR_V1.values(), ids=OF_REKOR_V1)
def test_refuses_of_rekor_v1(sigstore: LocalSigstore, attack: Attack, code: str) -> None:
    document = keyless_bundle(sigstore)
    attack(document, document)
    assert refusal(document, trust(sigstore)) == code


def test_refuses_of_rekor_v2_a_promise(sigstore: LocalSigstore) -> None:
    document, other = keyless_bundle(sigstore, 2), keyless_bundle(sigstore, 1)
    for name in ("inclusionPromise", "integratedTime"):
        entry(document)[name] = entry(other)[name]
    assert refusal(document, trust(sigstore)) == "log-entry"


def test_refuses_of_rekor_v2_a_bundle_without_timestamp(sigstore: LocalSigstore) -> None:
    document = keyless_bundle(sigstore, 2, is_stamped=False)
    assert refusal(document, trust(sigstore)) == "signing-time"


@VERSIONS
def test_refuses_a_key_where_an_identity_is_demanded_and_the_reverse(
    sigstore: LocalSigstore, rekor: int
) -> None:
    assert refusal(bundle(), trust(sigstore)) == "wrong-material"  # 52
    key = KeyTrust.from_pem(PUBLIC)
    assert code_of(lambda: verify(dump(keyless_bundle(sigstore, rekor)), key)) == "wrong-material"


@VERSIONS
def test_refuses_what_was_signed_after_the_certificate_ran_out(
    sigstore: LocalSigstore, rekor: int
) -> None:
    late = keyless_bundle(sigstore, rekor, late=20)  # 62
    assert refusal(late, trust(sigstore)) == "signing-time"
    early = keyless_bundle(sigstore, rekor, late=-1)
    assert refusal(early, trust(sigstore)) == "signing-time"


PROFILES: dict[str, tuple[dict[str, Any], str]] = {  # 64
    "for TLS servers": ({"use": ExtendedKeyUsageOID.SERVER_AUTH}, "certificate-use"),
    "for nothing": ({"use": None}, "certificate-use"),
    "not for signatures": ({"signs": False}, "certificate-use"),
    "of an authority": ({"is_authority": True}, "certificate-use"),
    "that no log saw": ({"is_logged": False}, "certificate-log"),
}


@VERSIONS
@pytest.mark.parametrize(("changes", "code"), PROFILES.values(), ids=PROFILES)
def test_refuses_a_certificate(
    sigstore: LocalSigstore, rekor: int, changes: dict[str, Any], code: str
) -> None:
    with sigstore.fulcio.issuing(**changes):
        document = keyless_bundle(sigstore, rekor)
    assert refusal(document, trust(sigstore)) == code


def test_refuses_a_key_that_keyless_does_not_use(sigstore: LocalSigstore) -> None:
    document = keyless_bundle(sigstore, key=ec.generate_private_key(ec.SECP521R1()))
    assert refusal(document, trust(sigstore)) == "certificate-use"


def inner_damage(document: Document, dice: random.Random) -> None:
    """Damage the bytes inside one of the texts of a bundle."""
    places: list[tuple[Document, str]] = [
        (material(document)["certificate"], "rawBytes"),
        (stamps(document)[0], "signedTimestamp"),
        (entry(document), "canonicalizedBody"),
        (entry(document)["inclusionProof"], "rootHash"),
        (entry(document)["inclusionPromise"], "signedEntryTimestamp"),
        (signatures(document)[0], "sig"),
    ]
    holder, key = dice.choice(
        [*places, (entry(document)["inclusionProof"]["checkpoint"], "envelope")]
    )
    if key == "envelope":
        holder[key] = damaged(holder[key].encode(), dice).decode(errors="replace")
    else:
        raw = damaged(base64.b64decode(holder[key]), dice)
        holder[key] = base64.b64encode(raw).decode()


@pytest.mark.parametrize("seed", range(150))
def test_damage_raises_signature_error_or_changes_nothing_signed(
    sigstore: LocalSigstore, seed: int
) -> None:
    dice = random.Random(seed)
    document = keyless_bundle(sigstore)
    raw = dump(document)
    if seed % 3:
        inner_damage(document, dice)
        raw = dump(document)
    else:
        raw = damaged(raw, dice)
    try:
        found = verify(raw, trust(sigstore))
    except SignatureError:
        return
    assert found.payload == PAYLOAD
    assert json.loads(found.payload)["predicateType"] == "https://cyclonedx.org/bom"
