"""Without a key: a workflow signs by its identity, and its signature is demanded."""

from __future__ import annotations

import json

import pytest

from aibom.layout import BOM_NAME, BUNDLE_NAME
from tests.action import runner
from tests.helpers.models import write_model
from tests.local_sigstore import GITHUB_ISSUER, LocalSigstore
from tests.signatures.keyless_examples import WORKFLOW

PRIVATE = {"trust-config": "trust.json"}
ISSUER = {"verify-issuer": GITHUB_ISSUER}


@pytest.fixture(scope="module")
def done(tmp_path_factory: pytest.TempPathFactory, sigstore: LocalSigstore) -> runner.Run:
    """Sign one model in a workflow, and verify it there by two identities."""
    here = tmp_path_factory.mktemp("act")
    repository = here / "repository"
    write_model(repository / "model")
    (repository / "trust.json").write_text(json.dumps(sigstore.trust_config(rekor=2)))
    runner.commit(repository)
    model = {"path": "model", "upload-sarif": "false", **PRIVATE}
    verify = {"verify": "true", **ISSUER}
    other = WORKFLOW.replace("release.yml", "other.yml")
    return runner.run(
        repository,
        {
            "sign": {**model, "sign": "keyless", **verify, "verify-identity": WORKFLOW},
            "verify": {**model, **verify, "verify-identity": WORKFLOW},
            "stranger": {**model, **verify, "verify-identity": other},
        },
        scratch=here,
        environment=sigstore.on_github(),
    )


@pytest.mark.parametrize(
    ("step", "outcome", "verdict", "code"),
    [
        ("sign", "success", "pass", "0"),
        ("verify", "success", "pass", "0"),
        ("stranger", "failure", "not-verified", "4"),
    ],
)
def test_an_identity_is_signed_with_and_demanded(
    done: runner.Run, step: str, outcome: str, verdict: str, code: str
) -> None:
    found = done.steps[step]
    told = (found.outcome, found.outputs.get("verdict", ""), found.outputs.get("exit-code", ""))
    assert told == (outcome, verdict, code), done.log[-4000:]


def test_bom_and_signature_are_handed_on(done: runner.Run) -> None:
    outputs = done.steps["sign"].outputs
    assert (outputs["bom-path"], outputs["bundle-path"]) == (
        f"model/{BOM_NAME}",
        f"model/{BUNDLE_NAME}",
    )


def test_the_runner_was_asked_for_the_identity(done: runner.Run, sigstore: LocalSigstore) -> None:
    assert done.steps["sign"].outcome == "success"
    assert {"/github/oidc", "/api/v2/signingCert", "/api/v2/log/entries"} <= {*sigstore.requests}
