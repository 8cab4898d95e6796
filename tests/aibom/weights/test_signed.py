"""Fingerprints beside a BOM: written, referred to, signed, verified."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from safetensors.numpy import save_file  # pyright: ignore[reportUnknownVariableType]

from aibom.attest import attest_target, bom_of, fingerprints_of
from aibom.errors import OutputError
from aibom.layout import FINGERPRINTS_NAME, Outputs
from aibom.publish import Wishes, look_at_outputs
from aibom.sandbox import without_isolation
from aibom.scan import scan_target
from aibom.signatures import SignatureError, signer_from_uri
from aibom.verify import sign_existing, verify_model_signature, verify_target
from aibom.weights.sidecar import read
from aibom.weights.signed import Reference, referenced
from tests.aibom.weights import oracle
from tests.helpers.models import Keys, make_keys

if TYPE_CHECKING:
    from pathlib import Path

    from aibom import attest

ARRAY: Any = np.arange(5000, dtype="f4")


@pytest.fixture(scope="module")
def keys(tmp_path_factory: pytest.TempPathFactory) -> Keys:
    return make_keys(tmp_path_factory.mktemp("keys"))


@pytest.fixture
def model(tmp_path: Path) -> Path:
    folder = tmp_path / "model"
    folder.mkdir()
    save_file({"w": ARRAY}, folder / "a.safetensors")
    save_file({"v": ARRAY, "x": ARRAY[:3]}, folder / "b.safetensors")
    return folder


def scanned(path: Path, *, fingerprints: bool = True) -> Any:  # noqa: ANN401
    return scan_target(path, sandbox=without_isolation(), fingerprints=fingerprints)


def signed(path: Path, keys: Keys, *, fingerprints: bool = True) -> attest.Attestation:
    return attest_target(path, scanned(path, fingerprints=fingerprints), str(keys.private))


def properties(component: Any) -> dict[str, str]:  # noqa: ANN401
    card = component.get("modelCard", {}).get("properties", [])
    told = [*component.get("properties", []), *card]
    return {
        each["name"].removeprefix("aibom:weights:"): each["value"]
        for each in told
        if each["name"].startswith("aibom:weights:")
    }


def test_the_bom_says_what_each_file_and_the_model_hold(model: Path, keys: Keys) -> None:
    bom = json.loads(signed(model, keys).bom)
    root = f"blake3:{oracle.root([ARRAY, ARRAY[:3]])}"
    assert properties(bom["metadata"]["component"]) == {
        "root": root, "leaves": "2", "covered": "40012"
    }  # fmt: skip
    assert {
        component["name"]: properties(component)
        for component in bom["components"]
        if properties(component)
    } == {
        "a.safetensors": {
            "root": f"blake3:{oracle.root([ARRAY])}", "leaves": "1", "covered": "20000"
        },
        "b.safetensors": {"root": root, "leaves": "2", "covered": "20012"},
    }  # fmt: skip


def test_the_bom_refers_to_the_file_that_names_every_leaf(model: Path, keys: Keys) -> None:
    done = signed(model, keys)
    place = model / FINGERPRINTS_NAME
    assert done.outputs.fingerprints == place
    assert place in done.published.written
    weights = scanned(model).weights
    assert read(place.read_bytes()) == weights
    assert verify_target(model, keys.trust).not_covered == ("model.sig",)


def test_the_openssf_signature_covers_them_too(model: Path, keys: Keys) -> None:
    signed(model, keys)
    verify_model_signature(model, keys.trust)
    (model / FINGERPRINTS_NAME).write_bytes(b"{}")
    with pytest.raises(SignatureError) as caught:
        verify_model_signature(model, keys.trust)
    assert caught.value.code == "digest-mismatch"


def test_changed_or_missing_fingerprints_are_refused(model: Path, keys: Keys) -> None:
    signed(model, keys)
    place = model / FINGERPRINTS_NAME
    place.write_bytes(place.read_bytes() + b" ")
    for code in ("digest-mismatch", "missing-file"):
        with pytest.raises(SignatureError) as caught:
            verify_target(model, keys.trust)
        assert caught.value.code == code
        place.unlink(missing_ok=True)


def test_fingerprints_of_an_earlier_release_are_named_as_not_covered(
    model: Path, keys: Keys
) -> None:
    signed(model, keys)
    signed(model, keys, fingerprints=False)
    assert set(verify_target(model, keys.trust).not_covered) == {"model.sig", FINGERPRINTS_NAME}


def test_signing_again_changes_nothing(model: Path, keys: Keys) -> None:
    first = signed(model, keys)
    again = signed(model, keys)
    assert again.bom == first.bom
    assert set(again.published.unchanged) == {first.outputs.bundle, model / "model.sig"}
    assert again.published.replaced == ()


def test_a_file_in_their_place_that_is_none_stays(model: Path, keys: Keys) -> None:
    (model / FINGERPRINTS_NAME).write_text('{"mine": 1}')
    with pytest.raises(OutputError, match="a file is there that aibom did not write"):
        signed(model, keys)
    with pytest.raises(OutputError, match="a file is there that aibom did not write"):
        look_at_outputs(
            Outputs.of(model).with_fingerprints(),
            model,
            lambda: signer_from_uri(str(keys.private)),
            wishes=Wishes(),
        )
    assert (model / FINGERPRINTS_NAME).read_text() == '{"mine": 1}'
    report = scanned(model)
    attest_target(model, report, str(keys.private), wishes=Wishes(force=True))
    assert read((model / FINGERPRINTS_NAME).read_bytes()) == report.weights


def test_a_single_file_has_them_under_its_own_name(model: Path, keys: Keys) -> None:
    file = model / "a.safetensors"
    done = signed(file, keys)
    assert done.outputs.fingerprints == model / "a.safetensors.aibom.tensors.json"
    verify_target(file, keys.trust)


def test_a_model_without_tensors_has_none(tmp_path: Path, keys: Keys) -> None:
    (tmp_path / "README.md").write_text("# x\n")
    done = signed(tmp_path, keys)
    assert done.outputs.fingerprints is None
    assert not (tmp_path / FINGERPRINTS_NAME).exists()


def test_a_scan_today_must_agree_with_the_signed_root(model: Path, keys: Keys) -> None:
    signed(model, keys)
    found = verify_target(model, keys.trust, rescanned=lambda: scanned(model))
    assert found.rescan is not None
    with pytest.raises(SignatureError, match="scan with fingerprints=True"):
        verify_target(model, keys.trust, rescanned=lambda: scanned(model, fingerprints=False))
    signed(model, keys, fingerprints=False)
    verify_target(model, keys.trust, rescanned=lambda: scanned(model))


def test_a_signer_that_lies_about_the_root_is_caught(model: Path, keys: Keys) -> None:
    outputs = Outputs.of(model)
    outputs.bom.write_bytes(
        bom_of(scanned(model), None, None).replace(oracle.root([ARRAY]).encode(), b"0" * 64)
    )
    sign_existing(model, signer_from_uri(str(keys.private)), outputs=outputs)
    verify_target(model, keys.trust)
    with pytest.raises(SignatureError, match="weights:root") as caught:
        verify_target(model, keys.trust, rescanned=lambda: scanned(model))
    assert caught.value.code == "rescan-differs"


def test_a_bom_that_exists_is_signed_with_its_fingerprints(model: Path, keys: Keys) -> None:
    report, outputs = scanned(model), Outputs.of(model)
    told = fingerprints_of(report, "other.tensors.json")
    assert told is not None
    outputs.bom.write_bytes(bom_of(report, None, None, fingerprints=told))
    signer = signer_from_uri(str(keys.private))
    with pytest.raises(SignatureError, match="is not there"):
        sign_existing(model, signer, outputs=outputs)
    (model / "other.tensors.json").write_bytes(told.content)
    done = sign_existing(model, signer, outputs=outputs)
    assert model / "other.tensors.json" in done.written
    assert verify_target(model, keys.trust).not_covered == ("model.sig",)


def test_what_is_no_bom_is_refused_as_before(model: Path, keys: Keys) -> None:
    for content, code in ((b"no", "json-malformed"), (b"[]", "not-a-bom")):
        Outputs.of(model).bom.write_bytes(content)
        with pytest.raises(SignatureError) as caught:
            sign_existing(
                model, signer_from_uri(str(keys.private)), outputs=Outputs.of(model),
                wishes=Wishes(force=True),
            )  # fmt: skip
        assert caught.value.code == code


def subject(*references: object) -> dict[str, Any]:
    return {"metadata": {"component": {"externalReferences": [*references]}}}


HASH = {"alg": "SHA-256", "content": "0" * 64}
GOOD = {"type": "evidence", "url": "a%20b.tensors.json", "hashes": [HASH]}


def test_a_reference_names_a_file_beside_the_bom() -> None:
    others = {"type": "website", "url": "x.tensors.json"}, {"type": "evidence", "url": "a.pdf"}, 1
    assert referenced(subject(*others, GOOD)) == Reference("a b.tensors.json", "0" * 64)
    without: list[dict[str, Any]] = [{}, {"metadata": 1}, {"metadata": {"component": []}}]
    for bom in [subject(*others), *without]:
        assert referenced(bom) is None


@pytest.mark.parametrize(
    ("references", "code"),
    [
        ([GOOD, GOOD], "bom-malformed"),
        ([GOOD | {"hashes": []}], "bom-malformed"),
        ([GOOD | {"hashes": [HASH, HASH]}], "bom-malformed"),
        ([GOOD | {"hashes": [HASH | {"content": "x"}]}], "digest-algorithm"),
        ([GOOD | {"url": "../x.tensors.json"}], "bad-name"),
        ([GOOD | {"url": "a%2Fx.tensors.json"}], "bad-name"),
        ([GOOD | {"url": "/x.tensors.json"}], "bad-name"),
    ],
    ids=["two", "no hash", "two hashes", "no digest", "above", "below", "at the root"],
)
def test_any_other_reference_is_refused(references: list[object], code: str) -> None:
    with pytest.raises(SignatureError) as caught:
        referenced(subject(*references))
    assert caught.value.code == code
