"""Signing without keys, as a user runs it."""

from __future__ import annotations

import re
import sys
from typing import TYPE_CHECKING

import pytest

from aibom.layout import BOM_NAME, BUNDLE_NAME, FINGERPRINTS_NAME, OMS_NAME
from aibom.signatures import CODES
from tests.helpers.command import aibom
from tests.helpers.models import write_model
from tests.local_sigstore import GITHUB_ISSUER
from tests.signatures.examples import dump
from tests.signatures.keyless_examples import WORKFLOW

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.aibom.cli.conftest import Signed
    from tests.local_sigstore import LocalSigstore

RELEASE = ["--identity", WORKFLOW, "--issuer", GITHUB_ISSUER]
NOWHERE = {"SIGSTORE_IDENTITY_TOKEN": "", "GITHUB_ACTIONS": "", "GITLAB_CI": ""}


@pytest.fixture
def config(sigstore: LocalSigstore, tmp_path: Path) -> Callable[[int], list[str | Path]]:
    def write(rekor: int) -> list[str | Path]:
        (tmp_path / "config.json").write_bytes(dump(sigstore.trust_config(rekor)))
        return ["--trust-config", tmp_path / "config.json"]

    return write


@pytest.mark.parametrize("rekor", [1, 2], ids=["Rekor v1", "Rekor v2"])
def test_a_run_on_github_attests_and_anybody_verifies(
    sigstore: LocalSigstore,
    tmp_path: Path,
    signed: Signed,
    config: Callable[[int], list[str | Path]],
    rekor: int,
) -> None:
    model = write_model(tmp_path / "fresh")
    made = aibom("attest", model, "--keyless", *config(rekor), cwd=None, **sigstore.on_github())
    outputs = "".join(
        f"{model / name}\n" for name in (BOM_NAME, FINGERPRINTS_NAME, BUNDLE_NAME, OMS_NAME)
    )
    assert (made.code, made.out) == (0, outputs)
    checked = aibom("verify", model, *RELEASE, *signed.root, HOME=str(tmp_path / "nowhere"))
    assert (checked.code, checked.err) == (0, "")
    shown = re.sub(r"20\d\d-\d\d-\d\d( \d\d:\d\d:\d\d UTC)?", "DATE", checked.out)
    shown = re.sub(r"log entry   \d+", "log entry   N", shown)
    times = "  signed at   DATE\n" * (3 - rekor)
    assert shown == (
        "VERIFIED: fresh (5 files, 116 bytes)\n"
        f"  signed by   {WORKFLOW} (says {GITHUB_ISSUER})\n"
        f"{times}"
        f"  source      https://github.com/acme/model, refs/tags/v1, commit {'1' * 40}\n"
        f"  log entry   N of {sigstore.url}\n"
        f"  trust root  {signed.root[1]}; its newest key is of DATE\n"
        "  checked     signature, statement, BOM, and every file byte for byte\n"
        "  not covered .gitattributes (version control)\n"
        "  not covered model.sig (a result of signing, not this one)\n"
        "  findings    1 info, stated in the signed BOM:\n"
        "              info[unknown-origin]\n"
    )
    (model / "config.json").write_bytes(b"{}")
    assert "[digest-mismatch]" in aibom("verify", model, *RELEASE, *signed.root).err


def test_a_person_signs_with_a_token(
    sigstore: LocalSigstore, signed: Signed, config: Callable[[int], list[str | Path]]
) -> None:
    token = signed.model.parent / "token"
    token.write_text(sigstore.identities.person(sigstore.url))
    arguments = [
        "sign",
        signed.model / BOM_NAME,
        "--keyless",
        "--identity-token",
        token,
        *config(2),
    ]
    refused = aibom(*arguments)
    told = "a signature is there and a signer without a lasting key knows none of its own again."
    assert (refused.code, f"{told} Remove it, or replace it with --force.\n" in refused.err) == (
        2,
        True,
    )
    assert aibom(*arguments, "--force").code == 0
    alice = ["--identity", "alice@example.com", "--issuer", sigstore.url]
    checked = aibom("verify", signed.model, *alice, *signed.root)
    assert f"signed by   alice@example.com (says {sigstore.url})\n" in checked.out
    sibling = aibom("verify", signed.model, "--model-signature", *alice, *signed.root)
    assert (sibling.code, sibling.out.startswith("VERIFIED: demo (")) == (0, True)


def test_a_person_logs_in_on_another_device(
    sigstore: LocalSigstore, signed: Signed, config: Callable[[int], list[str | Path]]
) -> None:
    arguments = ["--keyless", "--login", "device", "--force", *config(1)]
    ended = aibom("sign", signed.model / BOM_NAME, *arguments, cwd=None, **NOWHERE)
    assert ended.code == 0
    assert f"To log in, open '{sigstore.url}/device?user_code=ABCD-EFGH'" in ended.err


def test_nobody_to_log_in_is_a_sentence(
    signed: Signed, config: Callable[[int], list[str | Path]]
) -> None:
    ended = aibom(
        "sign", signed.model / BOM_NAME, "--keyless", "--force", *config(1), cwd=None, **NOWHERE
    )
    assert (ended.code, ended.err.splitlines()[-2:]) == (
        2,
        [
            "error: no CI job with an identity is here, and nobody to log in [keyless-token]",
            CODES["keyless-token"],
        ],
    )


def test_a_failed_service_leaves_no_signature(sigstore: LocalSigstore, tmp_path: Path) -> None:
    model = write_model(tmp_path / "fresh")
    elsewhere = dump(sigstore.trust_config()).replace(b"127.0.0.1:", b"127.0.0.2:1")
    (tmp_path / "gone.json").write_bytes(elsewhere)
    gone = tmp_path / "gone.json"
    arguments = ("--keyless", "--trust-config", gone)
    ended = aibom("attest", model, *arguments, cwd=None, **sigstore.on_github())
    assert (ended.code, "[signing-service]" in ended.err) == (4, True)
    assert not [name for name in (BOM_NAME, BUNDLE_NAME, OMS_NAME) if (model / name).exists()]


WRONG_SIGNER: dict[str, tuple[list[str], str]] = {
    "nobody": ([], "Say who signs: --key KEY, or --keyless."),
    "both": (["--key", "k", "--keyless"], "--key excludes --keyless and its options."),
    "a key with a token": (["--key", "k", "--identity-token", "t"], "--key excludes --keyless"),
    "a token alone": (["--identity-token", "t"], "Say who signs"),
    "two instances": (["--keyless", "--staging", "--trust-config", "x"], "exclude one another"),
    "a config that is not there": (["--keyless", "--trust-config", "nowhere"], "no such file"),
}


@pytest.mark.parametrize(("arguments", "hint"), WRONG_SIGNER.values(), ids=WRONG_SIGNER)
def test_a_wrong_signer_is_explained(signed: Signed, arguments: list[str], hint: str) -> None:
    for verb in (["sign", signed.model / BOM_NAME], ["attest", signed.model]):
        ended, told = signed.run(*verb, *arguments)
        assert (ended, hint in told) == (2, True)


def test_a_trust_config_may_not_lie_in_the_model(sigstore: LocalSigstore, signed: Signed) -> None:
    inside = signed.model / "config.json"
    inside.write_bytes(dump(sigstore.trust_config()))
    arguments = ["--keyless", "--trust-config", inside]
    ended, told = signed.run("sign", signed.model / BOM_NAME, *arguments)
    assert (ended, "the trust config lies in the model" in told) == (2, True)


def test_keyless_needs_the_extra(signed: Signed, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "sigstore", None)
    for arguments in (
        ["sign", signed.model / BOM_NAME, "--keyless"],
        ["verify", signed.model, *RELEASE],
    ):
        ended, told = signed.run(*arguments)
        assert (ended, "pip install 'aibom[sigstore]' [keyless-extra]" in told) == (2, True)
