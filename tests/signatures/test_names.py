"""Names are plain relative paths, and no two are one file on any system."""

import pytest

from aibom.signatures.names import check_distinct, check_name
from tests.signatures.examples import code_of

BAD_NAMES: dict[str, object] = {
    "leads out": "../../etc/passwd",
    "leads out later": "sub/../../x",
    "absolute": "/etc/passwd",
    "backslash": "sub\\x",
    "drive": "C:x",
    "drive and slash": "C:/x",
    "doubled slash": "a//b",
    "ends in a slash": "a/",
    "this folder": ".",
    "this folder, then a name": "./config.json",
    "NUL": "a\0b",
    "newline and escape": "a\n\x1b[31mOK",
    "DEL": "a\x7f",
    "C1 control": "a\x9b31m",
    "half a surrogate pair": "a\ud800",
    "empty": "",
    "missing": None,
    "a number": 7,
    "4097 bytes": "ü" * 2048 + "x",
}


@pytest.mark.parametrize("name", BAD_NAMES.values(), ids=BAD_NAMES)
def test_refuses_names_that_lead_elsewhere_or_write_to_the_terminal(name: object) -> None:
    assert code_of(lambda: check_name(name)) == "bad-name"


@pytest.mark.parametrize("name", ["a", ".gitattributes", "sub/...", "weights v1:2.bin", "é" * 2048])
def test_accepts_what_a_model_may_hold(name: str) -> None:
    assert check_name(name) == name


COLLIDING = {
    "case": ("config.json", "CONFIG.json"),
    "case beyond ASCII": ("straße", "STRASSE"),
    "composed and not": ("caf\u00e9", "cafe\u0301"),
    "both": ("\u01f0", "J\u030c"),
    "a folder's case": ("Sub/a", "sub/a"),
}


@pytest.mark.parametrize(("one", "other"), COLLIDING.values(), ids=COLLIDING)
def test_refuses_two_names_of_one_file(one: str, other: str) -> None:
    assert code_of(lambda: check_distinct(["x", one, other])) == "colliding-names"


def test_accepts_names_that_differ() -> None:
    check_distinct(["config.json", "sub/config.json", "config.jsom"])
