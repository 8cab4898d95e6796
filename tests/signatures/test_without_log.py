"""Instances without a log, as GitHub's for private repositories: only if the operator says so."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING, Any

import pytest

from aibom.signatures import verify
from aibom.signatures.identity import Identity
from aibom.signatures.keyless import NO_LOG, KeylessTrust
from aibom.signatures.trust_root import TrustRoot
from tests.local_sigstore import GITHUB_ISSUER, LocalSigstore
from tests.signatures.examples import Document, code_of, dump
from tests.signatures.keyless_examples import (
    PAYLOAD,
    RELEASE,
    WORKFLOW,
    client,
    material,
    refusal,
    signatures,
    stamps,
    trust,
    trust_root,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


@pytest.fixture(scope="module")
def stranger() -> Iterator[LocalSigstore]:
    """Another instance, which nobody trusts."""
    with LocalSigstore() as other:
        yield other


def signed(sigstore: LocalSigstore, **changes: Any) -> Document:  # noqa: ANN401 - of the client
    with sigstore.fulcio.issuing(is_logged=False):
        return client(sigstore, 0, **changes).sign(PAYLOAD)


def root(sigstore: LocalSigstore, **parts: object) -> TrustRoot:
    document = {**sigstore.trusted_root(with_logs=False), **parts}
    return TrustRoot.from_json(dump(document), "the root", without_log=True)


def believed(sigstore: LocalSigstore, identity: Identity = RELEASE) -> KeylessTrust:
    return KeylessTrust(identity, root(sigstore), without_log=True)


def test_believes_a_stamped_signature_without_an_entry(sigstore: LocalSigstore) -> None:
    found = verify(dump(signed(sigstore)), believed(sigstore))
    assert (found.payload, found.by) == (PAYLOAD, f"{WORKFLOW} (says {GITHUB_ISSUER})")
    assert len(found.times) == 1
    assert found.since is not None
    assert found.since <= found.times[0]
    assert dict(found.details)["log entry"] == NO_LOG


def test_nobody_believes_it_who_did_not_say_so(sigstore: LocalSigstore) -> None:
    open_root = trust_root(sigstore.trusted_root(with_logs=False))
    assert refusal(signed(sigstore), KeylessTrust(RELEASE, open_root)) == "log-entry-count"
    assert refusal(signed(sigstore), trust(sigstore)) == "log-entry-count"


@pytest.mark.parametrize("part", ["tlogs", "ctlogs"])
def test_a_root_that_knows_a_log_has_it_asked(sigstore: LocalSigstore, part: str) -> None:
    parts = {part: sigstore.trusted_root()[part]}
    assert code_of(lambda: root(sigstore, **parts)) == "trust-root"
    logged = trust_root({**sigstore.trusted_root(with_logs=False), **parts})
    assert refusal(signed(sigstore), KeylessTrust(RELEASE, logged, without_log=True)) == (
        "trust-root"
    )
    assert refusal(signed(sigstore), KeylessTrust(RELEASE, logged)) == "log-entry-count"


def other_stamp(document: Document, sigstore: LocalSigstore, stranger: LocalSigstore) -> None:
    del sigstore
    stamp = client(stranger).stamp(base64.b64decode(signatures(document)[0]["sig"]))
    stamps(document)[0]["signedTimestamp"] = base64.b64encode(stamp).decode()


def entry_of_a_log(document: Document, sigstore: LocalSigstore, _: LocalSigstore) -> None:
    material(document)["tlogEntries"] = material(client(sigstore).sign(PAYLOAD))["tlogEntries"]


ATTACKS: dict[str, tuple[Callable[[Document, LocalSigstore, LocalSigstore], object], str]] = {
    "no timestamp": (lambda it, _, __: stamps(it).clear(), "signing-time"),
    "no place for timestamps": (
        lambda it, _, __: material(it).pop("timestampVerificationData"),
        "signing-time",
    ),
    "a timestamp by nobody": (other_stamp, "timestamp"),
    "a timestamp of another signature": (
        lambda it, sigstore, _: material(it).update(
            timestampVerificationData=material(signed(sigstore))["timestampVerificationData"]
        ),
        "timestamp",
    ),
    "a certificate of another signature": (
        lambda it, sigstore, _: material(it).update(
            certificate=material(signed(sigstore))["certificate"]
        ),
        "signature",
    ),
    "an entry of a log": (entry_of_a_log, "log-entry-count"),
    "another payload": (
        lambda it, _, __: it["dsseEnvelope"].update(payload=base64.b64encode(b"{}").decode()),
        "signature",
    ),
}


@pytest.mark.parametrize(("attack", "code"), ATTACKS.values(), ids=ATTACKS)
def test_refuses(
    sigstore: LocalSigstore,
    stranger: LocalSigstore,
    attack: Callable[[Document, LocalSigstore, LocalSigstore], object],
    code: str,
) -> None:
    document = signed(sigstore)
    attack(document, sigstore, stranger)
    assert refusal(document, believed(sigstore)) == code


def test_refuses_what_was_signed_after_the_certificate_ended(sigstore: LocalSigstore) -> None:
    assert refusal(signed(sigstore, late=20), believed(sigstore)) == "signing-time"


def test_refuses_a_strangers_certificate(sigstore: LocalSigstore, stranger: LocalSigstore) -> None:
    stamped = stranger.trusted_root()["timestampAuthorities"]
    both = [*sigstore.trusted_root()["timestampAuthorities"], *stamped]
    mixed = KeylessTrust(RELEASE, root(sigstore, timestampAuthorities=both), without_log=True)
    assert refusal(signed(stranger), mixed) == "certificate-chain"


@pytest.mark.parametrize(
    ("start", "end"),
    [("2020-01-01T00:00:00Z", "2020-01-02T00:00:00Z"), ("2999-01-01T00:00:00Z", None)],
    ids=["no longer", "not yet"],
)
def test_refuses_an_authority_that_was_not_in_use(
    sigstore: LocalSigstore, start: str, end: str | None
) -> None:
    (authority,) = sigstore.trusted_root()["certificateAuthorities"]
    authority["validFor"] = {"start": start, **({"end": end} if end else {})}
    ended = KeylessTrust(
        RELEASE, root(sigstore, certificateAuthorities=[authority]), without_log=True
    )
    assert refusal(signed(sigstore), ended) == "certificate-chain"


@pytest.mark.parametrize("certificates", [[], [{"rawBytes": "AAAA"}]], ids=["none", "junk"])
def test_an_authority_without_a_certificate_certifies_nobody(
    sigstore: LocalSigstore, certificates: list[object]
) -> None:
    (authority,) = sigstore.trusted_root()["certificateAuthorities"]
    empty = {**authority, "certChain": {"certificates": certificates}}
    alone, beside = (
        KeylessTrust(RELEASE, root(sigstore, certificateAuthorities=each), without_log=True)
        for each in ([empty], [empty, authority])
    )
    assert refusal(signed(sigstore), alone) == "certificate-chain"
    assert verify(dump(signed(sigstore)), beside).payload == PAYLOAD


OTHERS: dict[str, tuple[Identity, str]] = {
    "another name": (Identity.of(name="x", issuer=GITHUB_ISSUER), "identity"),
    "another issuer": (Identity.of(name=WORKFLOW, issuer="https://x"), "issuer"),
}


@pytest.mark.parametrize(("identity", "code"), OTHERS.values(), ids=OTHERS)
def test_refuses_by(sigstore: LocalSigstore, identity: Identity, code: str) -> None:
    assert refusal(signed(sigstore), believed(sigstore, identity)) == code


class TestSeveralRootsInOneFile:
    def read(self, *roots: Document, without_log: bool = False) -> TrustRoot:
        raw = b"\n".join(map(dump, roots)) + b"\n"
        return TrustRoot.from_json(raw, "roots.jsonl", without_log=without_log)

    def test_the_one_with_logs_is_believed_or_the_one_without(
        self, sigstore: LocalSigstore, stranger: LocalSigstore
    ) -> None:
        both = stranger.trusted_root(), sigstore.trusted_root(with_logs=False)
        quiet = KeylessTrust(RELEASE, self.read(*both, without_log=True), without_log=True)
        loud = KeylessTrust(RELEASE, self.read(*both))
        assert verify(dump(signed(sigstore)), quiet).payload == PAYLOAD
        assert verify(dump(client(stranger).sign(PAYLOAD)), loud).payload == PAYLOAD
        assert refusal(client(sigstore).sign(PAYLOAD), loud) == "timestamp"
        assert refusal(signed(stranger), quiet) == "timestamp"

    def test_two_of_a_kind_are_refused(
        self, sigstore: LocalSigstore, stranger: LocalSigstore
    ) -> None:
        loud = sigstore.trusted_root(), stranger.trusted_root()
        quiet = [each.trusted_root(with_logs=False) for each in (sigstore, stranger)]
        assert code_of(lambda: self.read(*loud)) == "trust-root"
        assert code_of(lambda: self.read(*quiet, without_log=True)) == "trust-root"
        assert code_of(lambda: self.read(*loud, without_log=True)) == "trust-root"
        assert code_of(lambda: self.read(*quiet)) == "trust-root"

    def test_all_must_be_roots_and_few(self, sigstore: LocalSigstore) -> None:
        assert code_of(lambda: self.read(sigstore.trusted_root(), {})) == "trust-root"
        assert code_of(lambda: self.read(*[sigstore.trusted_root()] * 17)) == "trust-root"
