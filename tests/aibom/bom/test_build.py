"""What a report says stands in its BOM: files, claims with their places, and what is not known."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from aibom import bom
from aibom.bom.model import Aggregate, Composition, NotCovered
from aibom.errors import BomError
from aibom.scanners.artifact import Artifact
from aibom.scanners.facts import Licence, Metadata, Reason, Tensor
from aibom.scanners.formats import FORMATS
from aibom.scanners.rule import Finding, Severity
from aibom.scanners.source import Span
from aibom.signatures import build_statement
from aibom.signatures.components import listed_files

from .examples import card, faults, fifo, file, link, properties, report, small, unread, written

if TYPE_CHECKING:
    from aibom.scanners.facts import Fact
    from aibom.scanners.format import Format

GOLDEN = Path(__file__).with_name("small.cdx.json")
CONTROL = "a\nb\x1b[31m\x7f\x9b\u202e"


def test_a_small_report_gives_the_whole_bom_that_was_checked_by_hand() -> None:
    assert bom.to_json(bom.build(small())).decode() == GOLDEN.read_text(encoding="utf-8")


def test_the_golden_bom_is_strictly_valid_as_a_whole() -> None:
    assert faults(GOLDEN.read_bytes()) == []


def test_models_come_first_then_files_each_by_path() -> None:
    weights = Tensor(name="w", dtype="F32", shape=(1,))
    found = written(report(file("b"), file("z", weights), file("a"), file("y", weights)))
    assert [(each["type"], each["name"]) for each in found["components"]] == [
        ("machine-learning-model", "y"),
        ("machine-learning-model", "z"),
        ("file", "a"),
        ("file", "b"),
    ]


@pytest.mark.parametrize("format", FORMATS, ids=lambda each: each.id)
def test_a_format_decides_kind_and_media_type(format: Format) -> None:  # noqa: A002 - its name
    (component,) = written(report(file("x", formats=format.id)))["components"]
    assert component["type"] == ("machine-learning-model" if format.model else "file")
    assert component.get("mime-type") == (format.media_type or None)


@pytest.mark.parametrize(
    "name",
    [
        *(".gitignore", ".gitattributes", ".github/workflows/ci.yml"),
        *("aibom.cdx.json", "aibom.cdx.json.sigstore.json", "model.sig"),
    ],
)
def test_what_no_signature_covers_is_no_component_and_changes_nothing(name: str) -> None:
    alone = bom.to_json(bom.build(report(file("a"))))
    assert bom.to_json(bom.build(report(file("a"), file(name)))) == alone
    assert written(report(file(f"sub/{name}")))["components"][0]["name"] == f"sub/{name}"


def test_a_single_file_is_the_subject_and_the_one_component() -> None:
    found = written(report(file(".gitignore"), name=".gitignore", is_folder=False))
    (component,) = found["components"]
    assert found["metadata"]["component"]["hashes"] == component["hashes"]
    assert "left-out" not in properties(found["metadata"]["component"])
    assert "path" not in properties(found["metadata"]["component"])


def test_a_file_of_weights_without_a_name_to_speak_of_has_no_package_url() -> None:
    weights = Tensor(name="w", dtype="F32", shape=(1,))
    blank, named = written(report(file(" ", weights), file("m", weights)))["components"]
    assert "purl" not in blank
    assert named["purl"].startswith("pkg:generic/m?checksum=sha256:")


def test_an_empty_folder_has_a_bom_too() -> None:
    found = written(report())
    assert (found["components"], found["dependencies"]) == (
        [],
        [{"ref": "subject", "dependsOn": []}],
    )


def test_paths_without_bytes_are_named_and_make_the_subject_incomplete() -> None:
    found = bom.build(report(link("l"), fifo("p"), file("a", formats="known")))
    assert [component.path for component in found.components] == ["a"]
    assert found.not_covered == (
        NotCovered("l", "no regular file"),
        NotCovered("p", "not-a-file: a FIFO: not opened"),
    )
    assert found.compositions[:2] == (
        Composition(Aggregate.COMPLETE, ("file:a",)),
        Composition(Aggregate.INCOMPLETE, ("subject",)),
    )


def test_something_unread_that_is_left_out_is_still_said() -> None:
    found = bom.build(report(file(".github/x.zip", unread(Reason.LIMIT, "a bomb"))))
    assert found.not_covered == (NotCovered(".github/x.zip", "limit: a bomb"),)
    assert found.compositions[0] == Composition(Aggregate.INCOMPLETE, ("subject",))


def test_a_member_that_was_not_read_makes_its_file_incomplete() -> None:
    member = Artifact(("a.zip", "b", "c"), 1, facts=(unread(Reason.ENCRYPTED, "locked"),))
    found = written(report(file("a.zip", parts=(member,), formats="zip")))
    assert properties(found["components"][0])["unread"] == ["encrypted: locked (in b > c)"]
    assert {"aggregate": "incomplete", "assemblies": ["subject", "file:a.zip"]} in found[
        "compositions"
    ]


def test_tensors_of_members_are_counted_and_added_up() -> None:
    data = Artifact(("m.pt", "data.pkl"), 1, facts=(Tensor(name="w", dtype="F16", shape=(4, 5)),))
    (component,) = written(report(file("m.pt", parts=(data,))))["components"]
    assert card(component) == {
        "tensor:count": ["1"],
        "tensor:dtype": ["F16=1"],
        "tensor:elements": ["20"],
        "unknown": ["cdx:ai-ml:model:parameter:count"],
    }


@pytest.mark.parametrize(
    "facts",
    [
        pytest.param([unread(Reason.MALFORMED, "cut")], id="a file that was not read whole"),
        pytest.param([Tensor(name="", dtype="F32", shape=(-1,))], id="a negative axis"),
        pytest.param([Tensor(name="", dtype="F32", shape=(2**63,) * 999)], id="a huge shape"),
        pytest.param([Tensor(name="", dtype="F32", shape=(2**63,))] * 3, id="a huge sum"),
    ],
)
def test_no_elements_are_claimed_for(facts: list[Fact]) -> None:
    weights = Tensor(name="w", dtype="F32", shape=(1,))
    (component,) = written(report(file("m", weights, *facts)))["components"]
    assert "tensor:elements" not in card(component)


def test_more_dtypes_than_any_format_has_are_not_listed() -> None:
    weights = [Tensor(name="w", dtype=f"t{n}", shape=(1,)) for n in range(101)]
    (component,) = written(report(file("m", *weights)))["components"]
    assert sorted(card(component)) == ["tensor:count", "tensor:elements", "unknown"]


def test_two_values_for_one_field_are_both_told_and_neither_is_believed() -> None:
    facts = [Metadata(key="general.architecture", value=value) for value in ("llama", "qwen2")]
    (component,) = written(report(file("m", Tensor(name="", dtype="", shape=()), *facts)))[
        "components"
    ]
    assert "modelParameters" not in component["modelCard"]
    assert card(component)["architecture:family"] == ["llama", "qwen2"]


def test_metadata_keys_that_became_no_claim_are_counted() -> None:
    facts: list[Fact] = [
        *(Metadata(key=key, value="1") for key in ("llama.context_length", "a", "b", "license")),
        Licence(key="license", value="1"),
    ]
    found = written(
        report(file("m", Tensor(name="", dtype="", shape=()), *facts), file("t", *facts))
    )
    assert card(found["components"][0])["metadata:unmapped"] == ["2"]
    assert card(found["components"][0])["context:length"] == ["1"]
    assert properties(found["components"][1])["metadata:unmapped"] == ["3"]


LLAMA = "LicenseRef-scancode-llama-3.1-license-2024"
MEANS = [{"name": "aibom:licence:means", "value": LLAMA}]


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("apache-2.0", {"license": {"id": "Apache-2.0"}}),
        (" MIT ", {"license": {"id": "MIT"}}),
        ("gpl-3.0", {"license": {"id": "GPL-3.0"}}),
        ("c-uda", {"license": {"id": "C-UDA-1.0"}}),
        ("cc", {"license": {"name": "cc"}}),
        ("our own", {"license": {"name": "our own"}}),
        ("llama3.1", {"license": {"name": "llama3.1", "properties": MEANS}}),
        (LLAMA, {"license": {"name": LLAMA}}),
        ("MIT or apache-2.0", {"expression": "MIT OR Apache-2.0"}),
    ],
)
def test_a_declared_licence_is_an_id_a_name_or_an_expression(
    value: str, expected: dict[str, Any]
) -> None:
    subject = written(report(file("README.md", Licence(key="license", value=value))))["metadata"]
    (choice,) = subject["component"]["licenses"]
    declared = choice.get("license", choice)
    assert declared.pop("acknowledgement") == "declared"
    assert choice == expected


def test_what_a_text_was_told_to_be_is_concluded_beside_what_is_declared() -> None:
    text = Licence(key="LICENSE", value="MIT License", ids=("MIT", LLAMA))
    card_ = Licence(key="license", value="isc OR mit")
    subject = written(report(file("README.md", card_), file("LICENSE", text)))["metadata"]
    assert subject["component"]["licenses"] == [
        {"expression": "ISC OR MIT", "acknowledgement": "declared"},
        {"license": {"name": LLAMA, "acknowledgement": "concluded"}},
        {"license": {"id": "MIT", "acknowledgement": "concluded"}},
    ]
    assert card(subject["component"])["licence:text"] == ["LICENSE"]


@pytest.mark.parametrize("value", ["", "Line\nline", "x" * 201], ids=["empty", "lines", "long"])
def test_a_licence_text_is_named_by_its_file_not_copied(value: str) -> None:
    subject = written(report(file("LICENSE", Licence(key="LICENSE", value=value))))["metadata"]
    assert card(subject["component"])["licence:text"] == ["LICENSE"]
    assert "licenses" not in subject["component"]


def test_a_link_to_a_licence_is_no_licence_of_that_name() -> None:
    facts = [
        Licence(key="license", value="other"),
        Licence(key="license_name", value="qwen"),
        Licence(key="license_link", value="https://example.org/LICENSE"),
    ]
    subject = written(report(file("README.md", *facts)))["metadata"]["component"]
    assert sorted(each["license"]["name"] for each in subject["licenses"]) == ["qwen"]
    assert card(subject)["licence:text"] == ["https://example.org/LICENSE"]


def test_only_texts_at_the_top_speak_for_the_folder() -> None:
    told = [Licence(key="license", value="mit"), Metadata(key="model_type", value="x")]
    subject = written(report(file("sub/config.json", *told)))["metadata"]["component"]
    assert list(card(subject)) == ["unknown"]
    assert list(subject["modelCard"]) == ["properties"]
    assert "licenses" not in subject


def test_one_place_stands_once_with_all_that_rests_on_it() -> None:
    member = Artifact(
        ("m", "inner"), 1, facts=(Licence(key="license", value="mit", at=Span(2**53, 1)),)
    )
    weights = Tensor(name="w", dtype="F32", shape=(1,))
    (component,) = written(report(file("m", weights, parts=(member,))))["components"]
    assert component["evidence"]["occurrences"] == [
        {"location": "m", "symbol": "license", "additionalContext": "declared: licence; in inner"},
        {
            "location": "m",
            "additionalContext": "observed: purl, tensor:count, tensor:dtype, tensor:elements",
        },
    ]


def test_two_files_that_look_alike_keep_references_of_their_own() -> None:
    first, second = file("a", Metadata(key="k", value="")), file("a")
    found = bom.build(report(first, second, link("l"), fifo("l")))
    assert [each.ref for each in found.components] == ["file:a", "file:a#2"]
    assert bom.build(report(fifo("l"), link("l"), second, first)) == found
    assert bom.to_json(found)


def test_a_file_without_sha256_has_no_bom() -> None:
    odd = Artifact(("a",), 1, (("sha512", "0" * 128),))
    with pytest.raises(BomError, match="'a' has no SHA-256"):
        bom.build(report(odd))


def test_every_hash_that_cyclonedx_knows_is_written() -> None:
    digests = (("sha512", "1" * 128), ("blake2s", "2" * 64), ("sha256", "3" * 64))
    (component,) = written(report(Artifact(("a",), 1, digests)))["components"]
    assert component["hashes"] == [
        {"alg": "SHA-256", "content": "3" * 64},
        {"alg": "SHA-512", "content": "1" * 128},
    ]


def test_the_signature_finds_every_file_with_its_digest() -> None:
    given = small()
    signed = {
        each.path[0]: dict(each.digests)["sha256"]
        for each in given.artifacts
        if each.digests and each.path[0] != ".gitattributes"
    }
    bom_file = bom.to_json(bom.build(given))
    assert listed_files(bom.parse(bom_file)) == signed
    assert build_statement(model="m", bom_name="aibom.cdx.json", bom=bom_file, files=signed)


@pytest.mark.parametrize(
    "name",
    [
        CONTROL,
        "\u202egpj.exe",
        "\"'\\",
        "\\x00",
        "😀/\U0010ffff",
        "%2F#?",
        " ",
        "-o",
        "é",
        "e\u0301",
    ],
    ids=ascii,
)
def test_a_hostile_name_stays_data(name: str) -> None:
    given = report(
        file(name), name=name, findings=[Finding("r", Severity.LOW, name, (name,), Span(1, 1))]
    )
    raw = bom.to_json(bom.build(given))
    assert faults(raw) == []
    assert raw.replace(b"\n", b"").isascii()
    assert raw.replace(b"\n", b"").decode().isprintable()
    (component,) = bom.parse(raw)["components"]
    assert (component["name"], properties(component)["path"]) == (name, [name])
