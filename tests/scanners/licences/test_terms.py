"""The table of terms says six words for each licence, and whose licence a base model has."""

import pytest

from aibom.scanners.licences.expression import parse
from aibom.scanners.licences.ids import meaning, plain, table
from aibom.scanners.licences.terms import (
    Terms,
    _bases,  # pyright: ignore[reportPrivateUsage] - the whole table is checked
    _terms,  # pyright: ignore[reportPrivateUsage] - the whole table is checked
    of_base,
    terms,
)
from aibom.scanners.licences.texts import TEXTS

WORDS = {
    "commercial": {"yes", "no", "limited"},
    "change": {"yes", "no"},
    "share": {"yes", "no"},
    "notice": {"yes", "no"},
    "same": {"no", "file", "work", "network", "terms"},
    "use": {"free", "restricted"},
}
# Ids of the Hub whose texts were not read for the table: no terms rather than guessed ones.
NOT_READ = {"h-research", "intel-research"}


def test_every_word_is_one_of_its_column() -> None:
    for licence, said in _terms().items():
        assert parse(licence).text == plain(licence) == licence
        assert all(getattr(said, column) in words for column, words in WORDS.items()), licence


def test_what_binds_names_its_clause() -> None:
    assert [name for name, said in _terms().items() if said.binds and not said.clause] == []


def test_every_licence_of_the_hub_has_terms_but_those_that_were_not_read() -> None:
    names = [*table()["one"], *table()["several"]]
    without = {name for name in names if not all(terms(each) for each in meaning(name).ids)}
    assert without - {"bsd", "cc"} == NOT_READ


def test_what_is_limited_says_to_what() -> None:
    limits = {name for name, said in _terms().items() if said.limit}
    assert limits == {name for name, said in _terms().items() if said.commercial == "limited"}


def test_what_can_be_looked_for_stands_in_a_clause() -> None:
    sought = [said for said in _terms().values() if said.begins or said.shown]
    assert [each for each in sought if not each.name] == []
    words = [words for each in sought for words in (each.begins, *each.shown)]
    assert [each for each in words if each != each.lower()] == []


@pytest.mark.parametrize(
    ("licence", "expected"),
    [
        ("Apache-2.0", Terms("permissive", "yes", "yes", "yes", "yes", "no", "free")),
        (
            "GPL-3.0-or-later",
            Terms("copyleft", "yes", "yes", "yes", "yes", "work", "free", "share alike"),
        ),
        ("LicenseRef-Own", None),
    ],
)
def test_terms_are_found_by_any_spelling_of_the_id(licence: str, expected: Terms | None) -> None:
    assert terms(licence) == expected


@pytest.mark.parametrize(
    ("name", "licence"),
    [
        ("meta-llama/Llama-3.1-8B-Instruct", "llama3.1"),
        ("https://huggingface.co/meta-llama/Meta-Llama-3-8B", "llama3"),
        ("google/gemma-2-9b", "gemma"),
        ("google/gemma-4-31b", None),
        ("Qwen/Qwen2.5-7B", None),
        ("someone/Llama-3.1-8B", None),
    ],
)
def test_a_base_model_has_its_publishers_licence(name: str, licence: str | None) -> None:
    found = of_base(name)
    assert (found[0] if found else None) == licence


def test_every_base_has_a_known_licence_with_terms() -> None:
    assert [licence for _, licence in _bases() if not terms(meaning(licence).ids[0])] == []


def test_every_licence_of_ai_models_with_terms_can_be_told_from_its_text() -> None:
    told = {each.id for each in TEXTS.licences}
    own = {name for name in _terms() if name.startswith("LicenseRef-")}
    assert own - told == set()
