"""Names of licences mean one licence, one of several, or none."""

import pytest

from aibom.scanners.licences.expression import known, parse
from aibom.scanners.licences.ids import Meaning, meaning, plain, table

HUB = 83  # ids in the documentation of the Hub


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("apache-2.0", Meaning(("Apache-2.0",), "Apache-2.0")),
        ("  MIT\n License", Meaning(("MIT",), "MIT")),
        ("c-uda", Meaning(("C-UDA-1.0",), "C-UDA-1.0")),
        ("bsl-1.0", Meaning(("BSL-1.0",), "BSL-1.0")),
        (
            "Llama3.1",
            Meaning(
                ("LicenseRef-scancode-llama-3.1-license-2024",),
                "LicenseRef-scancode-llama-3.1-license-2024",
            ),
        ),
        ("gpl-3.0", Meaning(("GPL-3.0",), "GPL-3.0", is_family=True)),
        ("GPL-3.0-or-later", Meaning(("GPL-3.0",), "GPL-3.0-or-later")),
        ("lgpl", Meaning(("LGPL-2.0", "LGPL-2.1", "LGPL-3.0"), is_family=True)),
        ("mit or gpl-2.0-only", Meaning(("MIT", "GPL-2.0"), "MIT OR GPL-2.0-only")),
        ("other", Meaning(is_blank=True)),
        ("unknown", Meaning(is_blank=True)),
        ("my own licence", Meaning()),
        ("", Meaning()),
        ("m" * 301, Meaning()),
    ],
)
def test_a_name_means_what_its_table_says(name: str, expected: Meaning) -> None:
    assert meaning(name) == expected


def test_every_id_of_the_hub_has_a_meaning() -> None:
    ids = [*table()["one"], *table()["several"], *table()["none"]]
    assert len(ids) == len(set(ids)) == HUB
    assert all(meaning(each).ids or meaning(each).is_blank for each in ids)


def test_every_meaning_is_an_spdx_expression() -> None:
    several = [each for ids in table()["several"].values() for each in ids]
    every = [*table()["one"].values(), *table()["also"].values(), *several]
    assert [each for each in every if parse(each).text != each] == []


def test_the_list_is_in_order_and_holds_exceptions_apart() -> None:
    names = list(known().values())
    assert names.count("MIT") == names.count("+LLVM-exception") == 1
    assert len(set(names)) == len(names)


def test_later_versions_are_left_out_of_comparison() -> None:
    names = ["GPL-2.0+", "AGPL-3.0-only", "GFDL-1.3-or-later", "Apache-2.0", "MIT"]
    assert [plain(name) for name in names] == [
        "GPL-2.0",
        "AGPL-3.0",
        "GFDL-1.3",
        "Apache-2.0",
        "MIT",
    ]
