"""A folder against the attestation that GitHub's action makes, signed here by sigstore-js."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest

from aibom.attest import bom_of
from aibom.layout import BOM_NAME
from aibom.sandbox import without_isolation
from aibom.scan import scan_target
from tests.helpers.command import Ended, aibom
from tests.helpers.models import write_model
from tests.local_sigstore.js_client import SigstoreJs, installed
from tests.signatures.examples import dump, sha256
from tests.signatures.test_attestation import FOREIGN, attestation

if TYPE_CHECKING:
    from pathlib import Path

    from tests.local_sigstore import LocalSigstore

Harm = Callable[["Path"], object]
REPOSITORY = ("--github-repository", "acme/model", "--github-ref", "refs/tags/v1")
RUN = (*REPOSITORY, "--github-workflow", ".github/workflows/release.yml")


SIGNED: dict[bytes, bytes] = {}  # statement -> bundle


class Attested:
    """A model, its attestation beside it, and the command line."""

    def __init__(self, here: Path, sigstore: LocalSigstore) -> None:
        self.here, self.sigstore = here, sigstore
        self.model = write_model(here / "demo")
        (here / "root.json").write_bytes(dump(sigstore.trusted_root()))
        self.bom = json.loads(
            bom_of(scan_target(self.model, sandbox=without_isolation()), None, None)
        )

    def attest(self, *, by_path: bool, bom: object) -> None:
        """Sign as the action does: by a list of checksums, or by files that a pattern finds."""
        files = sorted(each for each in self.model.rglob("*") if each.is_file())
        subjects = [
            (
                each.relative_to(self.model).as_posix() if by_path else each.name,
                sha256(each.read_bytes()),
            )
            for each in files
        ]
        payload = dump(attestation(*subjects, bom=bom))
        if payload not in SIGNED:  # it takes a second
            js = SigstoreJs(installed(), self.here)
            token = self.sigstore.github_token(runner="github-hosted")
            SIGNED[payload] = js.sign(payload, self.sigstore.url, token)
        (self.here / "attestation.json").write_bytes(SIGNED[payload])

    def verify(self, *more: str) -> Ended:
        given = ("--bundle", "attestation.json", "--trusted-root", "root.json")
        return aibom("verify", "demo", *given, *(more or RUN), cwd=self.here)


@pytest.fixture
def attested(tmp_path: Path, sigstore: LocalSigstore) -> Attested:
    return Attested(tmp_path, sigstore)


WAYS = pytest.mark.parametrize("by_path", [True, False], ids=["checksums", "a pattern"])


@WAYS
def test_believes_what_a_run_attested_with_our_bom(attested: Attested, *, by_path: bool) -> None:
    attested.attest(by_path=by_path, bom=attested.bom)
    ended = attested.verify()
    assert (ended.code, ended.err) == (0, "")
    assert ended.out.startswith("VERIFIED: demo (6 files, ")
    assert "  source      https://github.com/acme/model, refs/tags/v1, commit 1111" in ended.out
    again = attested.verify(*RUN, "--rescan")
    assert (again.code, again.err) == (0, "")


def test_believes_what_a_run_attested_with_a_bom_of_others_with_a_warning(
    attested: Attested,
) -> None:
    attested.attest(by_path=False, bom=FOREIGN)
    ended = attested.verify()
    assert (ended.code, ended.err) == (
        0,
        "warning: the signer named files without their folders: those may be others than signed\n",
    )


HARMS: dict[str, tuple[Harm, str]] = {
    "changed": (lambda m: (m / "LICENSE").write_bytes(b"other"), "digest-mismatch"),
    "added": (lambda m: (m / "evil.py").write_bytes(b""), "extra-file"),
    "copied": (
        lambda m: (m / "sub" / "LICENSE").write_bytes((m / "LICENSE").read_bytes()),
        "extra-file",
    ),
    "removed": (lambda m: (m / "LICENSE").unlink(), "missing-file"),
    "renamed": (lambda m: (m / "LICENSE").rename(m / "LICENCE"), "missing-file"),
    "linked": (lambda m: (m / "link").symlink_to("LICENSE"), "symlink"),
}


@WAYS
@pytest.mark.parametrize(("harm", "code"), HARMS.values(), ids=HARMS)
def test_refuses_a_file_that_was(
    attested: Attested, harm: Harm, code: str, *, by_path: bool
) -> None:
    attested.attest(by_path=by_path, bom=attested.bom)
    harm(attested.model)
    ended = attested.verify()
    assert (ended.code, ended.out, f" [{code}]\n" in ended.err) == (4, "", True)


def test_refuses_another_run_and_another_bundle(attested: Attested) -> None:
    attested.attest(by_path=True, bom=attested.bom)
    other = attested.verify("--github-repository", "eve/model")
    assert (other.code, "[workflow]" in other.err) == (4, True)
    document = json.loads((attested.here / "attestation.json").read_bytes())
    document["dsseEnvelope"]["payload"] = "e30="
    (attested.here / "attestation.json").write_bytes(dump(document))
    edited = attested.verify()
    assert (edited.code, "[signature]" in edited.err) == (4, True)


def test_an_identity_alone_does_not_ask_for_an_attestation(attested: Attested) -> None:
    attested.attest(by_path=True, bom=attested.bom)
    named = ("--identity-pattern", ".*", "--issuer", "https://token.actions.githubusercontent.com")
    (attested.model / BOM_NAME).write_bytes(dump(attested.bom))
    ended = attested.verify(*named)
    assert (ended.code, "[no-root-subject]" in ended.err) == (4, True)


def test_holds_a_bom_at_hand_against_the_signed_one(attested: Attested) -> None:
    attested.attest(by_path=True, bom=attested.bom)
    (attested.model / BOM_NAME).write_bytes(dump(attested.bom))
    assert attested.verify().code == 0
    (attested.here / "bom.json").write_bytes(dump({**attested.bom, "version": 2}))
    ended = attested.verify(*RUN, "--bom", "bom.json")
    assert (ended.code, "[bom-differs-from-predicate]" in ended.err) == (4, True)
    assert attested.verify(*RUN, "--expect-model", "other").code == 4
    assert attested.verify(*RUN, "--expect-model", "demo").code == 0
