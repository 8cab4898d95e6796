"""Bundles that others made with the real Sigstore, and damaged; see their README."""

from __future__ import annotations

import json

import pytest

from aibom.signatures import verify
from aibom.signatures.identity import GITHUB_ISSUER, Identity
from aibom.signatures.keyless import KeylessTrust
from aibom.signatures.trust_root import TrustRoot
from tests.helpers.checkout import ROOT
from tests.signatures.examples import code_of

DATA = ROOT / "tests" / "data" / "sigstore_conformance"
REPOSITORY = "https://github.com/sigstore-conformance/extremely-dangerous-public-oidc-beacon"
BEACON = f"{REPOSITORY}/.github/workflows/extremely-dangerous-oidc-beacon.yml@refs/heads/main"
IDENTITY = Identity.of(name=BEACON, issuer=GITHUB_ISSUER)


def bundle(name: str) -> bytes:
    return (DATA / f"{name}.json").read_bytes()


def trust(name: str, identity: Identity = IDENTITY) -> KeylessTrust:
    """Trust the public instance by the root that the package brings, staging by that of then."""
    if not name.startswith("rekor2-"):
        return KeylessTrust(identity, TrustRoot.embedded())
    raw = (DATA / "staging_trusted_root.json").read_bytes()
    return KeylessTrust(identity, TrustRoot.from_json(raw, "staging"))


GOOD = {
    "happy-path-intoto-in-dsse-v3": ("2024-12-16", "155690850 of https://rekor.sigstore.dev"),
    "rekor2-dsse-happy-path": (
        "2026-05-13",
        "4026478 of https://log2025-alpha3.rekor.sigstage.dev",
    ),
}


@pytest.mark.parametrize(("name", "told"), GOOD.items(), ids=GOOD)
def test_believes(name: str, told: tuple[str, str]) -> None:
    found = verify(bundle(name), trust(name))
    (time,) = found.times
    assert (f"{time:%Y-%m-%d}", dict(found.details)["log entry"]) == told
    assert json.loads(found.payload)["_type"] == "https://in-toto.io/Statement/v1"
    assert found.by == f"{BEACON} (says {GITHUB_ISSUER})"


BAD = {
    "dsse-invalid-sig_fail": "signature",
    "dsse-mismatch-envelope_fail": "log-entry",
    "dsse-mismatch-sig_fail": "log-entry",
    "rekor2-dsse-invalid-sig_fail": "signature",
    "rekor2-dsse-mismatch-envelope_fail": "log-entry",
    "rekor2-dsse-mismatch-sig_fail": "log-entry",
}


@pytest.mark.parametrize(("name", "code"), BAD.items(), ids=BAD)
def test_refuses(name: str, code: str) -> None:
    assert code_of(lambda: verify(bundle(name), trust(name))) == code


@pytest.mark.parametrize("name", GOOD)
def test_refuses_somebody_else(name: str) -> None:
    other = Identity.of(name=BEACON.replace("main", "mail"), issuer=GITHUB_ISSUER)
    assert code_of(lambda: verify(bundle(name), trust(name, other))) == "identity"


def test_the_staging_twin_is_not_the_public_instance() -> None:
    raw = bundle("rekor2-dsse-happy-path")
    assert code_of(lambda: verify(raw, KeylessTrust(IDENTITY, TrustRoot.embedded()))) == "timestamp"
