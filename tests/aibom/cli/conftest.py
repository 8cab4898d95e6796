"""A signed model, and the command line run without a process of its own."""

from __future__ import annotations

import base64
import json
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from aibom.cli import run
from aibom.layout import BUNDLE_NAME
from tests.helpers.models import Keys, make_keys, sign_model, write_model
from tests.signatures.examples import Document, dump

if TYPE_CHECKING:
    from tests.local_sigstore import LocalSigstore
    from tests.local_sigstore.client import Client


@dataclass(frozen=True)
class Signed:
    """A model, signed with a key; and the command line."""

    model: Path
    keys: Keys
    root: list[str]  # options that name the tests' Sigstore
    capsys: pytest.CaptureFixture[str]

    @property
    def payload(self) -> bytes:
        """The statement that is signed."""
        document = json.loads((self.model / BUNDLE_NAME).read_bytes())
        return base64.b64decode(document["dsseEnvelope"]["payload"])

    def put(self, document: Document) -> None:
        """Replace the signature."""
        (self.model / BUNDLE_NAME).write_bytes(dump(document))

    def sign(self, by: Client) -> None:
        """Replace the signature by one that the client makes."""
        self.put(by.sign(self.payload))

    def run(self, *arguments: object) -> tuple[int, str]:
        """Return the exit code and what was said about it."""
        self.capsys.readouterr()
        code = run([str(each) for each in arguments])
        return code, self.capsys.readouterr().err

    def verify(self, *arguments: object) -> tuple[int, str]:
        """Verify the model; as `run`."""
        return self.run("verify", self.model, *arguments)


@pytest.fixture(scope="session")
def signed_once(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Keys]:
    keys = make_keys(tmp_path_factory.mktemp("keys"))
    model = write_model(tmp_path_factory.mktemp("models") / "demo")
    sign_model(model, keys)
    return model, keys


@pytest.fixture
def signed(
    signed_once: tuple[Path, Keys],
    tmp_path: Path,
    sigstore: LocalSigstore,
    capsys: pytest.CaptureFixture[str],
) -> Signed:
    """A model to be signed otherwise."""
    model, keys = signed_once
    root = tmp_path / "root.json"
    root.write_bytes(dump(sigstore.trusted_root()))
    copy = shutil.copytree(model, tmp_path / "demo")
    return Signed(copy, keys, ["--trusted-root", str(root)], capsys)
