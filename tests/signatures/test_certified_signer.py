"""A certified key signs, and a timestamp authority vouches for the time."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import ExtendedKeyUsageOID

from aibom.signatures import (
    KeyTrust,
    SignatureError,
    Signer,
    StampedSigner,
    certified,
    for_model_signature,
    is_as_wanted,
    payload_by,
    sign,
    verify,
)
from aibom.signatures.authority_trust import AuthorityTrust
from aibom.signatures.keys import load_private
from aibom.signatures.signer import KeySigner
from aibom.signatures.strictjson import dumps
from tests.signatures.examples import PUBLIC, code_of
from tests.signatures.key_services import serving_bytes
from tests.signatures.test_authority_trust import ISSUING, KEY, ROOT, SIGNER, leaf, pem

if TYPE_CHECKING:
    from tests.local_sigstore import LocalSigstore

PRIVATE_PEM = KEY.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
SIGNS = KeySigner(load_private(PRIVATE_PEM))
LEAF, BETWEEN, ANCHOR = leaf(), ISSUING.certificate, ROOT.certificate


def stamper(sigstore: LocalSigstore) -> bytes:
    stamps = sigstore.timestamps
    return pem(stamps.certificate, stamps.root.certificate)


def url(sigstore: LocalSigstore) -> str:
    return f"{sigstore.url}/api/v1/timestamp"


def material(raw: bytes) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(raw)["verificationMaterial"]
    return found


def test_carries_the_certificate_alone() -> None:
    raw = sign(b"payload", certified(SIGNS, pem(LEAF)))
    assert set(material(raw)) == {"certificate", "tlogEntries"}
    trust = AuthorityTrust.from_pem(pem(BETWEEN, ANCHOR), SIGNER)
    assert verify(raw, trust).payload == b"payload"


def test_carries_the_certificates_between_if_they_are_given() -> None:
    raw = sign(b"payload", certified(SIGNS, pem(LEAF, BETWEEN)))
    assert len(material(raw)["x509CertificateChain"]["certificates"]) == 2
    assert verify(raw, AuthorityTrust.from_pem(pem(ANCHOR), SIGNER)).payload == b"payload"


def test_a_model_signature_has_a_chain_of_one_too(sigstore: LocalSigstore) -> None:
    signer = StampedSigner(certified(SIGNS, pem(LEAF)), url(sigstore))
    raw = sign(b"payload", for_model_signature(signer))
    assert set(material(raw)) == {
        "tlogEntries",
        "x509CertificateChain",
        "timestampVerificationData",
    }
    assert for_model_signature(SIGNS) is SIGNS


def test_a_timestamp_outlives_the_certificate(sigstore: LocalSigstore) -> None:
    signer = StampedSigner(certified(SIGNS, pem(LEAF, BETWEEN)), url(sigstore))
    assert signer.warnings == ()
    raw = sign(b"payload", signer)
    later = datetime.now(UTC) + timedelta(days=400)
    trust = AuthorityTrust.from_pem(pem(ANCHOR), SIGNER, stamper(sigstore))
    believed = AuthorityTrust(roots=trust.roots, name=SIGNER, stampers=trust.stampers, now=later)
    (time,) = verify(raw, believed).times
    assert abs(time - datetime.now(UTC)) < timedelta(minutes=5)
    unstamped = AuthorityTrust(roots=trust.roots, name=SIGNER, now=later)
    assert code_of(lambda: verify(raw, unstamped)) == "signing-time"


class TestKeyWithTime:
    def test_a_bare_key_may_have_its_time_vouched_for(self, sigstore: LocalSigstore) -> None:
        raw = sign(b"payload", StampedSigner(SIGNS, url(sigstore)))
        public = SIGNS.public
        assert verify(raw, KeyTrust(public)).times == ()
        trust = KeyTrust(public, KeyTrust.from_pem(PUBLIC, stamper(sigstore)).stampers)
        assert len(verify(raw, trust).times) == 1

    def test_a_timestamp_of_another_authority_is_refused(self, sigstore: LocalSigstore) -> None:
        raw = sign(b"payload", StampedSigner(SIGNS, url(sigstore)))
        trust = KeyTrust(SIGNS.public, KeyTrust.from_pem(PUBLIC, pem(ANCHOR)).stampers)
        assert code_of(lambda: verify(raw, trust)) == "timestamp"


UNFIT: dict[str, tuple[bytes, str]] = {
    "that is none": (PUBLIC, "key-certificate"),
    "for another key": (
        pem(ISSUING.certificate),
        "certificate-use",
    ),
    "for servers": (pem(leaf(use=ExtendedKeyUsageOID.SERVER_AUTH)), "certificate-use"),
    "that ran out": (pem(leaf(hours=0.5)), "signing-time"),
}


@pytest.mark.parametrize(("certificate", "code"), UNFIT.values(), ids=UNFIT)
def test_refuses_a_certificate(certificate: bytes, code: str) -> None:
    assert code_of(lambda: certified(SIGNS, certificate)) == code


def test_refuses_the_certificate_of_another_key() -> None:
    other = ec.generate_private_key(ec.SECP256R1())
    own = other.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    signer = KeySigner(load_private(own))
    assert code_of(lambda: certified(signer, pem(LEAF))) == "key-certificate"


def test_refuses_a_signer_without_a_lasting_key() -> None:
    class Passing:
        warnings = ()
        sign = SIGNS.sign

    assert code_of(lambda: certified(Passing(), pem(LEAF))) == "key-certificate"
    assert payload_by(StampedSigner(Passing(), ""), sign(b"x", SIGNS)) is None


def test_knows_whether_an_earlier_bundle_has_the_form_that_is_wanted(
    sigstore: LocalSigstore,
) -> None:
    alone, chain = certified(SIGNS, pem(LEAF)), certified(SIGNS, pem(LEAF, BETWEEN))
    stamped = StampedSigner(SIGNS, url(sigstore))
    signers: list[Signer] = [SIGNS, alone, chain, stamped]
    bundles = [sign(b"x", signer) for signer in signers]
    assert [[is_as_wanted(signer, raw) for raw in bundles] for signer in signers] == [
        [True, False, False, True],
        [False, True, False, False],
        [False, False, True, False],
        [False, False, False, True],
    ]
    assert payload_by(stamped, bundles[0]) == b"x"


def edited(raw: bytes, **changes: object) -> bytes:
    document = json.loads(raw)
    document["verificationMaterial"] |= changes
    return dumps(document)


def test_a_bundle_that_somebody_edited_is_not_as_wanted(sigstore: LocalSigstore) -> None:
    stamped = StampedSigner(SIGNS, url(sigstore))
    raw, other = sign(b"x", stamped), sign(b"x", stamped)
    assert is_as_wanted(stamped, edited(raw))
    stamps = "rfc3161Timestamps"
    (own,), (foreign,) = (
        material(each)["timestampVerificationData"][stamps] for each in (raw, other)
    )
    edits: tuple[dict[str, Any], ...] = (
        {"publicKey": {"hint": "another"}},
        {"tlogEntries": [{}]},
        {"timestampVerificationData": {stamps: [foreign]}},
        {"timestampVerificationData": {stamps: [{"signedTimestamp": "AAAA"}]}},
        {"timestampVerificationData": {stamps: [own, own]}},
    )
    for changes in edits:
        assert not is_as_wanted(stamped, edited(raw, **changes))
    assert not is_as_wanted(stamped, raw + b"\n")


NO_STAMP = {
    "no answer": (None, "signing-service"),
    "no timestamp": (b"hello", "signing-service"),
    "too much": (bytes((64 << 10) + 1), "signing-service"),
}


@pytest.mark.parametrize(("answer", "code"), NO_STAMP.values(), ids=NO_STAMP)
def test_says_that_it_got(answer: bytes | None, code: str) -> None:
    with serving_bytes(answer or b"") as address:
        where = address if answer else "http://127.0.0.1:1"
        assert code_of(lambda: sign(b"x", StampedSigner(SIGNS, where))) == code


def test_says_that_it_got_a_timestamp_of_something_else(sigstore: LocalSigstore) -> None:
    """One that was asked for earlier, over another signature."""
    from aibom.signatures.timestamps import request_timestamp  # noqa: PLC0415

    earlier = request_timestamp(url(sigstore), b"other")
    with serving_bytes(earlier) as address:
        assert code_of(lambda: sign(b"x", StampedSigner(SIGNS, address))) == "signing-service"


@pytest.mark.parametrize(
    ("address", "code"),
    [
        ("file:///etc/passwd", "key-uri"),
        ("tsa.example", "key-uri"),
        ("http://a\nb", "signing-service"),
    ],
)
def test_asks_no_timestamp_at(address: str, code: str) -> None:
    assert code_of(lambda: sign(b"x", StampedSigner(SIGNS, address))) == code


@pytest.mark.parametrize("address", ["https://me:secret@tsa.example/", "me:secret@tsa.example"])
def test_a_secret_in_an_address_is_neither_sent_nor_shown(address: str) -> None:
    with pytest.raises(SignatureError, match="holds a user name or a password") as caught:
        sign(b"x", StampedSigner(SIGNS, address))
    assert (caught.value.code, "secret" in str(caught.value)) == ("key-uri", False)
