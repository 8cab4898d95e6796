"""A model is what its files prove or declare, or its publisher says; never what is guessed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from aibom import bom
from aibom.scanners.facts import Metadata, Tensor

from .examples import file, link, properties, report, written

if TYPE_CHECKING:
    from aibom.scanners.artifact import Artifact

COMMIT, OTHER = "0e9e39f249a16976918f6564b8830bc894c89659", "1" * 40


def subject(*files: Artifact, version: str = "", commit: str = "") -> dict[str, Any]:
    found = bom.released(bom.build(report(*files)), version, commit)
    document: dict[str, Any] = bom.parse(bom.to_json(found))["metadata"]["component"]
    return document


def download(name: str, commit: str) -> Artifact:
    path = f".cache/huggingface/download/{name}.metadata"
    return file(path, Metadata(key="hub.commit", value=commit), formats="hub-metadata")


def gguf(name: str, address: str) -> Artifact:
    weight = Tensor(name="w", dtype="F32", shape=(1,))
    return file(name, weight, Metadata(key="general.repo_url", value=address), formats="gguf")


def test_records_of_a_download_give_the_commit() -> None:
    found = subject(download("a", COMMIT), download("b", COMMIT))
    assert found["version"] == COMMIT
    assert "purl" not in found


def test_records_of_two_commits_give_none() -> None:
    assert "version" not in subject(download("a", COMMIT), download("b", OTHER))


def test_a_file_that_only_looks_like_a_record_gives_none() -> None:
    assert "version" not in subject(file("x", Metadata(key="hub.commit", value=COMMIT)))


def test_a_cache_of_the_hub_is_at_the_commit_of_its_snapshot() -> None:
    snapshot = link(f"snapshots/{COMMIT}/model.safetensors")
    found = subject(snapshot, file("refs/main"), file("blobs/" + "ab" * 32))
    assert found["version"] == COMMIT
    places = found["evidence"]["occurrences"]
    assert [each["location"] for each in places if "commit" in each["additionalContext"]] == [
        "refs/main"
    ]


def test_a_cache_with_two_snapshots_is_at_no_commit() -> None:
    found = subject(*(link(f"snapshots/{commit}/m.safetensors") for commit in (COMMIT, OTHER)))
    assert "version" not in found


def test_a_folder_below_that_is_called_snapshots_is_no_cache() -> None:
    assert "version" not in subject(file(f"runs/snapshots/{COMMIT}/m.safetensors"))


def test_an_address_of_its_own_and_a_commit_make_the_package_url() -> None:
    found = subject(gguf("m.gguf", "https://huggingface.co/a/b"), download("m.gguf", COMMIT))
    assert (found["group"], found["purl"]) == ("a", f"pkg:huggingface/a/b@{COMMIT}")


def test_an_address_of_its_own_is_a_reference_and_with_a_commit_where_its_files_are() -> None:
    page = "https://huggingface.co/a/b"
    found = subject(gguf("m.gguf", page))
    assert found["externalReferences"] == [{"url": page, "type": "vcs"}]
    found = subject(gguf("m.gguf", page), download("m.gguf", COMMIT))
    assert found["externalReferences"] == [
        {"url": page, "type": "vcs"},
        {"url": f"{page}/tree/{COMMIT}", "type": "distribution"},
    ]
    places = found["evidence"]["occurrences"]
    inferred = [each["location"] for each in places if "download" in each["additionalContext"]]
    assert len(inferred) == 2


def test_a_page_is_a_website_and_what_is_no_address_stays_a_property() -> None:
    weight = Tensor(name="w", dtype="F32", shape=(1,))
    page = Metadata(key="general.url", value="https://x.example/m")
    bad = Metadata(key="general.repo_url", value="https://huggingface.co/a/b/\x1b[2J")
    (found,) = written(report(file("m.gguf", weight, page, bad)))["components"]
    assert found["externalReferences"] == [{"url": "https://x.example/m", "type": "website"}]
    assert bad.value in properties(found["modelCard"])["address"]


def test_the_first_weights_have_the_version_of_the_folder_unless_another_is_given() -> None:
    given = bom.build(report(download("m", COMMIT), gguf("m.gguf", "https://huggingface.co/a/b")))
    first, released = (
        bom.parse(bom.to_json(each))["components"][0]
        for each in (given, bom.released(given, "7", ""))
    )
    assert first["version"] == COMMIT
    assert "version" not in released


@pytest.mark.parametrize("other", ["https://huggingface.co/a/c", "https://huggingface.co/x/b"])
def test_addresses_that_differ_make_none(other: str) -> None:
    files = gguf("m.gguf", "https://huggingface.co/a/b"), gguf("n.gguf", other)
    assert "purl" not in subject(*files)


def test_a_name_alone_or_a_place_elsewhere_is_no_address() -> None:
    assert "purl" not in subject(gguf("m.gguf", "a/b"))
    assert "purl" not in subject(gguf("m.gguf", "https://example.org/a/b"))
    assert "purl" not in subject(file("config.json", Metadata(key="_name_or_path", value="a/b")))


def test_the_publisher_s_word_stands_above_the_files() -> None:
    files = gguf("m.gguf", "https://huggingface.co/a/b"), download("m.gguf", OTHER)
    assert subject(*files, version="7")["version"] == "7"
    plain = subject(gguf("m.gguf", "https://huggingface.co/a/b"), commit=COMMIT)
    assert plain["version"] == COMMIT
    assert plain["purl"] == f"pkg:huggingface/a/b@{COMMIT}"
    assert plain["pedigree"]["commits"] == [{"uid": COMMIT}]
    assert "version" not in properties(plain["modelCard"])["unknown"]


def test_a_commit_that_files_name_is_not_put_over_by_another() -> None:
    files = gguf("m.gguf", "https://huggingface.co/a/b"), download("m.gguf", OTHER)
    assert subject(*files, commit=COMMIT)["purl"] == f"pkg:huggingface/a/b@{OTHER}"
