"""The reference client of the OpenSSF model signature accepts ours, and we accept its."""

import subprocess
import sys
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

from aibom.layout import BOM_NAME, OMS_NAME
from aibom.signatures import SignatureError
from aibom.verify import verify_model_signature
from tests.helpers.models import Keys, sign_model, write_model

hashing: Any = import_module("model_signing.hashing")  # its types are incomplete
signing: Any = import_module("model_signing.signing")
verifying: Any = import_module("model_signing.verifying")

CLIENT = Path(sys.executable).with_name("model_signing")


def accepts(model: Path, keys: Keys, signature: Path) -> bool:
    """Return whether the client's library accepts `model`."""
    trust = verifying.Config().use_elliptic_key_verifier(public_key=keys.public)
    try:
        trust.verify(model, signature)
    except ValueError:
        return False
    return True


def sign(model: Path, keys: Keys, signature: Path, *ignored: Path) -> None:
    """Sign `model` with the client's library, as its command line does."""
    how = hashing.Config().set_ignored_paths(paths=[*ignored, signature], ignore_git_paths=True)
    signer = signing.Config().use_elliptic_key_signer(private_key=keys.private)
    signer.set_hashing_config(how).sign(model, signature)


@pytest.fixture
def model(tmp_path: Path) -> Path:
    """A model with names that the client sorts in another order than the specification."""
    model = write_model(tmp_path / "demo")
    for name in ("a b", "a-b/x", "a/x", "a.b"):
        (model / name).parent.mkdir(exist_ok=True)
        (model / name).write_bytes(name.encode())
    return model


def test_its_command_line_accepts_the_folder(model: Path, keys: Keys) -> None:
    sign_model(model, keys)
    command: list[str | Path] = [CLIENT, "verify", "key", "--public_key", keys.public]
    command += ["--signature", model / OMS_NAME, model]
    ran = subprocess.run(command, capture_output=True, text=True, check=False, timeout=120)
    assert (ran.returncode, ran.stdout) == (0, "Verification succeeded\n")


def test_it_accepts_the_folder_and_refuses_a_changed_one(model: Path, keys: Keys) -> None:
    sign_model(model, keys)
    assert accepts(model, keys, model / OMS_NAME)
    bom = (model / BOM_NAME).read_bytes()
    (model / BOM_NAME).write_bytes(bom + b"\n")
    assert not accepts(model, keys, model / OMS_NAME)
    (model / BOM_NAME).write_bytes(bom)
    (model / "evil.py").write_bytes(b"")
    assert not accepts(model, keys, model / OMS_NAME)


def test_it_accepts_a_folder_whose_signature_lies_elsewhere(
    model: Path, keys: Keys, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    out.mkdir()
    sign_model(model, keys, out)
    assert accepts(model, keys, out / OMS_NAME)


@pytest.mark.parametrize("place", ["demo", "."], ids=["in the folder", "elsewhere"])
def test_we_accept_what_it_signed(model: Path, keys: Keys, tmp_path: Path, place: str) -> None:
    signature = tmp_path / place / OMS_NAME
    sign(model, keys, signature)
    found = verify_model_signature(model, keys.trust, signature=signature)
    assert (found.model, found.files) == ("demo", 9)
    (model / "a b").write_bytes(b"other")
    with pytest.raises(SignatureError) as caught:
        verify_model_signature(model, keys.trust, signature=signature)
    assert caught.value.code == "digest-mismatch"


def test_we_honour_and_name_what_it_left_out(model: Path, keys: Keys) -> None:
    sign(model, keys, model / OMS_NAME, model / "sub")
    (model / "sub" / "new").write_bytes(b"")
    assert verify_model_signature(model, keys.trust).not_covered == (".gitattributes", "sub")
