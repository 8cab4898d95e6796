"""Signing with a certified key and a vouched time, and verifying that, from the command line."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.helpers.command import aibom
from tests.helpers.models import write_model
from tests.signatures.test_authority_trust import ISSUING, ROOT, SIGNER, leaf, pem
from tests.signatures.test_certified_signer import PRIVATE_PEM, stamper, url

if TYPE_CHECKING:
    from pathlib import Path

    from tests.local_sigstore import LocalSigstore

TRUST = ("--certificate-authority", "root.pem", "--certificate-name", SIGNER)
BEFORE = ("--signed-before", "2999-01-01")


@pytest.fixture
def here(tmp_path: Path, sigstore: LocalSigstore) -> Path:
    write_model(tmp_path / "demo")
    for name, content in {
        "release.key": PRIVATE_PEM,
        "chain.pem": pem(leaf(), ISSUING.certificate),
        "root.pem": pem(ROOT.certificate),
        "stamps.pem": stamper(sigstore),
    }.items():
        (tmp_path / name).write_bytes(content)
    return tmp_path


def test_a_certified_key_signs_and_its_name_is_believed(
    here: Path, sigstore: LocalSigstore
) -> None:
    signer = ("--key", "release.key", "--certificate", "chain.pem")
    signed = aibom("attest", "demo", *signer, "--timestamp-url", url(sigstore), cwd=here)
    assert signed.code == 0, signed.err
    stamps = ("--timestamp-authority", "stamps.pem")
    verified = aibom("verify", "demo", *TRUST, *stamps, *BEFORE, cwd=here)
    assert verified.code == 0, verified.err
    assert f"signed by   {SIGNER}" in verified.out
    assert "  signed at   " in verified.out
    fresh = aibom("verify", "demo", *TRUST, *stamps, "--max-age", "1h", cwd=here)
    assert (fresh.code, "[policy-time]" in fresh.err) == (4, True)
    other = aibom("verify", "demo", *TRUST[:3], "mallory@example.com", cwd=here)
    assert (other.code, other.out) == (4, "")
    assert "[identity]" in other.err


def test_a_bare_key_may_have_its_time_vouched_for(here: Path, sigstore: LocalSigstore) -> None:
    aibom("keys", "generate", "-o", "k", cwd=here)
    signed = aibom("attest", "demo", "--key", "k.key", "--timestamp-url", url(sigstore), cwd=here)
    assert signed.code == 0, signed.err
    verify, stamps = ("verify", "demo", "--key", "k.pub"), ("--timestamp-authority", "stamps.pem")
    assert "[policy-time]" in aibom(*verify, *BEFORE, cwd=here).err
    assert aibom(*verify, *stamps, *BEFORE, cwd=here).code == 0
    fresh = aibom(*verify, *stamps, "--max-age", "1h", cwd=here)
    assert (fresh.code, fresh.out) == (4, "")
    assert "may be older than its timestamp, which anybody can renew [policy-time]" in fresh.err


@pytest.mark.parametrize("option", ["--certificate", "--timestamp-url"])
def test_what_belongs_to_a_key_needs_one(here: Path, option: str) -> None:
    ended = aibom("attest", "demo", "--keyless", option, "chain.pem", cwd=here)
    assert ended.code == 2
    assert "--certificate and --timestamp-url go with --key." in ended.err


def test_a_certificate_that_is_not_there_is_said_before_the_scan(here: Path) -> None:
    ended = aibom("attest", "demo", "--key", "release.key", "--certificate", "x.pem", cwd=here)
    assert ended.code == 2
    assert "the certificate cannot be read: no such file" in ended.err
    assert "PASS" not in ended.err
