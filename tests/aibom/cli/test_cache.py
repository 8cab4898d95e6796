"""A cache as users meet it: named, obeyed, checked, counted, cleared."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from aibom.cache import entries
from fixtures.hostile import calling_pickle
from tests.aibom.test_cache import forged
from tests.helpers.command import aibom
from tests.helpers.models import make_keys, write_model

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def place(tmp_path: Path) -> Path:
    write_model(tmp_path / "model")
    (tmp_path / "bad").mkdir()
    (tmp_path / "bad" / "m.pkl").write_bytes(calling_pickle("posix", "system"))
    return tmp_path


def poison(folder: Path, name: str) -> None:
    """Have the cache say that nothing was found in a file."""
    for entry in entries(folder):
        document = json.loads(entry.read_bytes())
        if document["key"]["path"] == [name]:
            document["artifact"].pop("facts")
            entry.write_bytes(forged(document))


def test_a_second_scan_says_the_same(place: Path) -> None:
    first, second = (aibom("scan", "bad", "model", "--cache", "c", cwd=place) for _ in range(2))
    plain = aibom("scan", "bad", "model", cwd=place)
    assert first == second == plain
    assert (plain.code, plain.err) == (1, "")
    assert len(list(entries(place / "c"))) == 7


def test_the_setting_counts_where_the_settings_were_named(place: Path) -> None:
    (place / "aibom.toml").write_text('cache = "c"\n')
    aibom("scan", "model", cwd=place)
    assert not (place / "c").exists()
    aibom("scan", "model", "--config", "aibom.toml", cwd=place)
    assert (place / "c").is_dir()


def test_nothing_is_signed_by_what_a_cache_says(place: Path) -> None:
    keys = make_keys(place)
    (place / "aibom.toml").write_text('cache = "c"\n')
    config = ("--config", "aibom.toml")
    assert aibom("scan", "bad", *config, cwd=place).code == 1
    poison(place / "c", "m.pkl")
    assert aibom("scan", "bad", *config, cwd=place).code == 0  # whoever writes it decides
    signed = aibom("attest", "bad", "--key", keys.private, *config, cwd=place)
    assert (signed.code, "not signed" in signed.err) == (1, True)
    refused = aibom("attest", "bad", "--key", keys.private, "--cache", "c", cwd=place)
    assert (refused.code, "--cache" in refused.err) == (2, True)


def test_a_check_finds_what_was_changed(place: Path) -> None:
    aibom("scan", "bad", "model", "--cache", "c", cwd=place)
    right = aibom("cache", "check", "c", "bad", "model", cwd=place)
    assert (right.code, right.out) == (0, "7 the same, 0 wrong, 0 not in the cache\n")
    poison(place / "c", "m.pkl")
    (place / "bad" / "new.pkl").write_bytes(calling_pickle("posix", "popen"))
    wrong = aibom("cache", "check", "c", "bad", "model", cwd=place)
    assert (wrong.code, wrong.out.splitlines()) == (
        1,
        [
            "m.pkl: the cache says something else than the file",
            "6 the same, 1 wrong, 1 not in the cache",
        ],
    )


def test_a_check_names_damage(place: Path) -> None:
    aibom("scan", "bad", "--cache", "c", cwd=place)
    (entry,) = entries(place / "c")
    entry.write_text("x")
    ended = aibom("cache", "check", "c", "bad", cwd=place)
    assert (ended.code, ended.out.startswith("m.pkl: damaged: ")) == (1, True)
    again = aibom("scan", "bad", "--cache", "c", cwd=place)
    assert again == aibom("scan", "bad", cwd=place)
    assert aibom("cache", "check", "c", "bad", cwd=place).code == 0


def test_entries_are_counted_and_cleared(place: Path) -> None:
    aibom("scan", "bad", "--cache", "c", cwd=place)
    (entry,) = entries(place / "c")
    counted = aibom("cache", "stats", "c", cwd=place)
    told = f"1 entry, {entry.stat().st_size} bytes; 1 of this version\n"
    assert (counted.code, counted.out) == (0, told)
    assert aibom("cache", "clear", "c", cwd=place).out == "1 entry removed\n"
    assert aibom("cache", "stats", "c", cwd=place).out == "0 entries, 0 bytes; 0 of this version\n"
    assert list((place / "c").iterdir()) == []


@pytest.mark.parametrize(
    ("name", "why"),
    [("bad/c", "the cache lies in what is scanned"), ("file", "the cache is no folder")],
    ids=["inside", "a file"],
)
def test_a_place_that_cannot_be_a_cache_is_refused(place: Path, name: str, why: str) -> None:
    (place / "file").touch()
    ended = aibom("scan", "bad", "--cache", name, cwd=place)
    assert (ended.code, ended.out, why in ended.err) == (2, "", True)


def test_a_cache_that_cannot_be_written_is_told(place: Path) -> None:
    aibom("scan", "bad", "--cache", "c", cwd=place)
    (entry,) = entries(place / "c")
    entry.unlink()
    entry.mkdir()
    ended = aibom("scan", "bad", "--cache", "c", cwd=place)
    assert (ended.code, "note: not kept in the cache: " in ended.err) == (1, True)
