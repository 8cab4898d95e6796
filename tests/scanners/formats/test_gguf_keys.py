"""What the keys of a GGUF file say of its model, and where; compared with the reference writer."""

from __future__ import annotations

from typing import TYPE_CHECKING

import gguf as reference

from aibom.scanners.facts import Dataset, Licence, Metadata, Reference, Refers, Role
from aibom.scanners.formats.gguf import FORMAT
from fixtures import gguf as fixtures
from fixtures.gguf import ARRAY, I8, STRING
from tests.helpers.reading import facts

if TYPE_CHECKING:
    from pathlib import Path

build = fixtures.gguf


def test_lists_about_the_model_are_told_item_by_item() -> None:
    tags = [f"tag {n}" for n in range(20)]
    data = build([("general.tags", ARRAY, (STRING, tags)), ("general.languages", ARRAY, (I8, [1]))])
    *found, number = facts(FORMAT, data, Metadata)[1:]
    assert [(fact.key, fact.value) for fact in found] == [
        (f"general.tags[{n}]", tag) for n, tag in enumerate(tags)
    ]
    assert [data[fact.at.start : fact.at.end].decode() for fact in found] == tags
    assert (number.key, number.value) == ("general.languages", "1 int8: 1")


def test_a_dataset_goes_by_its_name_or_else_by_where_it_is() -> None:
    pairs = [
        ("general.dataset.0.repo_url", STRING, "https://a.example"),
        ("general.dataset.0.name", STRING, "a"),
        ("general.dataset.1.name", STRING, "b"),
        ("general.dataset.1.url", STRING, "https://b.example"),
        ("general.dataset.2.repo_url", STRING, "https://c.example"),
        ("general.dataset.3.name", STRING, " "),
    ]
    assert [(fact.key, fact.name) for fact in facts(FORMAT, build(pairs), Dataset)] == [
        ("general.dataset.0.name", "a"),
        ("general.dataset.1.name", "b"),
        ("general.dataset.2.repo_url", "https://c.example"),
    ]


def test_the_keys_of_the_reference_writer_are_told(tmp_path: Path) -> None:
    path = tmp_path / "m.gguf"
    writer = reference.GGUFWriter(path, "llama")
    writer.add_author("A. Uthor")
    writer.add_organization("Org")
    writer.add_description("Tells é.")
    writer.add_license("other")
    writer.add_license_name("My terms")
    writer.add_license_link("https://licence.example")
    writer.add_tags(["chat", "test"])
    writer.add_languages(["en", "de"])
    writer.add_file_type(15)
    writer.add_quantization_version(2)
    writer.add_size_label("7B")
    writer.add_finetune("instruct")
    writer.add_basename("Base")
    writer.add_block_count(4)
    writer.add_context_length(64)
    writer.add_base_model_count(1)
    writer.add_base_model_name(0, "Parent")
    writer.add_base_model_repo_url(0, "https://parent.example")
    writer.add_dataset_count(1)
    writer.add_dataset_name(0, "Words")
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.close()
    data = path.read_bytes()
    told = {fact.key: fact.value for fact in facts(FORMAT, data, Metadata)}
    assert told == {
        "GGUF version": "3",
        "general.architecture": "llama",
        "general.author": "A. Uthor",
        "general.organization": "Org",
        "general.description": "Tells é.",
        "general.license": "other",
        "general.license.name": "My terms",
        "general.license.link": "https://licence.example",
        "general.tags[0]": "chat",
        "general.tags[1]": "test",
        "general.languages[0]": "en",
        "general.languages[1]": "de",
        "general.file_type": "15",
        "general.quantization_version": "2",
        "general.size_label": "7B",
        "general.finetune": "instruct",
        "general.basename": "Base",
        "llama.block_count": "4",
        "llama.context_length": "64",
        "general.base_model.count": "1",
        "general.base_model.0.name": "Parent",
        "general.base_model.0.repo_url": "https://parent.example",
        "general.dataset.count": "1",
        "general.dataset.0.name": "Words",
    }
    for fact in facts(FORMAT, data, Metadata):
        raw = data[fact.at.start : fact.at.end]
        assert fact.value in {raw.decode(), str(int.from_bytes(raw, "little"))}
    assert [(fact.key, fact.value) for fact in facts(FORMAT, data, Licence)] == [
        ("general.license", "other"),
        ("general.license.name", "My terms"),
        ("general.license.link", "https://licence.example"),
    ]
    assert [(fact.kind, fact.target) for fact in facts(FORMAT, data, Reference)] == [
        (Refers.BASE_MODEL, "Parent"),
        (Refers.BASE_MODEL, "https://parent.example"),
        (Refers.DATASET, "Words"),
    ]
    assert [(fact.name, fact.role) for fact in facts(FORMAT, data, Dataset)] == [
        ("Words", Role.TRAINING)
    ]
