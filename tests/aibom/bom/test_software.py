"""Libraries are components with a version, if one is told; so is code from elsewhere."""

from __future__ import annotations

from typing import Any

import pytest

from aibom.scanners.facts import Metadata, Passage, Reference, Refers

from .examples import file, properties, report, written


def libraries(*files: Any) -> list[tuple[str, ...]]:  # noqa: ANN401 - artifacts
    found = written(report(*files))["components"]
    return [
        (each["name"], each.get("version", ""), each.get("purl", ""))
        for each in found
        if each["type"] == "library"
    ]


def test_a_configuration_tells_the_version_that_wrote_it() -> None:
    config = file("config.json", Metadata(key="transformers_version", value="4.44.0"))
    card = file("README.md", Metadata(key="library_name", value="transformers"))
    assert libraries(config, card) == [("transformers", "4.44.0", "pkg:pypi/transformers@4.44.0")]


def test_what_is_not_seen_of_a_version_is_spelled_out() -> None:
    config = file("config.json", Metadata(key="transformers_version", value="4\u202e"))
    assert libraries(config) == [
        ("transformers", "4\\u202e", "pkg:pypi/transformers@4%5Cu202e"),
    ]


def test_two_versions_are_both_told_and_neither_is_believed() -> None:
    files = [
        file(name, Metadata(key="transformers_version", value=version))
        for name, version in (("config.json", "1"), ("generation_config.json", "2"))
    ]
    found = written(report(*files))["components"]
    (library,) = [each for each in found if each["type"] == "library"]
    assert "version" not in library
    assert properties(library) == {"version": ["1", "2"]}
    assert library["purl"] == "pkg:pypi/transformers"


@pytest.mark.parametrize(
    ("name", "purl"),
    [
        ("sklearn", "pkg:pypi/scikit-learn"),
        ("open_clip", "pkg:pypi/open-clip-torch"),
        ("pyannote.audio", "pkg:pypi/pyannote-audio"),
        ("gguf", ""),
        ("transformers.js", ""),
        ("1.0", ""),
        ("our-own", ""),
    ],
)
def test_a_library_has_a_package_url_only_if_its_package_is_known(name: str, purl: str) -> None:
    assert libraries(file("README.md", Metadata(key="library_name", value=name))) == [
        (name, "", purl)
    ]


def test_the_versions_that_a_trainer_wrote_into_the_card_are_told() -> None:
    text = (
        "- PEFT 0.11.1\n- Transformers 4.41.2\n* Pytorch: 2.3.0+cu121\n"
        "- Sentence Transformers: 3.0.0\n- Python: 3.11.6\n- Our Own 1\n"
        "- Datasets: unknown\nTRL 1.0\n"
    )
    section = Passage(heading="### Framework versions", above=("out",), text=text)
    assert libraries(file("README.md", section)) == [
        ("peft", "0.11.1", "pkg:pypi/peft@0.11.1"),
        ("sentence-transformers", "3.0.0", "pkg:pypi/sentence-transformers@3.0.0"),
        ("torch", "2.3.0+cu121", "pkg:pypi/torch@2.3.0%2Bcu121"),
        ("transformers", "4.41.2", "pkg:pypi/transformers@4.41.2"),
    ]
    assert libraries(file("NOTES.md", section)) == []
    assert libraries(file("README.md", Passage(heading="Versions", text=text))) == []


def test_parts_of_a_pipeline_name_libraries_that_the_top_does_not() -> None:
    top = file("model_index.json", Metadata(key="_diffusers_version", value="0.19.0"))
    encoder = file("text_encoder/config.json", Metadata(key="transformers_version", value="4.32.0"))
    vae = file("vae/config.json", Metadata(key="_diffusers_version", value="0.20.0"))
    tools = file("tools/requirements.txt", Metadata(key="requirements[0]", value="black==1"))
    assert libraries(top, encoder, vae, tools) == [
        ("diffusers", "0.19.0", "pkg:pypi/diffusers@0.19.0"),
        ("transformers", "4.32.0", "pkg:pypi/transformers@4.32.0"),
    ]


def test_a_name_that_no_library_has_is_none() -> None:
    assert libraries(file("README.md", Metadata(key="library_name", value="a b\n"))) == []
    assert libraries(file("README.md", Metadata(key="library_name", value=""))) == []


def test_code_of_another_repository_is_a_component() -> None:
    def runs(target: str) -> Reference:
        return Reference(kind=Refers.REMOTE_CODE, key="auto_map.AutoModel", target=target)

    files = [
        file("config.json", runs("a/b--modeling.Model"), runs("modeling.Model")),
        file("sub/config.json", runs("a/b--other.Model"), runs("./x/y--z.Model")),
    ]
    found = written(report(*files))["components"]
    told = [each for each in found if each["type"] == "library"]
    assert [(each["name"], each.get("purl"), properties(each)) for each in told] == [
        ("a/b", "pkg:huggingface/a/b", {"remote-code": ["modeling.Model", "other.Model"]}),
    ]


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("torch==2.1.0+cpu", [("torch", "2.1.0+cpu", "pkg:pypi/torch@2.1.0%2Bcpu")]),
        (
            "Sentence_Transformers[dev] >=2",
            [("Sentence_Transformers", "", "pkg:pypi/sentence-transformers")],
        ),
        ("numpy ; python_version > '3'", [("numpy", "", "pkg:pypi/numpy")]),
        ("-r other.txt", []),
        ("git+https://example.org/x.git", []),
        ("x @ https://example.org/x.whl", []),
        ("./here", []),
    ],
)
def test_a_requirement_is_a_library(line: str, expected: list[tuple[str, ...]]) -> None:
    assert (
        libraries(file("requirements.txt", Metadata(key="requirements[0]", value=line))) == expected
    )
