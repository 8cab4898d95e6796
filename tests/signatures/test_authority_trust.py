"""Signed with a certificate of one's own authority; time comes from a timestamp, or is now."""

from __future__ import annotations

import base64
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import ExtendedKeyUsageOID

from aibom.signatures import SignatureError, verify
from aibom.signatures.authority_trust import AuthorityTrust
from tests.local_sigstore.authority import DAY, Authority, authority, certify, key_usage, name
from tests.local_sigstore.client import MEDIA_TYPE, PAYLOAD_TYPE, Client, pae
from tests.signatures.examples import Document, bundle, code_of, dump
from tests.signatures.keyless_examples import PAYLOAD

if TYPE_CHECKING:
    from tests.local_sigstore import LocalSigstore

SIGNER = "release@example.com"
ROOT = authority("company root")
ISSUING = authority("company issuing", ROOT, path_length=0)
KEY = ec.generate_private_key(ec.SECP256R1())
STARTS = datetime.now(UTC).replace(microsecond=0) - timedelta(hours=1)


def pem(*certificates: x509.Certificate) -> bytes:
    return b"".join(each.public_bytes(Encoding.PEM) for each in certificates)


def base64_der(certificate: x509.Certificate) -> dict[str, str]:
    return {"rawBytes": base64.b64encode(certificate.public_bytes(Encoding.DER)).decode()}


def leaf(
    issuer: Authority = ISSUING,
    *,
    hours: float = 24,
    use: x509.ObjectIdentifier = ExtendedKeyUsageOID.CODE_SIGNING,
    more: x509.GeneralName | None = None,
) -> x509.Certificate:
    return (
        certify(
            name("release"),
            KEY.public_key(),
            issuer,
            issuer.key,
            starts=STARTS,
            ends=STARTS + timedelta(hours=hours),
        )
        .add_extension(key_usage(signs=True, certifies=False), critical=True)
        .add_extension(x509.ExtendedKeyUsage([use]), critical=False)
        .add_extension(
            x509.SubjectAlternativeName(
                [
                    x509.RFC822Name(SIGNER),
                    x509.DNSName("build.example.com"),
                    *([more] if more else []),
                ]
            ),
            critical=False,
        )
        .sign(issuer.key, hashes.SHA384())
    )


def signed(*chain: x509.Certificate, key: Any = KEY, payload: bytes = PAYLOAD) -> Document:  # noqa: ANN401 - a key
    signature = key.sign(pae(payload), ec.ECDSA(hashes.SHA256()))
    return {
        "mediaType": MEDIA_TYPE,
        "verificationMaterial": {
            "x509CertificateChain": {"certificates": [base64_der(each) for each in chain]},
        },
        "dsseEnvelope": {
            "payload": base64.b64encode(payload).decode(),
            "payloadType": PAYLOAD_TYPE,
            "signatures": [{"sig": base64.b64encode(signature).decode()}],
        },
    }


def signature_of(document: Document) -> bytes:
    return base64.b64decode(document["dsseEnvelope"]["signatures"][0]["sig"])


def put_stamp(document: Document, stamp: bytes) -> None:
    document["verificationMaterial"]["timestampVerificationData"] = {
        "rfc3161Timestamps": [{"signedTimestamp": base64.b64encode(stamp).decode()}]
    }


def stamped(sigstore: LocalSigstore, *chain: x509.Certificate, hours: float = 0) -> Document:
    document = signed(*chain)
    with sigstore.clock.moved(minutes=60 * hours):
        stamp = Client(sigstore=sigstore).stamp(signature_of(document))
    put_stamp(document, stamp)
    return document


def hours_to_middle() -> float:
    """Return how far it is from now to the middle of the half hour in which a short leaf holds."""
    return (STARTS + timedelta(minutes=15) - datetime.now(UTC)) / timedelta(hours=1)


def trust(sigstore: LocalSigstore | None = None, **changes: Any) -> AuthorityTrust:  # noqa: ANN401 - of its fields
    stamps = sigstore.timestamps if sigstore else None
    chain = pem(stamps.certificate, stamps.root.certificate) if stamps else None
    return replace(AuthorityTrust.from_pem(pem(ROOT.certificate), SIGNER, chain), **changes)


def test_believes_the_certified_name() -> None:
    found = verify(dump(signed(leaf(), ISSUING.certificate)), trust())
    assert (found.payload, found.by, found.times) == (
        PAYLOAD,
        f"{SIGNER} (certified by your authority)",
        (),
    )
    assert trust().warnings == ()


@pytest.mark.parametrize("wanted", ["https://example.com/a", "alice!example.com"])
def test_believes_no_name_that_is_certified_as_another_type(wanted: str) -> None:
    document = signed(leaf(more=x509.DNSName(wanted)), ISSUING.certificate)
    with pytest.raises(SignatureError) as caught:
        verify(dump(document), trust(name=wanted))
    assert caught.value.code == "identity"
    assert f"{wanted!r} (a host), expected {wanted!r} (" in str(caught.value)


def test_believes_any_one_of_the_certified_names() -> None:
    believed = trust(name="build.example.com")
    assert verify(dump(signed(leaf(), ISSUING.certificate)), believed).payload == PAYLOAD


def test_a_certificate_alone_needs_its_issuer_among_the_roots() -> None:
    document = signed(leaf())
    assert code_of(lambda: verify(dump(document), trust())) == "certificate-chain"
    believed = trust(roots=(ISSUING.certificate,))
    assert verify(dump(document), believed).payload == PAYLOAD


def test_a_timestamp_keeps_a_certificate_that_ran_out(sigstore: LocalSigstore) -> None:
    short = leaf(hours=0.5)  # 63: it ran out half an hour ago
    document = stamped(sigstore, short, ISSUING.certificate, hours=hours_to_middle())
    (time,) = verify(dump(document), trust(sigstore)).times
    assert STARTS < time < STARTS + timedelta(hours=0.5)
    without = signed(short, ISSUING.certificate)
    assert code_of(lambda: verify(dump(without), trust(sigstore))) == "signing-time"
    assert code_of(lambda: verify(dump(document), trust())) == "signing-time"
    late = stamped(sigstore, short, ISSUING.certificate)
    assert code_of(lambda: verify(dump(late), trust(sigstore))) == "signing-time"


def test_the_stampers_certificate_may_come_with_the_stamp(sigstore: LocalSigstore) -> None:
    root_alone = pem(sigstore.timestamps.root.certificate)
    believed = AuthorityTrust.from_pem(pem(ROOT.certificate), SIGNER, root_alone)
    document = stamped(sigstore, leaf(), ISSUING.certificate)
    assert len(verify(dump(document), believed).times) == 1


def test_a_stampers_certificate_alone_is_no_authority(sigstore: LocalSigstore) -> None:
    alone = pem(sigstore.timestamps.certificate)
    believed = AuthorityTrust.from_pem(pem(ROOT.certificate), SIGNER, alone)
    document = stamped(sigstore, leaf(), ISSUING.certificate)
    assert code_of(lambda: verify(dump(document), believed)) == "timestamp"


def test_now_is_the_time_that_counts_without_a_timestamp() -> None:
    document = signed(leaf(), ISSUING.certificate)
    early, late = trust(now=STARTS - DAY), trust(now=STARTS + 2 * DAY)
    assert code_of(lambda: verify(dump(document), early)) == "signing-time"
    assert code_of(lambda: verify(dump(document), late)) == "signing-time"


REFUSED: dict[str, tuple[Document, str]] = {
    "another authority": (
        signed(leaf(other := authority("another")), other.certificate),
        "certificate-chain",
    ),
    "an authority of one's own": (
        signed(leaf(other), other.certificate, ROOT.certificate),
        "certificate-chain",
    ),
    "a certificate for TLS": (
        signed(leaf(use=ExtendedKeyUsageOID.SERVER_AUTH), ISSUING.certificate),
        "certificate-use",
    ),
    "the authority itself": (
        signed(ISSUING.certificate, ROOT.certificate, key=ISSUING.key),
        "certificate-use",
    ),
    "another key": (
        signed(leaf(), ISSUING.certificate, key=ec.generate_private_key(ec.SECP256R1())),
        "signature",
    ),
    "a key without certificate": (bundle(), "wrong-material"),
}


@pytest.mark.parametrize(("document", "code"), REFUSED.values(), ids=REFUSED)
def test_refuses(document: Document, code: str) -> None:
    assert code_of(lambda: verify(dump(document), trust())) == code


def test_refuses_a_chain_that_cannot_be_read() -> None:
    document = signed(leaf(), ISSUING.certificate)
    chain = document["verificationMaterial"]["x509CertificateChain"]["certificates"]
    chain[1] = {"rawBytes": "AAAA"}
    assert code_of(lambda: verify(dump(document), trust())) == "certificate-chain"


@pytest.mark.parametrize("wanted", ["release@example.co", "RELEASE@example.com", ".*", "release"])
def test_refuses_the_name(wanted: str) -> None:
    document = signed(leaf(), ISSUING.certificate)
    assert code_of(lambda: verify(dump(document), trust(name=wanted))) == "identity"


def test_a_name_must_be_demanded() -> None:
    assert code_of(lambda: AuthorityTrust.from_pem(b"", "")) == "identity-demand"


def issuing_for(*uses: x509.ObjectIdentifier) -> Authority:
    """Return an authority below the root that says for what it certifies."""
    key = ec.generate_private_key(ec.SECP384R1())
    made = certify(
        name("limited"), key.public_key(), ROOT, ROOT.key, starts=STARTS, ends=STARTS + DAY
    )
    for extension, critical in (
        (x509.BasicConstraints(ca=True, path_length=0), True),
        (key_usage(signs=False, certifies=True), True),
        (x509.ExtendedKeyUsage(uses), False),
    ):
        made = made.add_extension(extension, critical=critical)
    return Authority(key, made.sign(ROOT.key, hashes.SHA384()))


def test_an_authority_for_tls_does_not_certify_signers() -> None:
    tls = issuing_for(ExtendedKeyUsageOID.SERVER_AUTH)
    document = signed(leaf(tls), tls.certificate)
    assert code_of(lambda: verify(dump(document), trust())) == "certificate-chain"
    both = issuing_for(ExtendedKeyUsageOID.SERVER_AUTH, ExtendedKeyUsageOID.CODE_SIGNING)
    assert verify(dump(signed(leaf(both), both.certificate)), trust()).payload == PAYLOAD


def test_refuses_a_certificate_between_of_a_version_to_come() -> None:
    document = signed(leaf(), ISSUING.certificate)
    (_, between) = document["verificationMaterial"]["x509CertificateChain"]["certificates"]
    raw = base64.b64decode(between["rawBytes"])
    at = raw.index(b"\xa0\x03\x02\x01\x02") + 4  # version 3 is written as 2
    between["rawBytes"] = base64.b64encode(raw[:at] + b"\x04" + raw[at + 1 :]).decode()
    assert code_of(lambda: verify(dump(document), trust())) == "certificate-chain"
