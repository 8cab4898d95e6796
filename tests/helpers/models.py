"""Small signed models, made by the program itself."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from aibom.attest import attest_target
from aibom.sandbox import without_isolation
from aibom.scan import scan_target
from aibom.signatures import KeyTrust, generate_keys, signer_from_uri
from fixtures.safetensors import entry, safetensors

if TYPE_CHECKING:
    from aibom.attest import Attestation

WEIGHTS = safetensors({"w": entry(0, 8)}, bytes(8))


@dataclass(frozen=True)
class Keys:
    """A key pair in two files."""

    private: Path
    public: Path

    @property
    def trust(self) -> KeyTrust:
        """The trust of whoever has the public key."""
        return KeyTrust.from_pem(self.public.read_bytes())


def make_keys(folder: Path) -> Keys:
    """Write a new key pair into `folder`."""
    keys = Keys(folder / "k.key", folder / "k.pub")
    private, public = generate_keys()
    keys.private.write_bytes(private)
    keys.private.chmod(0o600)
    keys.public.write_bytes(public)
    return keys


def write_model(folder: Path) -> Path:
    """Write a model of five files, hidden and nested ones among them."""
    for name, content in {
        "model.safetensors": WEIGHTS,
        "config.json": b'{"model_type": "x"}',
        "LICENSE": b"Apache License\n",
        ".hidden": b"1",
        "sub/tokens.txt": b"a\nb\n",
        ".gitattributes": b"*.bin filter=lfs\n",
    }.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    return folder


def sign_model(path: Path, keys: Keys, into: Path | None = None) -> Attestation:
    """Attest the model at `path`, parsing in this process."""
    report = scan_target(path, sandbox=without_isolation())
    return attest_target(path, report, signer_from_uri(str(keys.private)), folder=into)
