"""Verifying without keys, as a user runs it: each refusal ends with 4 and two sentences."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from aibom.keyless import identity_trust
from aibom.signatures import CODES, SignatureError
from tests.local_sigstore import GITHUB_ISSUER, LocalSigstore
from tests.local_sigstore.oidc import github_claims
from tests.signatures import test_authority_trust as ours
from tests.signatures.examples import dump
from tests.signatures.keyless_examples import RELEASE as RELEASED
from tests.signatures.keyless_examples import WORKFLOW, client
from tests.signatures.test_keyless import ATTACKS, OF_REKOR_V1, PROFILES, Attack

if TYPE_CHECKING:
    from pathlib import Path

    from tests.aibom.cli.conftest import Signed

RELEASE = ["--identity", WORKFLOW, "--issuer", GITHUB_ISSUER]
REPOSITORY = ["--github-repository", "acme/model"]
WARNING = "any workflow and any ref of the repository may have signed: say which, if you can"
REFUSED = {**ATTACKS, **OF_REKOR_V1}


@pytest.mark.parametrize(("attack", "code"), REFUSED.values(), ids=REFUSED)
def test_an_attack_on_the_bundle_ends_with_4_and_a_sentence(
    sigstore: LocalSigstore,
    signed: Signed,
    attack: Attack,
    code: str,
) -> None:
    document, other = (client(sigstore).sign(signed.payload) for _ in range(2))
    attack(document, other)
    signed.put(document)
    ended, told = signed.verify(*RELEASE, *signed.root)
    error, meaning = told.splitlines()
    assert (ended, error.endswith(f" [{code}]"), meaning) == (4, True, CODES[code])


@pytest.mark.parametrize(("changes", "code"), PROFILES.values(), ids=PROFILES)
def test_a_certificate_ends_with_4_and_a_sentence(
    sigstore: LocalSigstore,
    signed: Signed,
    changes: dict[str, Any],
    code: str,
) -> None:
    with sigstore.fulcio.issuing(**changes):
        signed.sign(client(sigstore))
    ended, told = signed.verify(*RELEASE, *signed.root)
    assert (ended, f" [{code}]\n{CODES[code]}\n" in told) == (4, True)


@pytest.mark.parametrize("rekor", [1, 2], ids=["Rekor v1", "Rekor v2"])
def test_a_late_signature_ends_with_4_and_a_sentence(
    sigstore: LocalSigstore,
    signed: Signed,
    rekor: int,
) -> None:
    signed.sign(client(sigstore, rekor, late=20))
    ended, told = signed.verify(*RELEASE, *signed.root)
    assert (ended, "[signing-time]" in told) == (4, True)


WHOLE = [
    *REPOSITORY,
    *("--github-workflow", ".github/workflows/release.yml"),
    *("--github-ref", "refs/tags/v1"),
    *("--github-commit", "1" * 40),
    *("--github-event", "push"),
    *("--github-runner", "github-hosted"),
]
BELIEVED: dict[str, list[str]] = {
    "name and issuer": RELEASE,
    "a pattern": ["--identity-pattern", r"https://github\.com/acme/.*", *RELEASE[2:]],
    "all of a run": WHOLE,
}


@pytest.mark.parametrize("arguments", BELIEVED.values(), ids=BELIEVED)
def test_believes_by(
    sigstore: LocalSigstore,
    signed: Signed,
    arguments: list[str],
) -> None:
    signed.sign(client(sigstore))
    assert signed.verify(*arguments, *signed.root) == (0, "")


def test_a_repository_alone_is_believed_with_a_warning(
    sigstore: LocalSigstore, signed: Signed
) -> None:
    signed.sign(client(sigstore))
    assert signed.verify(*REPOSITORY, *signed.root) == (0, f"warning: {WARNING}\n")


OTHERS: dict[str, tuple[list[str], str]] = {
    "another name": (["--identity", WORKFLOW[:-1], *RELEASE[2:]], "identity"),
    "part of a pattern": (["--identity-pattern", "acme", *RELEASE[2:]], "identity"),
    "another issuer": ([*RELEASE[:2], "--issuer", "https://accounts.google.com"], "issuer"),
    "another repository": (["--github-repository", "evil/model"], "workflow"),
    "another workflow": ([*REPOSITORY, "--github-workflow", ".github/workflows/x.yml"], "workflow"),
    "another ref": ([*REPOSITORY, "--github-ref", "refs/heads/main"], "workflow"),
    "another commit": ([*REPOSITORY, "--github-commit", "2" * 40], "workflow"),
    "another event": ([*REPOSITORY, "--github-event", "release"], "workflow"),
    "another runner": ([*REPOSITORY, "--github-runner", "self-hosted"], "workflow"),
}


@pytest.mark.parametrize(("arguments", "code"), OTHERS.values(), ids=OTHERS)
def test_refuses_by(
    sigstore: LocalSigstore,
    signed: Signed,
    arguments: list[str],
    code: str,
) -> None:
    signed.sign(client(sigstore))
    ended, told = signed.verify(*arguments, *signed.root)
    assert (ended, f" [{code}]\n{CODES[code]}\n" in told) == (4, True)


def test_refuses_a_pull_request(sigstore: LocalSigstore, signed: Signed) -> None:
    run_of = github_claims(event="pull_request", ref="refs/pull/1/merge")
    signed.sign(client(sigstore, claims={"iss": GITHUB_ISSUER, "sub": "x", **run_of}))
    ended, told = signed.verify(*WHOLE, *signed.root)
    assert (ended, "[workflow]" in told) == (4, True)


def test_the_public_instance_does_not_know_ours(sigstore: LocalSigstore, signed: Signed) -> None:
    signed.sign(client(sigstore))
    for more in ([], ["--staging"]):
        ended, told = signed.verify(*RELEASE, *more)
        assert (ended, "[timestamp]" in told) == (4, True)


WRONG: dict[str, tuple[list[str], str]] = {
    "nobody": ([], "Say whom you trust, in one way"),
    "a key and a name": (["--key", "k.pub", *RELEASE], "Say whom you trust, in one way"),
    "a name and an authority": (
        [*RELEASE, "--certificate-authority", "ca.pem"],
        "Say whom you trust, in one way",
    ),
    "a name without an issuer": (RELEASE[:2], "[identity-demand]"),
    "an issuer without a name": (RELEASE[2:], "[identity-demand]"),
    "a ref without a repository": (["--github-ref", "x"], "[identity-demand]"),
    "half a pattern": (["--identity-pattern", "(", *RELEASE[2:]], "[identity-demand]"),
    "a name and a timestamp authority": (
        [*RELEASE, "--timestamp-authority", "tsa.pem"],
        "a trusted root names its own",
    ),
    "two roots": ([*RELEASE, "--staging", "--trusted-root", "x"], "exclude one another"),
    "a root that is not there": ([*RELEASE, "--trusted-root", "nowhere.json"], "no such file"),
    "an authority without a name": (["--certificate-authority", "x"], "go together"),
    "a name without an authority": (["--certificate-name", "x"], "go together"),
}


@pytest.mark.parametrize(("arguments", "hint"), WRONG.values(), ids=WRONG)
def test_a_wrong_demand_is_explained(signed: Signed, arguments: list[str], hint: str) -> None:
    ended, told = signed.verify(*arguments)
    assert (ended, hint in told) == (2, True)


@pytest.mark.parametrize("flag", ["--trusted-root", "--certificate-authority"])
def test_whom_to_trust_may_not_lie_in_the_model(  # 68
    sigstore: LocalSigstore, signed: Signed, flag: str
) -> None:
    signed.sign(client(sigstore))
    inside = signed.model / "trust.json"
    inside.write_bytes(dump(sigstore.trusted_root()))
    rest = RELEASE if flag == "--trusted-root" else ["--certificate-name", "x"]
    ended, told = signed.verify(flag, inside, *rest)
    assert (ended, "lies in the model, so whoever changes the model" in told) == (2, True)


def test_verifies_by_an_authority(sigstore: LocalSigstore, signed: Signed) -> None:
    document = ours.signed(ours.leaf(), ours.ISSUING.certificate, payload=signed.payload)
    stamp = client(sigstore).stamp(ours.signature_of(document))
    ours.put_stamp(document, stamp)
    signed.put(document)
    stamps = sigstore.timestamps
    folder = signed.model.parent
    (folder / "ca.pem").write_bytes(ours.pem(ours.ROOT.certificate))
    (folder / "tsa.pem").write_bytes(ours.pem(stamps.certificate, stamps.root.certificate))
    trusted = ["--certificate-authority", folder / "ca.pem"]
    named = [*trusted, "--certificate-name", ours.SIGNER]
    stamped = [*named, "--timestamp-authority", folder / "tsa.pem"]
    assert signed.verify(*named) == (0, "")
    assert signed.verify(*stamped) == (0, "")
    other = [*trusted, "--certificate-name", "eve@example.com"]
    ended, told = signed.verify(*other)
    assert (ended, "[identity]" in told) == (4, True)


def test_a_key_is_no_identity_and_the_reverse(
    sigstore: LocalSigstore,
    signed: Signed,
) -> None:
    ended, told = signed.verify(*RELEASE, *signed.root)  # 52
    assert (ended, "[wrong-material]" in told) == (4, True)
    signed.sign(client(sigstore))
    ended, told = signed.verify("--key", signed.keys.public)
    assert (ended, "[wrong-material]" in told) == (4, True)


@pytest.mark.parametrize("rekor", [1, 2], ids=["Rekor v1", "Rekor v2"])
def test_an_old_signature_is_known_by_the_time_that_others_vouch_for(
    sigstore: LocalSigstore, signed: Signed, rekor: int
) -> None:
    with sigstore.clock.moved(days=-0.5):  # 65
        signed.sign(client(sigstore, rekor))
    assert signed.verify(*RELEASE, *signed.root, "--max-age", "13h") == (0, "")
    ended, told = signed.verify(*RELEASE, *signed.root, "--max-age", "11h")
    assert (ended, "[policy-age]" in told) == (4, True)


def test_a_certificate_that_ran_out_needs_its_timestamp(
    sigstore: LocalSigstore, signed: Signed
) -> None:
    folder, stamps = signed.model.parent, sigstore.timestamps
    (folder / "ca.pem").write_bytes(ours.pem(ours.ROOT.certificate))
    (folder / "tsa.pem").write_bytes(ours.pem(stamps.certificate, stamps.root.certificate))
    short = ours.leaf(hours=0.5)  # 63: it ran out half an hour ago
    document = ours.signed(short, ours.ISSUING.certificate, payload=signed.payload)
    trusted = ["--certificate-authority", folder / "ca.pem", "--certificate-name", ours.SIGNER]
    trusted += ["--timestamp-authority", folder / "tsa.pem"]
    for hours, code in ((None, 4), (ours.hours_to_middle(), 0), (0, 4)):
        if hours is not None:
            with sigstore.clock.moved(minutes=60 * hours):
                stamp = client(sigstore).stamp(ours.signature_of(document))
            ours.put_stamp(document, stamp)
        signed.put(document)
        ended, told = signed.verify(*trusted)
        assert (ended, "[signing-time]" in told) == (code, code == 4)


FOREIGN = {  # 57
    "tlogs": "log-entry",
    "ctlogs": "certificate-log",
    "certificateAuthorities": "certificate-chain",
    "timestampAuthorities": "timestamp",
}


@pytest.mark.parametrize(("part", "code"), FOREIGN.items(), ids=FOREIGN)
def test_a_root_of_strangers_ends_with_4_and_a_sentence(
    sigstore: LocalSigstore, signed: Signed, part: str, code: str
) -> None:
    signed.sign(client(sigstore))
    with LocalSigstore() as stranger:
        root = {**sigstore.trusted_root(), part: stranger.trusted_root()[part]}
    (signed.model.parent / "root.json").write_bytes(dump(root))
    ended, told = signed.verify(*RELEASE, *signed.root)
    assert (ended, f" [{code}]\n{CODES[code]}\n" in told) == (4, True)


def test_an_old_root_is_believed_with_a_warning(sigstore: LocalSigstore, signed: Signed) -> None:
    signed.sign(client(sigstore))
    root = sigstore.trusted_root()  # 66
    keys = [log["publicKey"] for log in (*root["tlogs"], *root["ctlogs"])]
    for each in (*keys, *root["certificateAuthorities"], *root["timestampAuthorities"]):
        each["validFor"]["start"] = "2020-01-01T00:00:00Z"
    (signed.model.parent / "root.json").write_bytes(dump(root))
    ended, told = signed.verify(*RELEASE, *signed.root)
    assert (ended, told.startswith("warning: the newest key in the trust root (")) == (0, True)


class TestWithoutALog:
    """As GitHub's instance for private repositories, whose root `gh` writes as a line of two."""

    @pytest.fixture
    def roots(self, sigstore: LocalSigstore, tmp_path: Path) -> list[str]:
        both = sigstore.trusted_root(), sigstore.trusted_root(with_logs=False)
        (tmp_path / "roots.jsonl").write_bytes(b"\n".join(map(dump, both)) + b"\n")
        return ["--trusted-root", str(tmp_path / "roots.jsonl")]

    def test_is_believed_if_it_is_said(
        self, sigstore: LocalSigstore, signed: Signed, roots: list[str]
    ) -> None:
        with sigstore.fulcio.issuing(is_logged=False):
            signed.sign(client(sigstore, 0))
        assert signed.verify(*RELEASE, *roots, "--without-log") == (0, "")
        ended, told = signed.verify(*RELEASE, *roots)
        assert (ended, "[log-entry-count]" in told) == (4, True)

    def test_does_not_believe_what_has_an_entry(
        self, sigstore: LocalSigstore, signed: Signed, roots: list[str]
    ) -> None:
        signed.sign(client(sigstore))
        assert signed.verify(*RELEASE, *roots) == (0, "")
        ended, told = signed.verify(*RELEASE, *roots, "--without-log")
        assert (ended, "[log-entry-count]" in told) == (4, True)

    def test_needs_a_root_that_has_none(self, signed: Signed) -> None:
        ended, told = signed.verify(*RELEASE, "--without-log")
        assert (ended, "--without-log goes with --trusted-root" in told) == (2, True)
        ended, told = signed.verify(*RELEASE, *signed.root, "--without-log")
        assert (ended, "0 trusted roots without a log, expected one" in told) == (2, True)

    def test_is_of_no_instance_that_comes_with_sigstore(self, signed: Signed) -> None:
        with pytest.raises(SignatureError, match="have logs"):
            identity_trust(RELEASED, signed.model, without_log=True)

    def test_names_nobody(self, signed: Signed) -> None:
        ended, told = signed.verify("--without-log", *signed.root)
        assert (ended, "[identity-demand]" in told) == (2, True)
