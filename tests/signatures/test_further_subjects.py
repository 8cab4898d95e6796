"""What a statement vouches for besides the model's files."""

import json

import pytest

from aibom.signatures import check_statement
from aibom.signatures.statement import MAX_FILES, parse_statement
from tests.signatures.examples import BOM, BOM_NAME, FILES, ZEROS, build, code_of, dump
from tests.signatures.test_big_models import many


def check(payload: bytes, files: dict[str, str] | None = None) -> None:
    check_statement(payload, bom_name=BOM_NAME, bom=BOM, files=files or FILES)


IMAGE = "ghcr.io/acme/model"


def test_vouches_for_further_things_by_their_digests() -> None:
    payload = build(further={IMAGE: ZEROS})
    check(payload)
    found = parse_statement(payload, bom_name=BOM_NAME)
    assert (found.files, found.further) == (FILES, {IMAGE: ZEROS})


def test_a_further_thing_is_no_file() -> None:
    payload = build(further={IMAGE: ZEROS})
    assert code_of(lambda: check(payload, files={**FILES, IMAGE: ZEROS})) == "extra-file"
    claims = json.loads(payload)
    del claims["subject"][-1]["annotations"]
    assert code_of(lambda: check(dump(claims))) == "bom-lacks-file"


UNNAMED: dict[str, tuple[dict[str, str], str]] = {
    "called like a file": ({"config.json": ZEROS}, "duplicate-subject"),
    "whose digest is none": ({IMAGE: "abc"}, "digest-algorithm"),
    "whose name leads out": ({"../x": ZEROS}, "bad-name"),
}


@pytest.mark.parametrize(("further", "code"), UNNAMED.values(), ids=UNNAMED)
def test_vouches_for_nothing_further(further: dict[str, str], code: str) -> None:
    assert code_of(lambda: build(further=further)) == code


def test_further_subjects_count_among_the_1024() -> None:
    files, listed = many(MAX_FILES)
    payload = build(bom=listed, files=files, further={"ghcr.io/acme/model": ZEROS})
    assert len(json.loads(payload)["subject"]) == 3
    assert check_statement(payload, bom_name=BOM_NAME, bom=listed, files=files).files == files
