"""Whom a keyless signature is believed of: exactly the one demanded."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from aibom.signatures import verify
from aibom.signatures.identity import GITHUB_ISSUER, GitHub, Identity
from tests.local_sigstore.oidc import github_claims
from tests.signatures.examples import code_of, dump
from tests.signatures.keyless_examples import (
    PAYLOAD,
    RELEASE,
    WORKFLOW,
    keyless_bundle,
    on_github,
    refusal,
    trust,
)

if TYPE_CHECKING:
    from tests.local_sigstore import LocalSigstore

YML = ".github/workflows/release.yml"


def named(
    name: str | None = None, pattern: str | None = None, issuer: str = GITHUB_ISSUER
) -> Identity:
    return Identity.of(name=name, pattern=pattern, issuer=issuer)


OURS = {
    "the name": RELEASE,
    "the name, escaped": named(pattern=WORKFLOW.replace(".", r"\.")),
    "a pattern of the whole": named(pattern=r"https://github\.com/acme/.*"),
    "the repository": on_github(repository="acme/model"),
    "the repository's address": on_github(repository="https://github.com/acme/model"),
    "the workflow": on_github(repository="acme/model", workflow=YML),
    "the workflow with its repository": on_github(
        repository="acme/model", workflow=f"acme/model/{YML}"
    ),
    "the workflow's address": on_github(
        repository="acme/model", workflow=f"https://github.com/acme/model/{YML}"
    ),
    "the whole run": on_github(
        repository="acme/model",
        workflow=YML,
        ref="refs/tags/v1",
        commit="1" * 40,
        event="push",
        runner="github-hosted",
    ),
    "name and run": Identity.of(
        name=WORKFLOW, issuer=GITHUB_ISSUER, github=GitHub(ref="refs/tags/v1")
    ),
}


@pytest.mark.parametrize("identity", OURS.values(), ids=OURS)
def test_believes_by(sigstore: LocalSigstore, identity: Identity) -> None:
    assert verify(dump(keyless_bundle(sigstore)), trust(sigstore, identity)).payload == PAYLOAD


OTHERS: dict[str, tuple[Identity, str]] = {
    # 58
    "another name": (named(WORKFLOW.replace("acme", "evil")), "identity"),
    "another issuer": (named(WORKFLOW, issuer="https://accounts.google.com"), "issuer"),
    "another issuer's prefix": (named(WORKFLOW, issuer=GITHUB_ISSUER[:-1]), "issuer"),
    # 59
    "a prefix of the name": (named(WORKFLOW[:-1]), "identity"),
    "the name in capitals": (named(WORKFLOW.upper()), "identity"),
    "the name with a space": (named(WORKFLOW + " "), "identity"),
    "a pattern as a name": (named(".*"), "identity"),
    "a pattern of a prefix": (named(pattern="https://github.com/acme/"), "identity"),
    "a pattern of a part": (named(pattern="acme"), "identity"),
    "a pattern of one line": (named(pattern=r"https://github\.com/acme/model$"), "identity"),
    "a choice whose second half is whole": (named(pattern="https|acme"), "identity"),
    # 60
    "another repository": (on_github(repository="evil/model"), "workflow"),
    "a repository's prefix": (on_github(repository="acme/mode"), "workflow"),
    "a repository elsewhere": (on_github(repository="https://git.example/acme/model"), "workflow"),
    "another workflow": (
        on_github(repository="acme/model", workflow=".github/workflows/test.yml"),
        "workflow",
    ),
    "another repository's workflow": (
        on_github(repository="acme/model", workflow=f"acme/tools/{YML}"),
        "workflow",
    ),
    "a branch": (on_github(repository="acme/model", ref="refs/heads/v1"), "workflow"),
    "a tag's short name": (on_github(repository="acme/model", ref="v1"), "workflow"),
    "another commit": (on_github(repository="acme/model", commit="2" * 40), "workflow"),
    "a commit's short name": (on_github(repository="acme/model", commit="1" * 7), "workflow"),
    "a release": (on_github(repository="acme/model", event="release"), "workflow"),
    # 61
    "a runner of one's own": (on_github(repository="acme/model", runner="self-hosted"), "workflow"),
}


@pytest.mark.parametrize(("identity", "code"), OTHERS.values(), ids=OTHERS)
def test_refuses_by(sigstore: LocalSigstore, identity: Identity, code: str) -> None:
    assert refusal(keyless_bundle(sigstore), trust(sigstore, identity)) == code


RUNS: dict[str, dict[str, str]] = {  # 60, 61
    "a fork": {"repository": "eve/model"},
    "a branch": {"ref": "refs/heads/main"},
    "a pull request": {"event": "pull_request", "ref": "refs/pull/1/merge"},
    "another workflow": {"workflow": ".github/workflows/test.yml"},
    "a runner of one's own": {"runner": "self-hosted"},
    "another commit": {"sha": "2" * 40},
}


@pytest.mark.parametrize("run", RUNS.values(), ids=RUNS)
def test_refuses_the_run_of(sigstore: LocalSigstore, run: dict[str, str]) -> None:
    claims = {"iss": GITHUB_ISSUER, "sub": "x", **github_claims(**run)}
    document = keyless_bundle(sigstore, claims=claims)
    assert refusal(document, trust(sigstore, OURS["the whole run"])) == "workflow"


def test_refuses_a_person_where_a_workflow_is_demanded(sigstore: LocalSigstore) -> None:
    claims = {"iss": GITHUB_ISSUER, "sub": "x", "email": "acme/model@example.com"}
    document = keyless_bundle(sigstore, claims=claims)
    wanted = on_github(repository="acme/model", workflow=YML)
    assert refusal(document, trust(sigstore, wanted)) == "workflow"


def test_a_subject_without_its_issuer_is_nobody(sigstore: LocalSigstore) -> None:
    claims = {"iss": "https://evil.example", "sub": "x", **github_claims()}
    document = keyless_bundle(sigstore, claims=claims)
    assert refusal(document, trust(sigstore)) == "issuer"
    assert refusal(document, trust(sigstore, on_github(repository="acme/model"))) == "issuer"


DEMANDS: dict[str, dict[str, Any]] = {
    "nothing": {},
    "an empty name": {"name": "", "issuer": GITHUB_ISSUER},
    "a name without an issuer": {"name": WORKFLOW},
    "an issuer without a name": {"issuer": GITHUB_ISSUER},
    "a ref without a repository": {"issuer": GITHUB_ISSUER, "github": GitHub(ref="refs/tags/v1")},
    "a workflow without a repository": {
        "name": WORKFLOW,
        "issuer": GITHUB_ISSUER,
        "github": GitHub(workflow=YML),
    },
    "half a pattern": {"pattern": "(", "issuer": GITHUB_ISSUER},
    "a pattern without end": {"pattern": "a{99999999999999999999}", "issuer": GITHUB_ISSUER},
}


@pytest.mark.parametrize("demand", DEMANDS.values(), ids=DEMANDS)
def test_does_not_know_whom_to_trust_by(demand: dict[str, Any]) -> None:
    assert code_of(lambda: Identity.of(**demand)) == "identity-demand"


WARNINGS: dict[str, tuple[Identity, tuple[str, ...]]] = {
    "a name": (RELEASE, ()),
    "a repository": (
        on_github(repository="acme/model"),
        ("any workflow and any ref of the repository may have signed: say which, if you can",),
    ),
    "a workflow": (
        on_github(repository="acme/model", workflow=YML),
        ("any ref of the repository may have signed: say which, if you can",),
    ),
    "a commit": (
        on_github(repository="acme/model", commit="1" * 40),
        ("any workflow of the repository may have signed: say which, if you can",),
    ),
    "workflow and ref": (on_github(repository="acme/model", workflow=YML, ref="x"), ()),
}


@pytest.mark.parametrize(("identity", "warnings"), WARNINGS.values(), ids=WARNINGS)
def test_warns_of_a_demand_for(identity: Identity, warnings: tuple[str, ...]) -> None:
    assert identity.warnings == warnings


def test_a_demand_of_nothing_on_github_is_open() -> None:
    assert (GitHub().is_open, GitHub(ref="x").is_open) == (True, False)
