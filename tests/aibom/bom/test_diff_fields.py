"""Comparing what is said of the same thing: each field has its kind of change, and its grade."""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING, Any

import pytest

from aibom.bom.diff import diff
from aibom.bom.diff_kinds import Grade

from .comparing import file, of, prop, told
from .merging import Json, model

if TYPE_CHECKING:
    from collections.abc import Callable

# --- What is said ---------------------------------------------------------------------------------


def changed(change: Callable[[Json], object]) -> tuple[Json, Json]:
    old = of(file("a"))
    new = copy.deepcopy(old)
    change(new)
    return old, new


def about(**fields: Any) -> Callable[[Json], object]:  # noqa: ANN401 - any field
    """Return what gives the subject fields."""
    return lambda document: document["metadata"]["component"].update(fields)


def card(**sections: Any) -> Callable[[Json], object]:  # noqa: ANN401 - any section
    return about(modelCard=sections)


LICENCE = [{"license": {"id": "MIT", "acknowledgement": "declared"}}]


Field = tuple["Callable[[Json], object]", str, str, str, str]
FIELDS: list[Field] = [
    (about(licenses=LICENCE), "licence-added", "licence declared", "MIT", "licence-removed"),
    (
        about(pedigree={"ancestors": [model("base", version="1")]}),
        "base-model-added",
        "base model",
        "base@1",
        "base-model-removed",
    ),
    (
        lambda d: d["metadata"].update(supplier={"name": "acme"}),
        "publisher-added",
        "supplier",
        "acme",
        "publisher-removed",
    ),
    (about(group="acme"), "identity-changed", "group", "acme", "identity-changed"),
    (about(version="2"), "version-changed", "version", "2", "version-changed"),
    (
        about(pedigree={"commits": [{"uid": "c0ffee"}]}),
        "version-changed",
        "commit",
        "c0ffee",
        "version-changed",
    ),
    (about(description="d"), "card-changed", "description", "d", "card-changed"),
    (
        card(modelParameters={"task": "t"}),
        "task-changed",
        "task",
        "t",
        "task-changed",
    ),
    (
        card(modelParameters={"datasets": [{"ref": "file:a"}]}),
        "data-changed",
        "datasets",
        "a",
        "data-changed",
    ),
    (
        card(modelParameters={"datasets": [{"type": "dataset", "name": "inline"}]}),
        "data-changed",
        "datasets",
        "inline",
        "data-changed",
    ),
    (
        card(quantitativeAnalysis={"performanceMetrics": [{"type": "f1", "value": "0.5"}]}),
        "metric-changed",
        "metrics",
        "f1 = 0.5",
        "metric-changed",
    ),
    (
        card(considerations={"technicalLimitations": ["none"]}),
        "card-changed",
        "technicalLimitations",
        "none",
        "card-changed",
    ),
    (
        card(properties=prop("tensor:dtype", "F32=1")),
        "parameters-restated",
        "tensor:dtype",
        "F32=1",
        "parameters-restated",
    ),
    (
        card(properties=[{"name": "cdx:ai-ml:model:parameter:count", "value": "7"}]),
        "parameters-restated",
        "parameter:count",
        "7",
        "parameters-restated",
    ),
    (
        about(properties=[{"name": "theirs", "value": "x"}]),
        "statement-changed",
        "theirs",
        "x",
        "statement-changed",
    ),
    (
        about(properties=prop("unread", "limit: too big")),
        "unread-appeared",
        "unread",
        "limit: too big",
        "unread-gone",
    ),
    (
        about(properties=prop("unknown", "supplier")),
        "completeness-lost",
        "unknown",
        "supplier",
        "completeness-gained",
    ),
    (
        about(externalReferences=[{"type": "website", "url": "https://x.example"}]),
        "identity-changed",
        "website",
        "https://x.example",
        "identity-changed",
    ),
    (
        about(externalReferences=[{"type": "chat", "url": "https://x.example"}]),
        "statement-changed",
        "externalReferences",
        '{"type": "chat", "url": "https://x.example"}',
        "statement-changed",
    ),
    (
        about(tags=["x"]),
        "statement-changed",
        "tags",
        "x",
        "statement-changed",
    ),
    (
        about(swid={"tagId": "x", "name": "y"}),
        "statement-changed",
        "swid",
        '{"name": "y", "tagId": "x"}',
        "statement-changed",
    ),
    (
        lambda d: d.update(services=[{"name": "s", "bom-ref": "s"}]),
        "statement-changed",
        "services",
        '{"name": "s"}',
        "statement-changed",
    ),
    (
        lambda d: d["metadata"].update(lifecycles=[{"phase": "build"}]),
        "statement-changed",
        "metadata.lifecycles",
        '{"phase": "build"}',
        "statement-changed",
    ),
    (
        lambda d: d["metadata"].update(tools=[{"name": "t", "version": "1"}]),
        "tool-changed",
        "tools",
        "t 1",
        "tool-changed",
    ),
    (
        lambda d: d.update(compositions=[{"aggregate": "complete", "assemblies": ["file:a"]}]),
        "completeness-gained",
        "composition",
        "complete",
        "completeness-lost",
    ),
    (
        lambda d: d.update(dependencies=[{"ref": "subject", "dependsOn": ["file:a", "?"]}]),
        "dependency-changed",
        "depends on",
        "a",
        "dependency-changed",
    ),
]


@pytest.mark.parametrize(
    ("change", "kind", "field", "value", "back"),
    FIELDS,
    ids=[
        *("licence", "base", "publisher", "group", "version", "commit", "description", "task"),
        *("data set", "inline data set", "metric", "limitation", "dtype", "count", "theirs"),
        *(
            "unread",
            "unknown",
            "link",
            "other link",
            "tags",
            "object",
            "services",
            "lifecycle",
            "tool",
            "complete",
            "dependency",
        ),
    ],
)
def test_each_field_has_its_kind_in_both_directions(
    change: Callable[[Json], object], kind: str, field: str, value: str, back: str
) -> None:
    old, new = changed(change)
    (there,) = diff(old, new).changes
    assert (there.kind, there.field, there.old, there.new) == (kind, field, (), (value,))
    (again,) = diff(new, old).changes
    assert (again.kind, again.field, again.old, again.new) == (back, field, (value,), ())


def test_other_parameters_of_other_bytes_compute_something_else() -> None:
    old = of(file("a"), properties=prop("tensor:dtype", "F32=1"))
    new = of(file("a", "x"), properties=prop("tensor:dtype", "F16=1"))
    assert told(old, new) == [("file-changed", "a", "a"), ("parameters-changed", "m", "m")]


def test_fingerprints_on_one_side_only_are_no_change_of_the_weights() -> None:
    measured = prop("weights:root", "blake3:5e") + prop("weights:leaves", "1")
    old, new = of(file("w", properties=measured)), of(file("w"))
    (change,) = diff(old, new).changes
    assert (change.kind, change.grade) == ("fingerprints-removed", Grade.EXPECTED)
    assert (change.old, change.new) == (("root=blake3:5e", "leaves=1"), ())
    assert told(new, old) == [("fingerprints-added", "w", "w")]


def test_a_set_of_the_same_files_is_the_same_though_one_side_was_not_measured() -> None:
    measured = model("set", properties=prop("weights:root", "blake3:5e"))
    old, new = of(file("w"), measured), of(file("w"), model("set"))
    assert told(old, new) == [("fingerprints-removed", "set", "set")]
    assert told(of(measured), of(model("set")))[0] == ("completeness-lost", "set", "set")
    other = model("set", properties=prop("weights:root", "blake3:6f"))
    assert told(old, of(file("w"), other)) == [("parameters-restated", "set", "set")]


def test_the_same_bytes_measured_otherwise_are_not_called_another_model() -> None:
    def read(leaves: str) -> Json:
        return of(file("w", properties=prop("weights:leaves", leaves)))

    assert told(read("1"), read("2")) == [("parameters-restated", "w", "w")]


def test_another_licence_blocks_and_its_removal_too() -> None:
    other = [{"license": {"name": "mine", "acknowledgement": "declared"}}]
    (change,) = diff(of(licenses=LICENCE), of(licenses=other)).changes
    assert (change.kind, change.grade) == ("licence-changed", Grade.RELEASE_BLOCKING)
    assert diff(of(licenses=LICENCE), of()).worst is Grade.RELEASE_BLOCKING


def test_what_was_not_read_of_a_new_file_is_told_by_itself() -> None:
    closed = file("a.zip", properties=prop("unread", "encrypted: x"))
    assert told(of(), of(closed)) == [("unread-appeared", "", "a.zip"), ("file-added", "", "a.zip")]
    assert told(of(closed), of()) == [("file-removed", "a.zip", ""), ("unread-gone", "a.zip", "")]


def test_evidence_is_no_change() -> None:
    moved = file("a", evidence={"occurrences": [{"location": "a", "offset": 7}]})
    assert told(of(file("a")), of(moved)) == []


def test_what_is_made_of_a_file_s_name_and_digest_is_no_change_by_itself() -> None:
    def described(path: str) -> Json:
        one = file(path, "a", purl=f"pkg:generic/{path}?checksum=sha256:00")
        link = {"type": "other", "url": path, "hashes": one["hashes"]}
        leaves = {"type": "evidence", "url": f"{path}.tensors.json"}
        return of(one, externalReferences=[link, leaves])

    assert told(described("a"), described("b")) == [("file-renamed", "a", "b")]


# --- Findings -------------------------------------------------------------------------------------


def finding(severity: str = "critical", ref: str = "file:a", text: str = "runs") -> Json:
    found = {"id": "rule", "affects": [{"ref": ref}], "description": text}
    return found | ({"ratings": [{"severity": severity}]} if severity else {})


def judged(*findings: Json, digest: str = "a", rules: str = "") -> Json:
    tool = {"type": "application", "name": "aibom", "properties": prop("rules:sha256", rules)}
    document: Json = of(file("a", digest)) | {"vulnerabilities": list(findings)}
    document["metadata"]["tools"] = {"components": [tool]} if rules else {}
    return document


@pytest.mark.parametrize(
    ("severity", "grade"),
    [
        ("critical", Grade.RELEASE_BLOCKING),
        ("high", Grade.RELEASE_BLOCKING),
        ("medium", Grade.REVIEW_REQUIRED),
        ("low", Grade.EXPECTED),
        ("info", Grade.EXPECTED),
        ("none", Grade.EXPECTED),
        ("unknown", Grade.RELEASE_BLOCKING),
        ("", Grade.RELEASE_BLOCKING),
    ],
    ids=["critical", "high", "medium", "low", "info", "none", "unknown", "unrated"],
)
def test_a_new_finding_is_graded_by_its_severity(severity: str, grade: Grade) -> None:
    comparison = diff(judged(), judged(finding(severity)))
    assert comparison.worst is grade
    assert comparison.changes[0].after == "a"


def test_of_equal_findings_the_number_counts() -> None:
    once, twice = judged(finding()), judged(finding(), finding())
    assert told(once, twice) == [("severe-finding-added", "", "a")]
    assert told(twice, once) == [("finding-removed", "a", "")]


def test_a_finding_moves_with_its_file() -> None:
    moved = of(file("b", "a")) | {"vulnerabilities": [finding(ref="file:b")]}
    assert told(of(file("a")) | {"vulnerabilities": [finding()]}, moved) == [
        ("file-renamed", "a", "b")
    ]


def test_a_finding_that_one_of_two_equal_scans_does_not_tell_blocks() -> None:
    old, new = judged(finding(), rules="5e"), judged(rules="5e")
    assert told(old, new) == [("finding-dropped", "a", "")]
    assert told(judged(finding(), rules="5e"), judged(rules="6f"))[-1][0] == "rules-changed"
    assert "finding-removed" in [c[0] for c in told(old, judged(digest="x", rules="5e"))]
    assert told(judged(finding()), judged()) == [("finding-removed", "a", "")]


def test_the_place_of_a_finding_is_told() -> None:
    found = finding(text="") | {
        "properties": prop("finding:member", "data.pkl"),
        "affects": [{"ref": "file:a"}, {"ref": "nowhere"}],
    }
    (change,) = diff(judged(), judged(found)).changes
    assert (change.after, change.new) == ("a, nowhere › data.pkl", ("critical",))
