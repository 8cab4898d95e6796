"""Files that TensorFlow itself wrote: `tests/data/real/tensorflow.md` says how."""

from __future__ import annotations

import pytest

from aibom.scanners import kits
from aibom.scanners.artifact import Artifact, Target
from aibom.scanners.dissect import dissect
from aibom.scanners.facts import Operation, Operator, Reference, Tensor, Unread
from aibom.scanners.judge import judge
from aibom.scanners.limits import Budget, Limits
from aibom.scanners.rule import Severity
from aibom.scanners.source import BytesSource
from tests.helpers.checkout import ROOT

kits.load_all()

REAL = ROOT / "tests/data/real"
PLAIN = {"SaveV2", "MergeV2Checkpoints", "RestoreV2"}  # what each model has


def read(name: str) -> Artifact:
    return dissect(BytesSource((REAL / name).read_bytes()), (name,), Budget(Limits()))


@pytest.mark.parametrize(
    ("name", "format_", "reached"),
    [
        (
            "labels_saved_model.pb",
            "tf-saved-model",
            [
                ("PrintV2", (), (), False),
                ("ReadFile", (), ("labels.txt",), False),
                ("InitializeTableFromTextFileV2", (), ("labels.txt",), False),
            ],
        ),
        (
            "reader_saved_model.pb",
            "tf-saved-model",
            [("TextLineDataset", ("/etc/hostname",), (), False)],
        ),
        ("model.meta", "tf-meta-graph", []),
        ("graph.pbtxt", "tf-graph-text", []),
        ("flex.tflite", "tflite", []),
        ("reads.tflite", "tflite", [("ReadFile", ("/etc/hostname",), (), False)]),
        ("variables.index", "tf-checkpoint-index", []),
    ],
)
def test_what_it_reaches_is_told_and_flagged(
    name: str, format_: str, reached: list[tuple[str, tuple[str, ...], tuple[str, ...], bool]]
) -> None:
    artifact = read(name)
    assert artifact.formats == (format_,)
    assert not [fact for fact in artifact.facts if isinstance(fact, Unread)]
    assert [
        (fact.operator, fact.given, fact.assets, fact.is_computed)
        for fact in artifact.facts
        if isinstance(fact, Operation) and fact.operator not in PLAIN
    ] == reached
    found = {f.rule for f in judge(Target((artifact,))) if f.severity >= Severity.HIGH}
    assert found == ({"graph-touches-files"} if name.startswith("read") else set())


def test_what_every_model_has_is_fed_by_the_loader() -> None:
    artifacts = [read(name) for name in ("labels_saved_model.pb", "model.meta", "graph.pbtxt")]
    facts = [fact for each in artifacts for fact in each.facts if isinstance(fact, Operation)]
    restoring = [fact for fact in facts if fact.operator in PLAIN]
    assert len(restoring) == 7
    assert all(fact.is_fed and not fact.is_computed for fact in restoring)


def test_operators_assets_and_tensors_are_told() -> None:
    labels = read("labels_saved_model.pb").facts
    assert [fact.target for fact in labels if isinstance(fact, Reference)] == [
        "assets/labels.txt"
    ] * 2
    assert ("ReadFile", 1) in [(f.name, f.count) for f in labels if isinstance(f, Operator)]
    assert [
        (fact.domain, fact.name) for fact in read("flex.tflite").facts if isinstance(fact, Operator)
    ] == [("tensorflow", "StringLower"), ("tensorflow", "StringJoin")]
    (_, scale) = (f for f in read("variables.index").facts if isinstance(f, Tensor))
    assert (scale.name, scale.dtype, scale.shape, scale.storage) == (
        "scale/.ATTRIBUTES/VARIABLE_VALUE",
        "float32",
        (2,),
        "variables.data-00000-of-00001",
    )
