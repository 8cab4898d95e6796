"""Whom a trust root names, and when, decides; where other clients are more lenient, it is said."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec

from aibom.signatures import verify
from aibom.signatures.keyless import KeylessTrust
from tests.local_sigstore import LocalSigstore
from tests.signatures.examples import Document, dump
from tests.signatures.keyless_examples import (
    PAYLOAD,
    RELEASE,
    WORKFLOW,
    client,
    keyless_bundle,
    material,
    refusal,
    signatures,
    sigstore_python_accepts,
    stamps,
    trust,
    trust_root,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

VERSIONS = pytest.mark.parametrize("rekor", [1, 2], ids=["Rekor v1", "Rekor v2"])


@pytest.fixture(scope="module")
def stranger() -> Iterator[LocalSigstore]:
    """Another instance, which nobody trusts."""
    with LocalSigstore() as other:
        yield other


ROOTS = {  # 57
    "tlogs": "log-entry",
    "ctlogs": "certificate-log",
    "certificateAuthorities": "certificate-chain",
    "timestampAuthorities": "timestamp",
}


@VERSIONS
@pytest.mark.parametrize(("part", "code"), ROOTS.items(), ids=ROOTS)
def test_refuses_if_the_root_knows_only_a_strangers(
    sigstore: LocalSigstore, stranger: LocalSigstore, rekor: int, part: str, code: str
) -> None:
    root = {**sigstore.trusted_root(), part: stranger.trusted_root()[part]}
    document = keyless_bundle(sigstore, rekor)
    assert refusal(document, KeylessTrust(RELEASE, trust_root(root))) == code
    assert not (rekor == 2 and sigstore_python_accepts(document, root))


ENDED: dict[str, tuple[Callable[[Document], Document], str]] = {
    "authority": (lambda it: it["certificateAuthorities"][0], "certificate-chain"),
    "log": (lambda it: it["tlogs"][0]["publicKey"], "log-entry"),
    "timestamp authority": (lambda it: it["timestampAuthorities"][0], "timestamp"),
}


@pytest.mark.parametrize(("at", "code"), ENDED.values(), ids=ENDED)
def test_refuses_what_was_signed_after_the_end_of_the(
    sigstore: LocalSigstore, at: Callable[[Document], Document], code: str
) -> None:
    root = sigstore.trusted_root()
    at(root)["validFor"]["end"] = "2020-01-01T00:00:00Z"
    document = keyless_bundle(sigstore)
    assert refusal(document, KeylessTrust(RELEASE, trust_root(root))) == code
    assert sigstore_python_accepts(document, root)  # more lenient


def test_takes_a_log_without_a_time_for_one_in_use(sigstore: LocalSigstore) -> None:
    root = sigstore.trusted_root()
    del root["tlogs"][0]["publicKey"]["validFor"]
    believed = KeylessTrust(RELEASE, trust_root(root))
    assert verify(dump(keyless_bundle(sigstore)), believed).payload == PAYLOAD


def test_refuses_a_timestamp_by_nobody_even_beside_a_promise(
    sigstore: LocalSigstore, stranger: LocalSigstore
) -> None:
    document = keyless_bundle(sigstore)
    stamp = client(stranger).stamp(base64.b64decode(signatures(document)[0]["sig"]))
    stamps(document)[0]["signedTimestamp"] = base64.b64encode(stamp).decode()
    assert refusal(document, trust(sigstore)) == "timestamp"
    assert sigstore_python_accepts(document, sigstore.trusted_root())  # more lenient


@VERSIONS
def test_refuses_all_of_a_stranger(
    sigstore: LocalSigstore, stranger: LocalSigstore, rekor: int
) -> None:
    document = keyless_bundle(stranger, rekor)
    assert refusal(document, trust(sigstore)) == "timestamp"
    stamps(document).clear()
    assert refusal(document, trust(sigstore)) in {"certificate-chain", "signing-time"}


def test_refuses_a_certificate_for_two_signers(
    sigstore: LocalSigstore, monkeypatch: pytest.MonkeyPatch
) -> None:
    both = x509.SubjectAlternativeName(
        [x509.UniformResourceIdentifier(WORKFLOW), x509.RFC822Name("eve@example.com")]
    )

    def name_both(_: object) -> x509.SubjectAlternativeName:
        return both

    monkeypatch.setattr(x509, "SubjectAlternativeName", name_both)
    document = keyless_bundle(sigstore)
    monkeypatch.undo()
    assert refusal(document, trust(sigstore)) == "identity"
    assert sigstore_python_accepts(document, sigstore.trusted_root())  # more lenient


@VERSIONS
def test_finds_the_authority_among_others(
    sigstore: LocalSigstore, stranger: LocalSigstore, rekor: int
) -> None:
    root, other = sigstore.trusted_root(), stranger.trusted_root()
    for part in ("certificateAuthorities", "timestampAuthorities", "tlogs", "ctlogs"):
        root[part] = [*other[part], *root[part]]
    found = verify(dump(keyless_bundle(sigstore, rekor)), KeylessTrust(RELEASE, trust_root(root)))
    assert dict(found.details)["log entry"].endswith(f" of {sigstore.url}")


def test_refuses_a_log_of_another_name_with_a_key_that_is_known(sigstore: LocalSigstore) -> None:
    document = keyless_bundle(sigstore, 2)
    log = material(document)["tlogEntries"][0]["logId"]
    raw = bytearray(base64.b64decode(log["keyId"]))
    raw[-1] ^= 1  # the first four bytes stand in the checkpoint, too
    log["keyId"] = base64.b64encode(bytes(raw)).decode()
    assert refusal(document, trust(sigstore)) == "log-entry"
    assert sigstore_python_accepts(document, sigstore.trusted_root())  # more lenient


def test_refuses_a_signature_on_p384_over_a_sha256(sigstore: LocalSigstore) -> None:
    document = keyless_bundle(sigstore, key=ec.generate_private_key(ec.SECP384R1()))
    assert refusal(document, trust(sigstore)) == "signature"
    assert sigstore_python_accepts(document, sigstore.trusted_root())  # more lenient
