"""The reference client of the OpenSSF model signature, with identities and certificates."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from aibom.attest import attest_target
from aibom.layout import OMS_NAME
from aibom.sandbox import without_isolation
from aibom.scan import scan_target
from aibom.signatures import SignatureError
from aibom.signatures.keyless_signer import Instance, KeylessSigner
from aibom.verify import verify_model_signature
from tests.helpers.models import write_model
from tests.local_sigstore import GITHUB_ISSUER
from tests.signatures import test_authority_trust as authority
from tests.signatures.examples import dump
from tests.signatures.keyless_examples import WORKFLOW, trust

if TYPE_CHECKING:
    from tests.local_sigstore import LocalSigstore

CLIENT = Path(sys.executable).with_name("model_signing")

pytestmark = pytest.mark.slow  # each starts the client, which imports a lot


def client(*arguments: str | Path, cwd: Path) -> int:
    """Return the exit code of the client's command line."""
    command = [str(CLIENT), *map(str, arguments)]
    return subprocess.run(
        command, cwd=cwd, capture_output=True, check=False, timeout=120
    ).returncode


@pytest.mark.parametrize("rekor", [1, 2], ids=["Rekor v1", "Rekor v2"])
def test_it_accepts_our_keyless_signature_of_that_workflow_alone(
    sigstore: LocalSigstore, tmp_path: Path, rekor: int
) -> None:
    model = write_model(tmp_path / "demo")
    config = dump(sigstore.trust_config(rekor))
    (tmp_path / "config.json").write_bytes(config)
    signer = KeylessSigner(Instance(config=config), lambda _: sigstore.github_token())
    attest_target(model, scan_target(model, sandbox=without_isolation()), signer)

    def accepts(identity: str) -> bool:
        given = ["--trust_config", "config.json", "--identity_provider", GITHUB_ISSUER]
        given += ["--signature", str(model / OMS_NAME), "--identity", identity]
        return client("verify", "sigstore", *given, model, cwd=tmp_path) == 0

    assert (accepts(WORKFLOW), accepts(WORKFLOW[:-1])) == (True, False)


def test_we_accept_what_it_signed_keyless(sigstore: LocalSigstore, tmp_path: Path) -> None:
    model = write_model(tmp_path / "demo")
    (tmp_path / "config.json").write_bytes(dump(sigstore.trust_config()))
    given = ["--trust_config", "config.json", "--identity_token", sigstore.github_token()]
    ended = client("sign", "sigstore", *given, "--signature", model / OMS_NAME, model, cwd=tmp_path)
    assert ended == 0
    assert verify_model_signature(model, trust(sigstore)).files == 5
    (model / "LICENSE").write_bytes(b"")
    with pytest.raises(SignatureError) as caught:
        verify_model_signature(model, trust(sigstore))
    assert caught.value.code == "digest-mismatch"


def test_we_accept_what_it_signed_with_a_certificate(tmp_path: Path) -> None:
    model = write_model(tmp_path / "demo")
    key = authority.KEY.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    (tmp_path / "key.pem").write_bytes(key)
    (tmp_path / "leaf.pem").write_bytes(authority.pem(authority.leaf()))
    (tmp_path / "chain.pem").write_bytes(authority.pem(authority.ISSUING.certificate))
    given = ["--private_key", "key.pem", "--signing_certificate", "leaf.pem"]
    given += ["--certificate_chain", "chain.pem"]
    ended = client(
        "sign", "certificate", *given, "--signature", model / OMS_NAME, model, cwd=tmp_path
    )
    assert ended == 0
    found = verify_model_signature(model, authority.trust())
    assert (found.files, found.signed_by) == (
        5,
        "release@example.com (certified by your authority)",
    )
    material = json.loads((model / OMS_NAME).read_bytes())["verificationMaterial"]
    assert len(material["x509CertificateChain"]["certificates"]) == 2
