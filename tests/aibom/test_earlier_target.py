"""What an earlier run wrote is replaced by an update of the same model, never by another model."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import pytest

from aibom.attest import attest_target
from aibom.cli import run
from aibom.errors import OutputError
from aibom.layout import BOM_NAME, BUNDLE_NAME, OMS_NAME, Outputs
from aibom.publish import Wishes
from aibom.sandbox import without_isolation
from aibom.scan import scan_target
from aibom.signatures import signer_from_uri
from aibom.verify import sign_existing, verify_target
from tests.helpers.models import WEIGHTS, Keys, make_keys, sign_model

if TYPE_CHECKING:
    from pathlib import Path

    from aibom.publish import Published

ALL = [BOM_NAME, BUNDLE_NAME, OMS_NAME]


@pytest.fixture
def out(tmp_path: Path) -> Path:
    folder = tmp_path / "out"
    folder.mkdir()
    return folder


def content(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in sorted(folder.iterdir())}


def attest(model: Path, keys: Keys, out: Path, *, force: bool = False) -> Published:
    report = scan_target(model, sandbox=without_isolation())
    signer = signer_from_uri(str(keys.private))
    wishes = Wishes(force=force)
    return attest_target(model, report, signer, folder=out, wishes=wishes).published


def other_model(folder: Path) -> Path:
    """Write a model of which no file is one of the first's."""
    folder.mkdir(parents=True)
    (folder / "model.safetensors").write_bytes(WEIGHTS[:-1] + b"\1")
    (folder / "config.json").write_bytes(b'{"model_type": "y"}')
    return folder


class TestTheSameModelAndKey:
    def test_again_changes_no_byte(self, model: Path, keys: Keys, out: Path) -> None:
        attest(model, keys, out)
        before = content(out)
        again = attest(model, keys, out)
        assert list(before) == ALL
        assert (content(out), again.replaced) == (before, ())
        assert again.unchanged == (out / BUNDLE_NAME, out / OMS_NAME)

    def test_under_another_name_is_the_same(
        self, model: Path, keys: Keys, out: Path, tmp_path: Path
    ) -> None:
        attest(model, keys, out)
        moved = shutil.copytree(model, tmp_path / "renamed")
        assert attest(moved, keys, out).replaced == (out / BUNDLE_NAME, out / OMS_NAME)
        assert verify_target(moved, keys.trust, outputs=Outputs.of(moved, out)).model == "renamed"

    def test_with_some_new_bytes_is_an_update_and_told_so(
        self, model: Path, keys: Keys, out: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        attest(model, keys, out)
        (model / "model.safetensors").write_bytes(WEIGHTS[:-1] + b"\1")
        options = ["--key", str(keys.private), "--output-dir", str(out), "--no-fingerprints"]
        assert run(["attest", "--no-isolation", str(model), *options]) == 0
        told = capsys.readouterr().err
        assert f"replaced what was there: {out / BUNDLE_NAME}" in told
        assert f"replaced what was there: {out / OMS_NAME}" in told
        assert verify_target(model, keys.trust, outputs=Outputs.of(model, out)).files == 5

    @pytest.mark.parametrize("name", ["", "config.json"], ids=["a folder", "a file"])
    def test_in_its_own_place_is_an_update_whatever_changed(
        self, tmp_path: Path, keys: Keys, name: str
    ) -> None:
        model = other_model(tmp_path / "demo")
        sign_model(model / name, keys)
        for path in (model / "config.json", model / "model.safetensors"):
            path.write_bytes(path.read_bytes().replace(b"y", b"z"))
        (model / "model.safetensors").write_bytes(WEIGHTS)
        again = sign_model(model / name, keys).published
        assert again.outputs.bundle in again.replaced
        verify_target(model / name, keys.trust)

    def test_an_edited_bom_is_replaced_with_a_word(
        self, model: Path, keys: Keys, out: Path
    ) -> None:
        attest(model, keys, out)
        bom = (out / BOM_NAME).read_bytes()
        (out / BOM_NAME).write_bytes(bom.replace(b'"version": 1', b'"version": 2'))
        again = attest(model, keys, out)
        assert (again.replaced, (out / BOM_NAME).read_bytes()) == ((out / BOM_NAME,), bom)

    def test_an_edited_bom_can_be_signed_instead(self, model: Path, keys: Keys, out: Path) -> None:
        attest(model, keys, out)
        edited = (out / BOM_NAME).read_bytes().replace(b'"version": 1', b'"version": 2')
        (out / BOM_NAME).write_bytes(edited)
        where = Outputs.of(model, out)
        done = sign_existing(model, signer_from_uri(str(keys.private)), outputs=where)
        assert done.replaced == (out / BUNDLE_NAME,)
        assert verify_target(model, keys.trust, outputs=where).bom["version"] == 2


class TestAnotherModelOfTheSameKey:
    def refused(self, model: Path, keys: Keys, out: Path) -> str:
        before = content(out)
        with pytest.raises(OutputError) as caught:
            attest(model, keys, out)
        assert content(out) == before
        return str(caught.value)

    def test_is_refused_unless_forced(
        self, model: Path, keys: Keys, out: Path, tmp_path: Path
    ) -> None:
        attest(model, keys, out)
        other = other_model(tmp_path / "other")
        assert self.refused(other, keys, out) == (
            f"{out / BUNDLE_NAME}: the signature of 'demo', not of 'other', is there. "
            "Write into another folder, or replace it with --force."
        )
        attest(other, keys, out, force=True)
        assert verify_target(other, keys.trust, outputs=Outputs.of(other, out)).model == "other"

    def test_that_shares_a_file_is_refused(
        self, model: Path, keys: Keys, out: Path, tmp_path: Path
    ) -> None:
        attest(model, keys, out)
        other = other_model(tmp_path / "other")
        shutil.copy(model / "LICENSE", other)
        assert "the signature of 'demo', not of 'other'" in self.refused(other, keys, out)

    @pytest.mark.parametrize("name", ["", "config.json"], ids=["a folder", "a file"])
    def test_of_the_same_name_is_refused(
        self, model: Path, keys: Keys, out: Path, tmp_path: Path, name: str
    ) -> None:
        attest(model / name, keys, out)
        other = other_model(tmp_path / "elsewhere" / "demo") / name
        said = self.refused(other, keys, out)
        assert f"another model called '{name or 'demo'}', without a file in common, is" in said

    def test_is_refused_by_the_model_signature_alone(
        self, model: Path, keys: Keys, out: Path, tmp_path: Path
    ) -> None:
        attest(model, keys, out)
        for name in (BOM_NAME, BUNDLE_NAME):
            (out / name).unlink()
        said = self.refused(other_model(tmp_path / "other"), keys, out)
        assert said.startswith(f"{out / OMS_NAME}: the signature of 'demo'")

    def test_is_refused_when_its_bom_is_signed_there(
        self, model: Path, keys: Keys, out: Path, tmp_path: Path
    ) -> None:
        attest(model, keys, out)
        other = other_model(tmp_path / "other")
        sign_model(other, keys)
        shutil.copy(other / BOM_NAME, out)
        with pytest.raises(OutputError, match="the signature of 'demo', not of 'other'"):
            sign_existing(other, signer_from_uri(str(keys.private)), outputs=Outputs.of(other, out))

    def test_is_refused_before_it_is_read(
        self,
        model: Path,
        keys: Keys,
        out: Path,
        tmp_path: Path,
        capsys: pytest.CaptureFixture[str],
    ) -> None:
        attest(model, keys, out)
        other = other_model(tmp_path / "other")
        options = ["--key", str(keys.private), "--output-dir", str(out)]
        assert run(["attest", "--no-isolation", str(other), *options]) == 2
        told = capsys.readouterr()
        assert told.out == ""
        assert "the signature of 'demo', not of 'other', is there" in told.err
        assert "severity" not in told.err
        assert run(["attest", "--no-isolation", str(other), *options, "--name", "demo"]) == 2
        assert "called 'demo', without a file in common" in capsys.readouterr().err


@pytest.mark.parametrize("name", [BUNDLE_NAME, OMS_NAME])
def test_something_else_by_the_same_key_is_refused(
    model: Path, keys: Keys, out: Path, name: str
) -> None:
    attest(model, keys, out)
    first, second = out / BUNDLE_NAME, out / OMS_NAME
    one, two = first.read_bytes(), second.read_bytes()
    first.write_bytes(two if name == BUNDLE_NAME else one)
    second.write_bytes(one if name == OMS_NAME else two)
    with pytest.raises(OutputError, match="a signature of something else than a model is there"):
        attest(model, keys, out)


def test_another_key_is_refused(model: Path, keys: Keys, out: Path, tmp_path: Path) -> None:
    (tmp_path / "b").mkdir()
    attest(model, keys, out)
    before = content(out)
    with pytest.raises(OutputError, match="that this signer did not make"):
        attest(model, make_keys(tmp_path / "b"), out)
    assert content(out) == before
