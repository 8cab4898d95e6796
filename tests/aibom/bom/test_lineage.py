"""Base models are ancestors, with what is known of each and where that stands."""

from __future__ import annotations

import json

import pytest

from aibom.bom import claims, lineage
from aibom.bom.model import Claim, Component, Evidence, Field, Kind, Status
from aibom.scanners.facts import Metadata, Reference, Refers

from .examples import file, report, written


def base(key: str, target: str) -> Reference:
    return Reference(kind=Refers.BASE_MODEL, key=key, target=target)


def told(field: Field, value: str, where: Evidence, status: Status = Status.DECLARED) -> Claim:
    return Claim(field, value, status, (where,))


def ancestor(name: str, *claims: Claim) -> Component:
    return Component(ref="", kind=Kind.MODEL, name=name, claims=claims)


def test_a_card_names_a_model_of_the_hub() -> None:
    here = Evidence("README.md", key="base_model[0]")
    card = file("README.md", base("base_model[0]", "a/b"))
    assert lineage.ancestors([card]) == (
        ancestor(
            "a/b",
            told(Field.BASE_MODEL, "a/b", here),
            told(Field.PURL, "pkg:huggingface/a/b", here),
        ),
    )


def test_a_word_for_that_there_is_none_is_no_base_model() -> None:
    card = Reference(kind=Refers.BASE_MODEL, key="base_model", target="None")
    kohya = Metadata(key="ss_sd_model_name", value="unknown")
    gguf = Metadata(key="general.base_model.0.name", value="Unknown")
    assert lineage.ancestors([file("README.md", card), file("a", kohya, gguf)]) == ()


def test_an_adapter_names_its_base_which_may_be_a_folder() -> None:
    configs = [
        file("adapter_config.json", base("base_model_name_or_path", name))
        for name in ("/home/me/x", "a/b")
    ]
    here = Evidence("adapter_config.json", key="base_model_name_or_path")
    assert lineage.ancestors(configs) == (
        ancestor("/home/me/x", told(Field.BASE_MODEL, "/home/me/x", here)),
        ancestor(
            "a/b",
            told(Field.BASE_MODEL, "a/b", here),
            told(Field.PURL, "pkg:huggingface/a/b", here, Status.INFERRED),
        ),
    )
    assert list(lineage.relations(configs[:1])) == [
        told(Field.BASE_RELATION, "adapter", here, Status.INFERRED)
    ]


def test_the_keys_of_one_base_model_in_gguf_make_one_ancestor() -> None:
    def key(number: int, name: str) -> str:
        return f"general.base_model.{number}.{name}"

    facts = [
        base(key(0, "name"), "Base"),
        Metadata(key=key(0, "name"), value="Base"),
        Metadata(key=key(0, "organization"), value="Org"),
        Metadata(key=key(0, "version"), value="3.1"),
        base(key(0, "repo_url"), "https://huggingface.co/org/base"),
        base(key(1, "repo_url"), "https://huggingface.co/org/other"),
        Metadata(key=key(2, "version"), value="7"),
    ]
    first, second = lineage.ancestors([file("m.gguf", *facts)])
    assert (first.name, [(c.field, c.value) for c in first.claims]) == (
        "Base",
        [
            (Field.ADDRESS, "https://huggingface.co/org/base"),
            (Field.BASE_MODEL, "Base"),
            (Field.PURL, "pkg:huggingface/org/base"),
            (Field.SUPPLIER, "Org"),
            (Field.VERSION, "3.1"),
        ],
    )
    assert second.name == "org/other"


def test_what_a_trainer_of_diffusion_models_started_from_is_an_ancestor() -> None:
    fact = Metadata(key="ss_sd_model_name", value="sd_xl_base_1.0.safetensors")
    (found,) = lineage.ancestors([file("lora.safetensors", fact)])
    assert found.name == "sd_xl_base_1.0.safetensors"


def test_a_name_or_path_is_no_ancestor() -> None:
    config = file("config.json", Metadata(key="_name_or_path", value="meta-llama/Llama-3.1-8B"))
    assert lineage.ancestors([config]) == ()


@pytest.mark.parametrize(
    ("name", "notes"),
    [
        ("org/base", "the configuration was loaded from 'org/base': "),
        ("/home/somebody/checkpoint-500", ""),
        ("./out", ""),
        ("checkpoint", ""),
    ],
)
def test_a_name_or_path_is_a_hint_if_it_is_a_name(name: str, notes: str) -> None:
    config = file("config.json", Metadata(key="_name_or_path", value=name))
    found = written(report(config))["metadata"]["component"]
    assert found.get("pedigree", {}).get("notes", "").startswith(notes)
    assert ("pedigree" in found) == bool(notes)
    assert name not in json.dumps({k: v for k, v in found.items() if k != "pedigree"})


def test_a_recipe_of_a_merge_names_its_parts() -> None:
    commit = "0" * 40
    method = Metadata(key="merge_method", value="slerp")
    facts = [base("models[0].model", f"a/b@{commit}"), base("models[1].model", "c/d@main"), method]
    recipe = file("mergekit_config.yml", *facts, formats="mergekit")
    purls = [
        each.value
        for one in lineage.ancestors([recipe])
        for each in one.claims
        if each.field == "purl"
    ]
    assert purls == [f"pkg:huggingface/a/b@{commit}", "pkg:huggingface/c/d"]
    (relation,) = lineage.relations([recipe])
    assert (relation.value, relation.evidence[0].key) == ("merge", "merge_method")
    (told,) = claims.of_folder(recipe)
    assert (told.name, told.value) == ("cdx:ai-ml:model:hyperparameter:merge_method", "slerp")
