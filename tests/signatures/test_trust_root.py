"""Trust roots: read strictly, from the operator's file or from the package; their age is told."""

from __future__ import annotations

import base64
import sys
from datetime import UTC, datetime, timedelta
from importlib import resources
from typing import TYPE_CHECKING

import pytest

from aibom.signatures import SignatureError, verify
from aibom.signatures import trust_root as module
from aibom.signatures.identity import Identity
from aibom.signatures.keyless import KeylessTrust
from aibom.signatures.trust_root import TrustRoot
from tests.signatures.examples import Change, Document, code_of, dump
from tests.signatures.keyless_examples import RELEASE, keyless_bundle, trust, trust_root

if TYPE_CHECKING:
    from pathlib import Path

    from tests.local_sigstore import LocalSigstore


def test_takes_the_root_out_of_a_client_trust_config(sigstore: LocalSigstore) -> None:
    config, root = sigstore.trust_config(), sigstore.trusted_root()
    assert trust_root(config) == trust_root(root)


@pytest.mark.parametrize(
    ("staging", "name"),
    [(False, "sigstore.dev"), (True, "sigstage.dev")],
    ids=["public", "staging"],
)
def test_the_package_brings_the_root_of(staging: bool, name: str) -> None:
    root = TrustRoot.embedded(staging=staging)
    assert root.origin.startswith(f"{name}, as sigstore 4.")
    assert root.newest >= datetime(2025, 9, 23, tzinfo=UTC)
    assert root.told == f"{root.origin}; its newest key is of {root.newest:%Y-%m-%d}"


def test_a_bundle_of_ours_is_not_believed_by_the_public_root(sigstore: LocalSigstore) -> None:
    believed = KeylessTrust(RELEASE, TrustRoot.embedded())
    assert code_of(lambda: verify(dump(keyless_bundle(sigstore)), believed)) == "timestamp"


def test_tells_when_a_root_is_old(sigstore: LocalSigstore) -> None:
    root = trust_root(sigstore.trusted_root())  # 66
    assert root.warnings() == root.warnings(root.newest + timedelta(days=730)) == ()
    assert root.warnings(root.newest + timedelta(days=731)) == (
        (
            "the newest key in the trust root (the tests' root) is 731 days old: if keys were "
            "withdrawn since, it does not know; look for a newer one"
        ),
    )
    assert trust(sigstore).warnings == ()


def key_of(log: Document) -> Document:
    found: Document = log["publicKey"]
    return found


def break_subject(certificate: Document) -> None:
    raw = base64.b64decode(certificate["rawBytes"])
    at = raw.rindex(b"\x06\x03\x55\x04\x03")  # the last name is the subject's
    raw = raw[: at + 5] + b"\x93" + raw[at + 6 :]  # where a text should begin
    certificate["rawBytes"] = base64.b64encode(raw).decode()


BROKEN: dict[str, Change] = {
    "no media type": lambda it: it.pop("mediaType"),
    "a media type of tomorrow": lambda it: it.update(mediaType="x"),
    "no authorities": lambda it: it.pop("certificateAuthorities"),
    "an unknown member": lambda it: it.update(extra=1),
    "a certificate that is none": lambda it: it["timestampAuthorities"][0]["certChain"].update(
        certificates=[{"rawBytes": "AAAA"}]
    ),
    "a certificate whose subject is broken": lambda it: break_subject(
        it["timestampAuthorities"][0]["certChain"]["certificates"][0]
    ),
    "no key at all": lambda it: it.update(
        tlogs=[], ctlogs=[], certificateAuthorities=[], timestampAuthorities=[]
    ),
    "a time without its zone": lambda it: it["timestampAuthorities"][0]["validFor"].update(
        start="2020-01-01T00:00:00"
    ),
    "an end without its zone": lambda it: key_of(it["tlogs"][0])["validFor"].update(
        end="2020-01-01T00:00:00"
    ),
}


@pytest.mark.parametrize("change", BROKEN.values(), ids=BROKEN)
def test_refuses_a_root_with(sigstore: LocalSigstore, change: Change) -> None:
    root = sigstore.trusted_root()
    change(root)
    assert code_of(lambda: trust_root(root)) == "trust-root"


RAW = {
    "nothing": b"",
    "a list": b"[]",
    "a key twice": b'{"mediaType":"x","mediaType":"x"}',
    "too much": b" " * (5 << 20),
    "a config without a root": dump({"mediaType": module.CONFIG_TYPE}),
}


@pytest.mark.parametrize("raw", RAW.values(), ids=RAW)
def test_refuses_as_a_root(raw: bytes) -> None:
    with pytest.raises(SignatureError, match=r"^root\.json: ") as caught:
        TrustRoot.from_json(raw, "root.json")
    assert (caught.value.code, caught.value.is_usage) == ("trust-root", True)


INCOMPLETE: dict[str, Change] = {  # each is found when it is needed
    "no logs": lambda it: it.update(tlogs=[]),
    "no authorities": lambda it: it.update(certificateAuthorities=[]),
    "no certificate logs": lambda it: it.update(ctlogs=[]),
}


@pytest.mark.parametrize("change", INCOMPLETE.values(), ids=INCOMPLETE)
def test_a_root_with(sigstore: LocalSigstore, change: Change) -> None:
    root = sigstore.trusted_root()
    change(root)
    believed = KeylessTrust(RELEASE, trust_root(root))
    assert code_of(lambda: verify(dump(keyless_bundle(sigstore)), believed)) == "trust-root"


def test_an_authority_without_certificates_stamps_nothing(sigstore: LocalSigstore) -> None:
    root = sigstore.trusted_root()
    root["timestampAuthorities"][0]["certChain"]["certificates"] = []
    assert trust_root(root).stampers == ()


def test_says_that_the_package_lacks_a_root(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    def empty(_: str) -> Path:
        return tmp_path

    monkeypatch.setattr(resources, "files", empty)
    assert code_of(TrustRoot.embedded) == "trust-root"


@pytest.mark.parametrize("package", ["sigstore", "rfc3161_client"])
def test_says_how_to_install_what_keyless_needs(
    monkeypatch: pytest.MonkeyPatch, package: str
) -> None:
    monkeypatch.setitem(sys.modules, package, None)
    with pytest.raises(SignatureError) as caught:
        TrustRoot.embedded()
    assert (caught.value.code, str(caught.value), caught.value.is_usage) == (
        "keyless-extra",
        "this needs the package sigstore: pip install 'aibom[sigstore]'",
        True,
    )


def test_demanding_an_identity_needs_no_package(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "sigstore", None)
    assert Identity.of(name="a", issuer="b") == Identity(name="a", issuer="b")
