"""The tests' own Sigstore is one that other clients believe."""

from __future__ import annotations

import hashlib
import json
import shutil
import subprocess
from typing import TYPE_CHECKING

import pytest
from cryptography.hazmat.primitives.serialization import Encoding
from sigstore.dsse import Statement
from sigstore.models import Bundle, ClientTrustConfig
from sigstore.oidc import IdentityToken
from sigstore.sign import SigningContext
from sigstore.verify import Verifier
from sigstore.verify.policy import Identity

from tests.local_sigstore import GITHUB_ISSUER, der
from tests.local_sigstore.timestamps import Request, imprint_of
from tests.signatures.examples import dump, statement

if TYPE_CHECKING:
    from pathlib import Path

    from tests.local_sigstore import LocalSigstore

WORKFLOW = "https://github.com/acme/model/.github/workflows/release.yml@refs/tags/v1"
OPENSSL = shutil.which("openssl")


@pytest.mark.parametrize("rekor", [1, 2])
def test_sigstore_python_signs_and_verifies(sigstore: LocalSigstore, rekor: int) -> None:
    config = ClientTrustConfig.from_json(json.dumps(sigstore.trust_config(rekor)))
    token = IdentityToken(sigstore.github_token())
    with SigningContext.from_trust_config(config).signer(token) as signer:
        raw = signer.sign_dsse(Statement(dump(statement()))).to_json()
    verified = Verifier(trusted_root=config.trusted_root).verify_dsse(
        Bundle.from_json(raw), Identity(identity=WORKFLOW, issuer=GITHUB_ISSUER)
    )
    assert verified == ("application/vnd.in-toto+json", dump(statement()))


@pytest.mark.skipif(OPENSSL is None, reason="the program openssl is not installed")
def test_openssl_believes_the_timestamp(sigstore: LocalSigstore, tmp_path: Path) -> None:
    authority = sigstore.timestamps
    imprint = imprint_of(hashlib.sha256(b"data").digest())
    with sigstore.clock.moved(days=-0.5):
        stamp = authority.stamp(Request(imprint, der.integer(1 << 63), with_certificate=True))
    (tmp_path / "stamp").write_bytes(stamp)
    (tmp_path / "root").write_bytes(authority.root.certificate.public_bytes(Encoding.PEM))

    def exit_code(data: bytes) -> int:
        (tmp_path / "data").write_bytes(data)
        command = [OPENSSL or "", "ts", "-verify", "-in", "stamp", "-data", "data"]
        return subprocess.run(
            [*command, "-CAfile", "root"], cwd=tmp_path, capture_output=True, check=False
        ).returncode

    assert (exit_code(b"data"), exit_code(b"other")) == (0, 1)


@pytest.mark.parametrize("number", [0, 1, 127, 128, 255, 256, 1 << 64])
def test_integers_survive_der(number: int) -> None:
    ((tag, content, _),) = der.members(der.integer(number))
    assert (tag, int.from_bytes(content, signed=True)) == (der.INTEGER, number)
