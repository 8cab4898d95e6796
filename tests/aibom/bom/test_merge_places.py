"""Merging: names of folders, subjects and documents, and what has no place in the result."""

from __future__ import annotations

import json
from base64 import urlsafe_b64decode
from hashlib import sha256

import pytest

from aibom.bom.merge_gather import MOST_POINTERS, Gathering
from aibom.errors import BomError
from aibom.signatures.components import listed_files

from .merging import WHEN, Json, cdx, left_out, merged, model
from .random_boms import raw

# --- Names, folders, subjects ---------------------------------------------------------------------


def listing(name: str, *paths: str) -> Json:
    """Return a document with files whose digest is that of their path."""
    components = [
        {
            "type": "file",
            "name": path,
            "hashes": [{"alg": "SHA-256", "content": sha256(path.encode()).hexdigest()}],
            "properties": [{"name": "aibom:path", "value": path}],
        }
        for path in paths
    ]
    return cdx(metadata={"component": model(name)}, components=components)


@pytest.mark.parametrize(
    ("names", "folders"),
    [
        (("a", "a"), ["a", "a-2"]),
        (("acme/m", "b"), ["acme%2Fm", "b"]),
        (("..", "."), ["part", "part-2"]),
        (("é\x1b\\", "c:"), ["%C3%A9%1B%5C", "c%3A"]),
    ],
    ids=["twice", "slash", "dots", "odd"],
)
def test_files_stand_in_a_folder_of_the_part_s_name(
    names: tuple[str, str], folders: list[str]
) -> None:
    whole = merged(listing(names[0], "x", "y/z"), listing(names[1], "x"))
    one, two = folders
    assert list(listed_files(whole)) == [f"{one}/x", f"{one}/y/z", f"{two}/x"]


def test_links_and_citations_find_the_files_in_their_folder() -> None:
    part = listing("a", "README.md")
    about = part["metadata"]["component"]
    about["bom-ref"] = "s"
    urls = ("README.md", "https://x.example/README.md")
    about["externalReferences"] = [{"type": "model-card", "url": url} for url in urls]
    notes = ("declared: README.md, byte 4, key 'license'", "declared: else.md", "README.md")
    part["citations"] = [
        {"pointers": ["/components/0"], "timestamp": WHEN, "attributedTo": "s", "note": note}
        for note in notes
    ]
    whole = merged(part)
    assert [each["url"] for each in whole["components"][0]["externalReferences"]] == [
        "a/README.md",
        "https://x.example/README.md",
    ]
    assert [each["note"] for each in whole["citations"]] == [
        "declared: a/README.md, byte 4, key 'license'",
        "declared: else.md",
        "README.md",
    ]


def test_a_model_of_one_file_needs_no_folder_unless_another_has_its_name() -> None:
    def single(path: str) -> Json:
        document = listing(path, path)
        document["metadata"]["component"]["hashes"] = document["components"][0]["hashes"]
        return document

    assert list(listed_files(merged(single("a.gguf"), single("b.gguf")))) == ["a.gguf", "b.gguf"]
    twice = merged(single("a.gguf"), single("a.gguf") | {"version": 2})
    assert list(listed_files(twice)) == ["a.gguf", "a.gguf-2/a.gguf"]


def test_what_says_not_what_it_is_about_is_named_by_all_at_its_top() -> None:
    about_nothing = cdx(components=[model("x", **{"bom-ref": "x"}), model("y")])
    whole = merged(about_nothing)
    assert whole["dependencies"] == [{"ref": "subject", "dependsOn": ["1/x"]}]
    assert whole["externalReferences"][0]["comment"].startswith("part 1, 1.json, as it was")


def test_a_document_without_a_number_is_named_by_its_bytes() -> None:
    part = cdx(metadata={"timestamp": WHEN, "component": model()})
    (reference,) = merged(part)["externalReferences"]
    scheme, _, digest = reference["url"].partition(";")
    assert (scheme, urlsafe_b64decode(digest + "=")) == (
        "ni:///sha-256",
        sha256(raw(part)).digest(),
    )
    assert f"written {WHEN}," in reference["comment"]


def test_a_subject_without_a_reference_gets_one_that_nothing_has() -> None:
    part = cdx(
        metadata={"component": model()},
        components=[model("n", **{"bom-ref": "subject"}), model("o", **{"bom-ref": "subject-2"})],
    )
    whole = merged(part)
    assert whole["dependencies"] == [{"ref": "subject", "dependsOn": ["1/subject-3"]}]
    assert whole["components"][0] == {"bom-ref": "1/subject-3", **model()}


# --- Places that do not keep ----------------------------------------------------------------------


def test_tools_of_the_old_form_become_components() -> None:
    tools = [{"vendor": "v", "name": "n", "version": "1"}, {"vendor": "v"}, {}]
    whole = merged(cdx(metadata={"tools": tools}))
    assert whole["metadata"]["tools"]["components"][1:] == [
        {"type": "application", "publisher": "v", "name": "n", "version": "1"},
        {"type": "application", "publisher": "v", "name": "v"},
        {"type": "application", "name": "unnamed"},
    ]
    assert left_out(whole) == []


def test_who_wrote_and_supplied_a_part_is_kept() -> None:
    writer = {"name": "w", "bom-ref": "w", "url": ["https://w.example"]}
    supplier = {"name": "s", "bom-ref": "s"}
    part = cdx(
        metadata={"manufacturer": writer, "supplier": supplier, "component": model()},
        citations=[
            {
                "pointers": ["/metadata/supplier/name", "/metadata/manufacturer/name"],
                "timestamp": WHEN,
                "attributedTo": "w",
            }
        ],
    )
    whole = merged(part)
    assert whole["metadata"]["authors"] == [{"name": "w", "bom-ref": "1/w"}]
    assert whole["components"][0]["supplier"] == {"name": "s", "bom-ref": "1/s"}
    assert whole["citations"] == [
        {
            "pointers": ["/components/0/supplier/name", "/metadata/authors/0/name"],
            "timestamp": WHEN,
            "attributedTo": "1/w",
        }
    ]
    assert left_out(whole) == ["part 1: metadata.manufacturer"]


def test_what_has_no_place_is_named() -> None:
    signature = {"algorithm": "ES256", "value": "AA=="}
    about = model(supplier={"name": "own"}, signature=signature)
    part = cdx(
        metadata={
            "component": about,
            "supplier": {"name": "other"},
            "licenses": [{"license": {"id": "CC0-1.0"}}],
        },
        declarations={"affirmation": {"statement": "so it is"}, "signature": signature},
        signature=signature,
    )
    whole = merged(part)
    assert "signature" not in json.dumps([whole["components"], whole.get("declarations")])
    assert left_out(whole) == [
        "part 1: metadata.supplier",
        "part 1: metadata.licenses",
        "part 1: declarations.affirmation",
        "part 1: signatures inside the document: 3",
    ]


def test_pointers_that_cannot_be_kept_are_named() -> None:
    def citing(**about: list[str]) -> Json:
        return {"timestamp": WHEN, "attributedTo": "t", **about}

    part = cdx(
        metadata={"timestamp": WHEN},
        components=[model("t", **{"bom-ref": "t"}), model("u")],
        citations=[
            citing(pointers=["/metadata/timestamp", "/components/1/name"]),
            citing(pointers=["/components/0/nothing", ""]),
            citing(pointers=["/components"]),
            citing(expressions=["$.components"]),
        ],
    )
    whole = merged(part)
    assert [each["pointers"] for each in whole["citations"]] == [
        ["/components/1/name"],
        ["/components/0", "/components/1"],
    ]
    assert left_out(whole) == [
        "part 1: citations[0] of '/metadata/timestamp'",
        "part 1: citations[1] of '/components/0/nothing'",
        "part 1: citations[1] of ''",
        "part 1: citations[3] of '$.components'",
    ]


def test_a_pointer_deeper_than_any_document_leads_nowhere() -> None:
    citation = {"timestamp": WHEN, "attributedTo": "t", "pointers": ["/components/0" + "/a" * 999]}
    part = cdx(components=[model("t", **{"bom-ref": "t"})], citations=[citation])
    assert "citations" not in merged(part)


def test_pointers_at_lists_do_not_grow_without_end() -> None:
    gathering = Gathering()
    half = ["/x"] * (MOST_POINTERS // 2 + 1)
    gathering.cite({"pointers": half})
    with pytest.raises(BomError, match=r"more than 1000000 pointers\. Merge fewer"):
        gathering.cite({"pointers": half})


def test_a_long_list_of_what_is_left_out_is_cut() -> None:
    citation = {"timestamp": WHEN, "attributedTo": "t", "pointers": [f"/x/{n}" for n in range(30)]}
    part = cdx(components=[model("t", **{"bom-ref": "t"})], citations=[citation])
    told = left_out(merged(part))
    assert len(told) == 21
    assert told[-1] == "part 1: and 10 more"


def test_equal_items_of_two_parts_stand_once() -> None:
    shared = {"externalReferences": [{"type": "website", "url": "https://x.example"}]}
    one = cdx(
        metadata={"lifecycles": [{"phase": "build"}, {"phase": "operations"}]},
        properties=[{"name": "x", "value": "y"}],
        **shared,
    )
    two = cdx(
        metadata={"lifecycles": [{"phase": "build"}]},
        properties=[{"name": "x", "value": "y"}],
        **shared,
    )
    whole = merged(one, two | {"version": 2})
    assert whole["metadata"]["lifecycles"] == [{"phase": "build"}, {"phase": "operations"}]
    assert whole["properties"] == [{"name": "x", "value": "y"}]
    assert [each["type"] for each in whole["externalReferences"]] == ["bom", "bom", "website"]


def test_the_fewest_may_read_it() -> None:
    def limited(tlp: str) -> Json:
        return cdx(metadata={"distributionConstraints": {"tlp": tlp}})

    whole = merged(limited("GREEN"), limited("AMBER_AND_STRICT"), cdx(), limited("CLEAR"))
    assert whole["metadata"]["distributionConstraints"] == {"tlp": "AMBER_AND_STRICT"}


def test_the_version_is_the_newest_of_the_parts() -> None:
    old = cdx(specVersion="1.6")
    assert merged(old)["specVersion"] == "1.6"
    assert merged(old, cdx(version=2))["specVersion"] == "1.7"
