"""Names that could be taken for those of well-known publishers."""

from __future__ import annotations

import tomllib

import pytest

from aibom.scanners.publishers import DATA, imitated, look, owner

KNOWN: list[str] = tomllib.loads(DATA.read_text(encoding="utf-8"))["names"]
HONEST = (
    *("somebody", "bert-base", "models", "llama", "mistral", "google-ai-lab", "openchat-team"),
    *("nvidia-community", "meta", "facebook-papers", "intern", "stable-diffusion", "x", "apples"),
    *("deepseek-community", "huggingface-course", "ibms", "Qwen2", "0xsero", "\u667a\u8c31"),
    "\N{CYRILLIC SMALL LETTER BE}\N{CYRILLIC SMALL LETTER YU}",
)


def test_no_known_name_imitates_another() -> None:
    assert [name for name in KNOWN if imitated(name) or imitated(name.upper())] == []


def test_known_names_stand_once_and_as_they_are_compared() -> None:
    assert sorted({*KNOWN}) == sorted(KNOWN)
    assert [name for name in KNOWN if name != name.casefold()] == []


@pytest.mark.parametrize("name", HONEST)
def test_names_of_others_imitate_nobody(name: str) -> None:
    assert imitated(name) is None


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("meta-1lama", "meta-llama"),
        ("META-LIAMA", "meta-llama"),
        ("met\N{CYRILLIC SMALL LETTER A}-llama", "meta-llama"),
        ("\N{FULLWIDTH LATIN SMALL LETTER G}oogle", "google"),
        ("micros\N{LATIN SMALL LETTER O WITH DIAERESIS}ft", "microsoft"),
        ("rnicrosoft", "microsoft"),
        ("qvven", "qwen"),
        ("0penai", "openai"),
        ("meta_llama", "meta-llama"),
        ("mistral-ai", "mistralai"),
        ("microsofft", "microsoft"),
        ("micrsoft", "microsoft"),
        ("microsoftt", "microsoft"),
        ("micorsoft", "microsoft"),
        ("facebock", "facebook"),
        ("stabilityal", "stabilityai"),
    ],
    ids=[
        "digit",
        "upper case i",
        "Cyrillic",
        "wide letter",
        "accent",
        "rn for m",
        "vv for w",
        "zero",
        "another separator",
        "one more separator",
        "a letter twice",
        "a letter less",
        "a letter more at the end",
        "two letters swapped",
        "another letter",
        "l for i at the end",
    ],
)
def test_names_that_look_alike_do(name: str, meant: str) -> None:
    assert imitated(name) == meant


@pytest.mark.parametrize("name", ["qwem", "appls", "itel", "googel"])
def test_a_slip_in_a_short_name_is_not_judged(name: str) -> None:
    assert imitated(name) is None


@pytest.mark.parametrize(
    ("reference", "expected"),
    [
        ("google/gemma-2-9b", "google"),
        ("https://huggingface.co/google/gemma-2-9b/tree/main", "google"),
        ("hf.co/google/gemma", "google"),
        ("https://github.com/openai/whisper.git", "openai"),
        ("bert-base-uncased", ""),
        ("./google/gemma", ""),
        ("/google/gemma", ""),
        ("~/google/gemma", ""),
        ("https://example.com/google/gemma", ""),
        ("a b/c", ""),
        ("", ""),
    ],
)
def test_tells_the_owner_of_a_repository(reference: str, expected: str) -> None:
    assert owner(reference) == expected


def test_letters_of_the_table_look_like_their_latin_ones() -> None:
    letters: dict[str, str] = tomllib.loads(DATA.read_text(encoding="utf-8"))["letters"]
    assert {look(each) == look(latin) for latin, many in letters.items() for each in many} == {True}
    assert [each for many in letters.values() for each in many if each.isascii()] == []
