"""A second scan holds what a signed BOM observes of weights, graphs and sets against the bytes."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from aibom.bom import build, cyclonedx
from aibom.rescan import rescan
from aibom.sandbox import without_isolation
from aibom.scan import scan_target
from aibom.signatures import SignatureError
from tests.aibom.bom import whole

if TYPE_CHECKING:
    from collections.abc import Callable

    from aibom.report import Report

Document = dict[str, Any]


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> Report:
    folder = whole.write(tmp_path_factory.mktemp("models") / "demo")
    return scan_target(folder, sandbox=without_isolation())


def document(report: Report, version: str = "1.7") -> Document:
    found: Document = json.loads(json.dumps(cyclonedx.document(build(report), None, version)))
    return found


def part(found: Document, ref: str) -> Document:
    return next(each for each in found["components"] if each["bom-ref"] == ref)


@pytest.mark.parametrize("version", ["1.6", "1.7"])
def test_an_honest_bom_of_either_version_holds(version: str, report: Report) -> None:
    assert rescan(document(report, version), report).same_rules


def test_what_the_publisher_says_is_not_held_against_the_bytes(report: Report) -> None:
    signed = document(report)
    signed["metadata"]["component"] |= {"version": "7", "group": "somebody"}
    assert rescan(signed, report).same_rules


def lie(ref: str, name: str, value: str) -> Callable[[Document], None]:
    def tell(found: Document) -> None:
        told = part(found, ref)["modelCard"]["properties"]
        next(each for each in told if each["name"] == name)["value"] = value

    return tell


def other_input(found: Document) -> None:
    parameters = part(found, "file:model.onnx")["modelCard"]["modelParameters"]
    parameters["inputs"][0]["format"] = "X: STRING[N]"


def other_purl(found: Document) -> None:
    part(found, "file:model.onnx")["purl"] = "pkg:huggingface/well/known"


PARAMETERS = "cdx:ai-ml:model:parameter:count"
LIES: dict[str, tuple[Callable[[Document], None], str]] = {
    "more parameters of a file": (
        lie("file:model-q8_0.gguf", PARAMETERS, "70000000000"),
        f"'model-q8_0.gguf': {PARAMETERS} is ['256'], signed ['70000000000']",
    ),
    "more parameters of a set of shards": (
        lie("weights:model.safetensors", PARAMETERS, "7"),
        f"'weights:model.safetensors': {PARAMETERS} is ['384'], signed ['7']",
    ),
    "another operator": (
        lie("file:model.onnx", "aibom:operator", "Gelu=1"),
        "operator is ['MatMul=1']",
    ),
    "another input": (other_input, "input is ['X: FLOAT[N, 4]'], signed ['X: STRING[N]']"),
    "another package URL": (other_purl, "purl is ['pkg:generic/model.onnx?checksum"),
    "a set that is not there": (
        lambda found: part(found, "weights:model.safetensors").update({"bom-ref": "weights:x"}),
        "'weights:x' was not scanned",
    ),
}


@pytest.mark.parametrize(("change", "told"), LIES.values(), ids=LIES)
def test_tells(change: Callable[[Document], None], told: str, report: Report) -> None:
    signed = document(report)
    change(signed)
    with pytest.raises(SignatureError) as caught:
        rescan(signed, report)
    assert told in str(caught.value)
