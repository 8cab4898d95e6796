"""Waivers are added to a file once, and renewed where they stand."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aibom.errors import TargetError
from aibom.scanners.record import replace
from aibom.waiver import Waiver
from aibom.waiver_edit import Written, add_waivers, as_yaml
from aibom.waiver_file import read_waivers

if TYPE_CHECKING:
    from pathlib import Path

FIRST = Waiver("a-b", "we read the code", "ml@example.org", date(2027, 1, 31), ("x",), "ab" * 32)
SECOND = replace(FIRST, paths=("y",))
LATER = replace(FIRST, reason="read again: 'x'", owner="é\u2028@x", expires=date(2027, 2, 28))
TEXTS = st.text(min_size=10).filter(lambda text: text.strip() == text and len(text) >= 10)


@pytest.fixture
def place(tmp_path: Path) -> Path:
    return tmp_path / "w.yaml"


def read(place: Path) -> tuple[Waiver, ...]:
    return read_waivers(str(place), today=date(2026, 11, 26), max_days=180)


@given(reason=TEXTS, owner=TEXTS, path=TEXTS)
def test_what_is_written_is_read_again_also_when_renewed(
    tmp_path_factory: pytest.TempPathFactory, reason: str, owner: str, path: str
) -> None:
    texts = [text.encode("utf-8", "replace").decode() for text in (reason, owner, path)]
    waiver = replace(FIRST, reason=texts[0], owner=texts[1], paths=(texts[2],), digest="cd" * 32)
    place = tmp_path_factory.mktemp("w") / "w"
    for written in (waiver, replace(waiver, reason=texts[1], owner=texts[0])):
        add_waivers(str(place), [written])
        assert read(place) == (written,)


def test_waivers_are_added_at_the_end_and_once(place: Path) -> None:
    before = "# ours\n" + as_yaml([FIRST]).rstrip("\n")
    place.write_text(before)
    assert add_waivers(str(place), [SECOND, FIRST]) == Written(added=1, unchanged=1)
    assert place.read_text() == f"{before}\n{as_yaml([SECOND])}"
    stamp = place.stat().st_mtime_ns
    assert add_waivers(str(place), [FIRST, SECOND, SECOND]) == Written(unchanged=2)
    assert place.stat().st_mtime_ns == stamp


@pytest.mark.parametrize(
    "before",
    [
        "# ours\n{first}# next\n{second}# end",
        "{second}- reason: |\n    we read\n    the code\n  # of whom\n  rule: a-b\n"
        "  owner: me # x\n  expires: '2027-01-31'\n  paths: x\n  fingerprint: " + "ab" * 32,
        '[{{"rule": a-b, "paths": [x], fingerprint: ' + "ab" * 32 + ", reason: we read it all, "
        "owner: me, expires: 2027-01-31}}]",
        "{first}\r\n",
    ],
    ids=["as written", "by hand", "in brackets", "line ends"],
)
def test_a_waiver_of_the_same_is_renewed_where_it_stands(place: Path, before: str) -> None:
    place.write_text(before.format(first=as_yaml([FIRST]), second=as_yaml([SECOND])), newline="")
    others = [each for each in read(place) if each.paths != ("x",)]
    notes = [line for line in place.read_text().splitlines() if line.lstrip().startswith("#")]
    assert add_waivers(str(place), [LATER]) == Written(renewed=1)
    assert {*read(place)} == {LATER, *others}
    assert all(line in place.read_text() for line in notes)


@pytest.mark.parametrize("changes", [{"rule": "a-c"}, {"digest": "cd" * 32}, {"fingerprint": ""}])
def test_a_waiver_of_anything_else_is_another(place: Path, changes: dict[str, str]) -> None:
    add_waivers(str(place), [FIRST])
    assert add_waivers(str(place), [replace(FIRST, **changes)]) == Written(added=1)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("other: file\n", "no list of waivers; name another file"),
        ('["a label"]\n', "no list of waivers; name another file"),
        ("[{rule: a}]\n", "no plain YAML"),
        (f"  {as_yaml([SECOND]).strip()}".replace("\n", "\n  "), "no plain YAML"),
        ("\ufeff" + as_yaml([FIRST]), "in a way that only a person can change"),
    ],
    ids=["a mapping", "texts", "a list in brackets", "an indented list", "a mark"],
)
def test_a_file_that_cannot_be_changed_stays_as_it_is(place: Path, text: str, why: str) -> None:
    place.write_text(text)
    with pytest.raises(TargetError, match=why):
        add_waivers(str(place), [LATER])
    assert place.read_text() == text
