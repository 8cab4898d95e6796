"""Names of repositories, addresses and package URLs."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft7Validator
from packageurl import PackageURL

from aibom.bom.addresses import file_purl, hub_name, hub_purl, is_address, library_purl
from aibom.bom.validate import PLAIN

COMMIT = "0e9e39f249a16976918f6564b8830bc894c89659"


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("meta-llama/Llama-3.1-8B", "meta-llama/Llama-3.1-8B"),
        ("https://huggingface.co/a/b", "a/b"),
        ("https://huggingface.co/a/b.git", "a/b"),
        ("https://huggingface.co/a/b/tree/main", "a/b"),
        ("http://www.hf.co/a/b/", "a/b"),
        ("https://huggingface.co/datasets/a", ""),
        ("https://github.com/a/b", ""),
        ("gpt2", ""),
        ("./a/b", ""),
        ("/home/me/model", ""),
        ("a/b/c", ""),
        ("C:\\models\\b", ""),
        ("\uff41/b", ""),
    ],
)
def test_a_name_on_the_hub_is_read_from(text: str, name: str) -> None:
    assert hub_name(text) == name


def test_package_urls_are_read_by_another_library_as_they_were_meant() -> None:
    found = PackageURL.from_string(hub_purl("Owner/Model.v1", COMMIT))
    assert (found.type, found.namespace, found.name, found.version) == (
        *("huggingface", "Owner", "Model.v1"),
        COMMIT,
    )
    assert hub_purl("Owner/Model") == "pkg:huggingface/Owner/Model"
    library = PackageURL.from_string(library_purl("Sentence_Transformers", "3.0+cpu"))
    assert (library.name, library.version) == ("sentence-transformers", "3.0+cpu")
    assert library_purl("torch") == "pkg:pypi/torch"


@given(st.text(st.characters(codec="utf-8", exclude_characters="/")).filter(str.strip))
def test_any_file_has_a_package_url_with_its_digest(name: str) -> None:
    found: Any = PackageURL.from_string(file_purl(name, "0" * 64))
    assert (found.type, found.qualifiers) == ("generic", {"checksum": f"sha256:{'0' * 64}"})


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("https://example.org", True),
        ("https://example.org:8080/a?b=c#d", True),
        ("ftp://example.org", False),
        ("https://example.org/a b", False),
        ("https://example.org/%zz", False),
        ("https://example.org/#a#b", False),
        ("https://example.org/" + "a" * 2000, False),
    ],
)
def test_an_address_is_plain(text: str, expected: bool) -> None:
    assert is_address(text) is expected


# Of letters that make addresses, so that many of them are plain.
@given(st.text("aZ9.-_~%2F/:?#[]@ é", max_size=20) | st.sampled_from(["https://a.b/c", "a/b.c"]))
def test_what_is_taken_for_plain_the_whole_grammar_takes_too(text: str) -> None:
    if PLAIN.fullmatch(text) or is_address(text):
        assert Draft7Validator.FORMAT_CHECKER.conforms(text, "iri-reference")
