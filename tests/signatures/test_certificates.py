"""Certificates of signers are read strictly, and only those for signing."""

from __future__ import annotations

import base64
import random
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed448, rsa
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import ExtendedKeyUsageOID

from aibom.signatures import SignatureError
from aibom.signatures.certificates import NameType, SignerName, read_leaf, read_pem
from tests.local_sigstore import der
from tests.local_sigstore.authority import key_usage
from tests.signatures.examples import code_of
from tests.signatures.test_bundle import damaged

if TYPE_CHECKING:
    from collections.abc import Sequence

NOW = datetime(2026, 1, 1, tzinfo=UTC)
KEY = ec.generate_private_key(ec.SECP256R1())
FULCIO = "1.3.6.1.4.1.57264.1."
SIGNING = (
    x509.ExtendedKeyUsage([ExtendedKeyUsageOID.CODE_SIGNING]),
    key_usage(signs=True, certifies=False),
)


def certificate(*extensions: x509.ExtensionType, public: Any = KEY.public_key()) -> bytes:  # noqa: ANN401, B008 - any key
    builder = (
        x509.CertificateBuilder()
        .subject_name(x509.Name([]))
        .issuer_name(x509.Name([]))
        .public_key(public)
        .serial_number(1)
        .not_valid_before(NOW)
        .not_valid_after(NOW + timedelta(minutes=10))
    )
    for extension in extensions:
        builder = builder.add_extension(extension, critical=False)
    return builder.sign(KEY, hashes.SHA256()).public_bytes(Encoding.DER)


def bare(oid: str, value: bytes) -> x509.UnrecognizedExtension:
    return x509.UnrecognizedExtension(x509.ObjectIdentifier(oid), value)


def named(*names: x509.GeneralName) -> x509.SubjectAlternativeName:
    return x509.SubjectAlternativeName(list(names))


def test_reads_every_kind_of_name() -> None:
    user = x509.OtherName(x509.ObjectIdentifier(FULCIO + "7"), der.text("alice"))
    leaf = read_leaf(
        certificate(
            *SIGNING,
            named(
                x509.RFC822Name("a@example.com"),
                x509.DNSName("example.com"),
                x509.UniformResourceIdentifier("https://example.com/a"),
                user,
            ),
        )
    )
    assert leaf.names == (
        SignerName(NameType.EMAIL, "a@example.com"),
        SignerName(NameType.HOST, "example.com"),
        SignerName(NameType.URI, "https://example.com/a"),
        SignerName(NameType.USER, "alice"),
    )
    assert (leaf.starts, leaf.ends, leaf.issuer) == (NOW, NOW + timedelta(minutes=10), None)


@pytest.mark.parametrize("size", [0, 1, 127, 128, 255, 256, 4000])
def test_reads_a_claim_of_length(size: int) -> None:
    leaf = read_leaf(certificate(*SIGNING, bare(FULCIO + "8", der.text("x" * size))))
    assert (leaf.names, leaf.claims, leaf.issuer) == ((), {"8": "x" * size}, "x" * size)


def test_prefers_the_newer_form_of_the_issuer() -> None:
    old = bare(FULCIO + "1", b"old")
    assert read_leaf(certificate(*SIGNING, old)).issuer == "old"
    both = certificate(*SIGNING, old, bare(FULCIO + "8", der.text("new")))
    assert read_leaf(both).issuer == "new"


UNREADABLE: dict[str, Sequence[x509.ExtensionType]] = {
    "a name of an unknown kind": [named(x509.RegisteredID(x509.ObjectIdentifier("1.2.3")))],
    "another program's name": [
        named(x509.OtherName(x509.ObjectIdentifier("1.2.3"), der.text("alice")))
    ],
    "a claim that is no text": [bare(FULCIO + "8", b"text")],
    "a claim with a long length": [bare(FULCIO + "8", b"\x0c\x81\x01x")],
    "a claim with bytes after it": [bare(FULCIO + "8", der.text("x") + b"x")],
    "a claim of nothing": [bare(FULCIO + "8", b"")],
    "a claim that is no UTF-8": [bare(FULCIO + "1", b"\xff")],
    "a broken extension": [bare("2.5.29.17", b"\x30\x05")],
}


@pytest.mark.parametrize("extensions", UNREADABLE.values(), ids=UNREADABLE)
def test_cannot_read_a_certificate_with(extensions: Sequence[x509.ExtensionType]) -> None:
    raw = certificate(*SIGNING, *extensions)
    assert code_of(lambda: read_leaf(raw)) == "certificate-malformed"


@pytest.mark.parametrize(
    "raw",
    [b"", b"0", certificate(*SIGNING) + b"x", bytes(65 << 10)],
    ids=["nothing", "a byte", "more behind it", "too much"],
)
def test_reads_no_certificate_in(raw: bytes) -> None:
    assert code_of(lambda: read_leaf(raw)) == "certificate-malformed"


def test_reads_no_certificate_of_a_version_to_come() -> None:
    raw = certificate(*SIGNING)
    at = raw.index(b"\xa0\x03\x02\x01\x02") + 4  # version 3 is written as 2
    later = raw[:at] + b"\x04" + raw[at + 1 :]
    assert code_of(lambda: read_leaf(later)) == "certificate-malformed"
    pem = (
        b"-----BEGIN CERTIFICATE-----\n"
        + base64.encodebytes(later)
        + b"-----END CERTIFICATE-----\n"
    )
    assert code_of(lambda: read_pem(pem, "authority")) == "trust-root"


@pytest.mark.parametrize("seed", range(200))
def test_damage_raises_signature_error_or_shows(seed: int) -> None:
    claims = (named(x509.RFC822Name("a@example.com")), bare(FULCIO + "8", der.text("https://a")))
    raw = damaged(certificate(*SIGNING, *claims), random.Random(seed))
    try:
        leaf = read_leaf(raw)
    except SignatureError:
        return
    assert all(isinstance(name, SignerName) for name in leaf.names)


KEYS: dict[str, Any] = {
    "RSA": rsa.generate_private_key(65537, 2048).public_key(),
    "P-521": ec.generate_private_key(ec.SECP521R1()).public_key(),
    "Ed448": ed448.Ed448PrivateKey.generate().public_key(),
}


@pytest.mark.parametrize("public", KEYS.values(), ids=KEYS)
def test_refuses_a_certified_key_of_the_kind(public: Any) -> None:  # noqa: ANN401 - any key
    raw = certificate(*SIGNING, public=public)
    assert code_of(lambda: read_leaf(raw)) == "certificate-use"


def test_refuses_a_certified_key_that_is_no_point() -> None:
    raw = certificate(*SIGNING)
    at = raw.index(b"\x03\x42\x00\x04") + 4
    broken = raw[:at] + bytes([raw[at] ^ 1]) + raw[at + 1 :]
    assert code_of(lambda: read_leaf(broken)) == "certificate-malformed"


USES: dict[str, Sequence[x509.ExtensionType]] = {
    "that says nothing": [],
    "without a use": SIGNING[1:],
    "without a key usage": SIGNING[:1],
}


@pytest.mark.parametrize("extensions", USES.values(), ids=USES)
def test_refuses_a_certificate(extensions: Sequence[x509.ExtensionType]) -> None:
    assert code_of(lambda: read_leaf(certificate(*extensions))) == "certificate-use"


def test_takes_a_certificate_that_says_that_it_is_no_authority() -> None:
    no = x509.BasicConstraints(ca=False, path_length=None)
    assert read_leaf(certificate(*SIGNING, no)).names == ()


PEMS = {
    "nothing": b"",
    "no certificate": b"-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n",
    "a broken one": b"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n",
    "too much": b"\n" * (2 << 20),
}


@pytest.mark.parametrize("pem", PEMS.values(), ids=PEMS)
def test_refuses_as_an_authority(pem: bytes) -> None:
    assert code_of(lambda: read_pem(pem, "authority")) == "trust-root"
