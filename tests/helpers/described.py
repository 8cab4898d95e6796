"""A model that says much of itself: one of everything that a model card can tell."""

from __future__ import annotations

from hashlib import sha256
from typing import TYPE_CHECKING

from aibom.outcome import Outcome
from aibom.policy import Policy
from aibom.scanners.artifact import Artifact
from aibom.scanners.facts import (
    Dataset,
    Licence,
    Metadata,
    Metric,
    Passage,
    Reference,
    Refers,
    Role,
    Tensor,
)
from aibom.scanners.source import Span
from tests.helpers.reports import report_of

if TYPE_CHECKING:
    from aibom.report import Report
    from aibom.scanners.facts import Fact

MIT = Licence(key="LICENSE", value="MIT License", ids=("MIT",))


def file(name: str, *facts: Fact, formats: str) -> Artifact:
    """Return a file with a digest."""
    digests = (("sha256", sha256(name.encode("utf-8", "surrogatepass")).hexdigest()),)
    return Artifact((name,), 1_000, digests, (formats,), facts)


def weights(name: str, *facts: Fact, elements: int = 6) -> Artifact:
    """Return a file of weights with one tensor of so many elements."""
    tensor = Tensor(name="w", dtype="F32", shape=(elements,), at=Span(100, 4 * elements))
    return file(name, tensor, *facts, formats="gguf")


def card(said: str = "x") -> Artifact:
    """Return a model card; `said` stands wherever an author decides on a text."""
    return file(
        "README.md",
        Licence(key="license", value=f"licence {said}"),
        Reference(kind=Refers.BASE_MODEL, key="base_model", target=f"base {said}", at=Span(9, 4)),
        Dataset(key="datasets[0]", name=f"data {said}", role=Role.TRAINING, split=said),
        Metric(key="model-index[0].results[0]", kind=f"accuracy {said}", value=f"0.7 {said}"),
        Metadata(key="base_model_relation", value=f"finetune {said}"),
        Metadata(key="body.first-paragraph", value=f"A model. {said}"),
        Metadata(key="model-index[0].name", value=f"name {said}"),
        Metadata(key="tags[0]", value=f"tag {said}"),
        Metadata(key="pipeline_tag", value=f"task {said}"),
        Passage(heading="Limitations", above=(f"above {said}",), text=f"one\n{said}\nthree"),
        Passage(heading="Intended uses", text=f"use {said}"),
        formats="model-card",
    )


def described(said: str = "x") -> Report:
    """Return the report of a model whose card, weights and licence file say something."""
    base = Reference(kind=Refers.BASE_MODEL, key="general.base_model.0.name", target=f"own {said}")
    return report_of(
        card(said),
        file("LICENSE", MIT, formats="licence-text"),
        weights("model.gguf", Metadata(key="general.base_model.0.name", value=f"own {said}"), base),
        weights("other.gguf"),
    )


def outcome(said: str = "x", path: str = "model") -> Outcome:
    """Return what the default policy makes of it."""
    report = described(said)
    return Outcome(path, report, Policy().apply(report))
